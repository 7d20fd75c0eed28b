// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One seed, run: once, or twice with the traces compared (I9).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario.h"

extern const struct zone_reader seed_zones; /* the system's */

/* 0, WORLD_BROKEN with the breach, or a negative errno. `ret_scenario` is the caller's to free; all but it
 * and the breach may be NULL. */
int seed_run(uint64_t seed, enum faults_profile profile, bool twice, struct scenario **ret_scenario,
             struct tally *ret_tally, struct breach *ret_breach);

/* The bytes that this process has allocated (I10). What the C library keeps for itself counts, and has a
 * bound: */
#define SEED_HEAP_NOISE ((size_t)256 * 1024)
size_t seed_heap(void);
