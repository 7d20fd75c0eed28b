// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The accounts of the site, and the one admin key that each may have. All calls are made under the site's
 * lock.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"
#include "options.h"

struct account {
    char *user;
    char *authorization; /* the header that it sends: "Basic ..." */
    bool admin;
    bool scoped;  /* a token with scopes, which the site's own URL does not accept */
    bool live;    /* as last logged; the truth is accounts_is_live() */
    usec expires; /* the site's clock */
};

struct accounts {
    struct account list[OPTIONS_ACCOUNTS_MAX];
    size_t n;
};

struct site;

/* 0, -EINVAL for words that are not E-MAIL:TOKEN:admin|member, -ENOMEM. */
int accounts_init(struct accounts *accounts, const struct options *options);
void accounts_done(struct accounts *accounts);

/* NULL: none with this header, or of this name. */
struct account *accounts_by_authorization(struct accounts *accounts, const char *authorization);
struct account *accounts_by_user(struct accounts *accounts, const char *user);

bool accounts_is_live(const struct site *site, const struct account *account);

/* Enables, renews or disables (0 minutes) the key, and logs what changed; `by` is "call" or "other". */
void accounts_switch(struct site *site, struct account *account, usec expires, const char *by);

/* Logs the keys that have expired. Returns how long until the next one does, in true time; USEC_INFINITY:
 * none. */
usec accounts_expire(struct site *site);
