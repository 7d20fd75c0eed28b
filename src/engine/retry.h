// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What follows a call that was not done: when the next may go out, which verdicts that may lie for a minute
 * are to be believed, and what people are told. Two lanes that never hold each other up: switching on (GET,
 * POST) and switching off (DELETE).
 */

#include <stdbool.h>

#include "base/random.h"
#include "base/time.h"
#include "confluence/confluence.h"

#define RETRY_FIRST         USEC_PER_SEC        /* doubling from here ... */
#define RETRY_MOST          (60 * USEC_PER_SEC) /* ... to here for GET and POST */
#define RETRY_MOST_DELETE   (15 * USEC_PER_SEC) /* and to here for DELETE */
#define RETRY_BLOCKED_LEAST (5 * USEC_PER_MINUTE)
#define RETRY_BLOCKED_MOST  (15 * USEC_PER_MINUTE)
#define RETRY_HURRY         (10 * USEC_PER_SEC)  /* a network that comes and goes cuts delays no more often */
#define RETRY_CONFIRMATIONS 3                    /* a doubtful verdict must be seen so often ... */
#define RETRY_CONFIRM_401   (60 * USEC_PER_SEC)  /* ... over at least this */
#define RETRY_CONFIRM_4XX   (120 * USEC_PER_SEC) /* 403, 404 */

struct retry {
    unsigned attempts[N_CONFLUENCE_CALLS]; /* in a row without success */
    usec next_boot[N_CONFLUENCE_CALLS];    /* not before */
    enum confluence_call failing;          /* while failures > 0: the call that failed last */
    usec floor_boot[N_CONFLUENCE_CALLS];   /* Retry-After, for the call that it answered */
    unsigned failures;                     /* calls in a row that were not done */
    bool blocked;                          /* by `verdict`, until people mend it */
    struct {
        enum verdict verdict;
        unsigned seen;
        usec since_boot;
    } suspicion;
    enum verdict verdict; /* of the last failure, confirmed or not; while failures > 0 */
    usec hurried_boot;    /* by retry_hurry() for the last time, or to come; 0: never */
};

/* Forgets everything but the floors of Retry-After: the policy or the token changed. */
void retry_reset(struct retry *retry);

/* The call was done. Floors of Retry-After stay. A GET ends its own failures only: the site reads to those,
 * too, whom it lets switch nothing. */
void retry_succeeded(struct retry *retry, enum confluence_call call);

/* The call failed. `live_for` is what is left of the live key's life, USEC_INFINITY where none is live: while
 * one is, no delay is beyond a quarter of that, but a second at least. Returns the verdict to go by: the
 * reply's, or the one that it only hinted at, once confirmed. */
enum verdict retry_failed(struct retry *retry, enum confluence_call call,
                          const struct confluence_reply *reply, usec now_boot, usec live_for,
                          struct random *random);

/* The earliest instant at which that call may go out. */
usec retry_allows(const struct retry *retry, enum confluence_call call);

/* There may be a way to the site again: what failed for want of one goes out at once, and backs off from the
 * beginning. Once in RETRY_HURRY at most: more often, and it goes out at the end of that time. Floors stay,
 * and so do the delays after what the site itself said. */
void retry_hurry(struct retry *retry, usec now_boot);

/* What failed does not matter any more: it is not wanted. Whether the site lets us in, the next call tells.
 */
void retry_forgive(struct retry *retry);

/* The next call goes out at once, whatever failed before: what is wanted has changed. */
void retry_fresh(struct retry *retry, enum confluence_call call);
