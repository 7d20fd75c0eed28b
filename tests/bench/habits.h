// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How others keep something alive that expires: when each calls again after a call that went well, or did
 * not. The rules are theirs, read in the sources that habits.c names; the code is not.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "confluence/confluence.h"

enum happening {
    HAPPENED_BEGUN, /* the task begins */
    HAPPENED_DONE,  /* the call went well, as far as it can tell */
    HAPPENED_FAILED,
    HAPPENED_SLEPT, /* the time that it wanted to wait is over */
};

struct moment {
    usec monotonic, utc; /* its machine's; the monotonic clock stands still in suspend */
    struct random random;
    const struct confluence_reply *reply; /* of a call that is done or has failed */
};

/* What it remembers of one task; each uses what it needs. */
struct memory {
    unsigned attempt;
    usec since_monotonic; /* the task's, or the lease's, beginning */
    usec lease, prior, grace, delay, login_delay;
    bool logged_in;
    usec expires_utc;
};

/* How long to wait now; 0: call at once; USEC_INFINITY: for nothing but the timetable. */
typedef usec habit_next(struct memory *memory, enum happening happened, struct moment *moment);

struct habit {
    habit_next *next;
    bool (*is_done)(const struct confluence_reply *reply);
};

extern const struct habit habit_curl;    /* curl --fail --retry 5 --retry-all-errors --retry-max-time 120 */
extern const struct habit habit_unit;    /* curl --fail in a service with Restart=on-failure, RestartSec=30 */
extern const struct habit habit_openbao; /* its agent */
extern const struct habit habit_vault;
extern const struct habit habit_tbot;   /* credential_ttl of 60 minutes, renewal_interval of 20 */
extern const struct habit habit_krenew; /* krenew -i -K 10 */
