// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What one site's policy is looked at with when its future is judged: the stretch of time, and where warnings
 * go. Inside policy/ only; from outside it is policy_warn().
 */

#include <stdbool.h>

#include "base/time.h"
#include "calendar/interval.h"
#include "policy/policy.h"
#include "policy/problem.h"

/* A stretch of time that excludes take out; no two of them touch. */
struct cut {
    usec from_utc, until_utc;
};

#define OUTLOOK_CUTS_MAX 100000 /* what comes behind the last one is taken for not excluded */

struct outlook {
    const struct policy_site *site;
    usec now_utc, until_utc;
    struct cut *cuts; /* owned; in their order */
    size_t n_cuts;
    struct problems *problems;
};

/* 0 or -ENOMEM. */
int outlook_init(struct outlook *outlook, const struct policy_site *site, usec now_utc, usec until_utc,
                 struct problems *problems);
void outlook_done(struct outlook *outlook);

/* Where weeks that are alike lie ahead, the first instant near a clock change behind them; else this instant.
 * Of weeks that are alike two are looked at, and one before and one behind each change. Alike are those of
 * the site's calendar together with those of `other`, which may be NULL. */
usec outlook_skip_alike(const struct outlook *outlook, const struct calendar *other, usec utc);

/* The cut that holds the instant, or NULL. */
const struct cut *outlook_cut_at(const struct outlook *outlook, usec utc);

/* A warning about one key of the site ("renewal.windows"), or about one of its intervals, which the message
 * calls by its line where it needs another. 0 or -ENOMEM. */
int outlook_warn(const struct outlook *outlook, const char *key, struct policy_place place,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
int outlook_warn_interval(const struct outlook *outlook, const struct interval *interval, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));
