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
    struct tally_worst lapse; /* a gap while the machine is awake and what keeps the key runs */
    usec unattended;          /* on while it is not so */
    uint64_t calls[N_CONFLUENCE_CALLS], failed[N_CONFLUENCE_CALLS];
    uint64_t steps, faults;
    const char *last_fault;
};

/* How things stood while time passed. */
struct tally_state {
    bool wanted, live;
    bool exposed; /* on without right */
    bool up;      /* the machine is awake, and what keeps the key runs */
};
void tally_pass(struct tally *tally, usec from_true, usec to_true, const struct tally_state *state);

/* Adds what another simulation came to. */
void tally_add(struct tally *tally, const struct tally *other);
