// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The breaker: whatever goes wrong above, no site is flooded with keys. At most 3 grants in any 60 s, in any
 * hour three times as many as the duration needs (12 at least), and 150 POSTs. A POST counts as a grant until
 * it is known that it was none; for the minute, a read that finds no key does not tell, for it may lie.
 * DELETE is never held back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

#define BREAKER_GRANTS_PER_MINUTE 3
#define BREAKER_GRANTS_PER_HOUR   12
#define BREAKER_POSTS_PER_HOUR    150

struct breaker {
    usec at_boot[BREAKER_POSTS_PER_HOUR];             /* a ring; a POST's instant, then its reply's */
    uint8_t duration_minutes[BREAKER_POSTS_PER_HOUR]; /* the policy's, when it was sent */
    bool granted[BREAKER_POSTS_PER_HOUR];
    bool open[BREAKER_POSTS_PER_HOUR];      /* no reply has told what came of it */
    bool none_came[BREAKER_POSTS_PER_HOUR]; /* a read has found no key since */
    size_t n, newest;
};

/* A POST goes out, under a policy with keys of so many minutes. */
void breaker_posted(struct breaker *breaker, usec boot, unsigned duration_minutes);

/* The newest POST was settled. */
void breaker_settled(struct breaker *breaker, usec boot, bool granted);

/* The newest POST has no reply that tells what came of it: it counts as a grant. */
void breaker_doubted(struct breaker *breaker, usec boot);

/* The site was read and has no key: those POSTs that no reply has told of made none, if they are so young
 * that no key of theirs can have ended since: a key lives a minute at least, however little the site grants.
 */
#define BREAKER_YOUNG (58 * USEC_PER_SEC)
void breaker_none_came(struct breaker *breaker, usec boot);

/* A key was seen that may be theirs, or one was switched off if there was any: no later read tells of those
 * POSTs any more. */
void breaker_close(struct breaker *breaker);

/* None of them was sent later than that. A ledger may say so of what a clock has dated that was set back
 * since: then all move back together, so that they keep their distances. What goes out, or is settled,
 * implies it of all before. */
void breaker_none_later(struct breaker *breaker, usec boot);

/* The earliest instant, from `boot` on, at which another POST may go out. What a policy of shorter keys has
 * granted in the last hour is not held against a longer one. */
usec breaker_allows(const struct breaker *breaker, usec boot, unsigned duration_minutes);
