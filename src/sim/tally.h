// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a simulated time came to, for people: how long the key was wanted and how long it was on, the longest
 * gap and the longest exposure with what brought them about, and calls by kind. By the site's truth.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "confluence/confluence.h"

/* A stretch of time in which something was not as wished. */
struct tally_worst {
    usec longest, at_true; /* at_true: when that one began */
    const char *cause;     /* the name of the fault that struck last; NULL: none has */
    usec total;
    uint64_t n;
    bool now; /* one is going on, since then */
    usec since_true;
};

struct tally {
    usec wanted, on_wanted; /* on_wanted: wanted and on */
    struct tally_worst gap, exposure;
    uint64_t calls[N_CONFLUENCE_CALLS], failed[N_CONFLUENCE_CALLS];
    uint64_t steps, faults;
    const char *last_fault;
};

/* Time passed in which the key was wanted or not, on or not, and on without right or not. */
void tally_pass(struct tally *tally, usec from_true, usec to_true, bool wanted, bool live, bool exposed);

/* Adds what another simulation came to. */
void tally_add(struct tally *tally, const struct tally *other);
