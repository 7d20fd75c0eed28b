// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A small generator of pseudo-random numbers for jitter and simulation: splitmix64 (Steele, Lea, Flood: Fast
 * splittable pseudorandom number generators, OOPSLA 2014). The same seed gives the same numbers on every
 * machine. Not for secrets.
 */

#include <stdint.h>

struct random {
    uint64_t state; /* any value is a good seed */
};

uint64_t random_next(struct random *random);

/* A number in [0, bound); 0 where bound is 0. Its bias is below bound / 2^64. */
uint64_t random_below(struct random *random, uint64_t bound);

/* A number in [low, high], both included. Requires low <= high. */
int64_t random_between(struct random *random, int64_t low, int64_t high);
