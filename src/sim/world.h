// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A virtual world in which the real engine runs: machines with clocks and disks, a network, the site, faults.
 * Time jumps from event to event. One seed and one list of faults give one history, byte for byte; the
 * invariants are held against the site's truth all along. Nothing here reads a clock or makes a system call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "policy/policy.h"
#include "sim/faults.h"
#include "sim/invariants.h"
#include "sim/site.h"
#include "sim/strategy.h"
#include "sim/tally.h"
#include "sim/trace.h"

#define WORLD_DAEMONS_MAX  INVARIANTS_DAEMONS_MAX
#define WORLD_POLICIES_MAX 4
#define WORLD_LATENCY_MOST (400 * USEC_PER_MSEC) /* of each way, when all is well */

struct world;

/* All is borrowed until the world is freed. */
struct world_settings {
    const struct policy_site *policies[WORLD_POLICIES_MAX]; /* in force: the first, until a fault reloads */
    size_t n_policies;
    unsigned n_daemons; /* on one account; 1 at least */
    const struct strategy
        *strategy;               /* keeps the key in the engine's place, on the only machine; NULL: none */
    const struct faults *faults; /* sorted */
    struct site_guesses guesses;
    uint64_t seed;
    usec from_true, until_true;
    struct trace trace;
};

enum world_outcome {
    WORLD_BROKEN = 1, /* an invariant: world_breach() says which */
};

/* 0 or -ENOMEM. */
int world_new(const struct world_settings *settings, struct world **ret_world);
struct world *world_free(struct world *world);
DEFINE_CLEANUP(struct world *, world_free);

/* Runs on to that instant, or to the end where it is earlier. 0, WORLD_BROKEN, -ENOMEM. */
int world_run(struct world *world, usec until_true);

const struct breach *world_breach(const struct world *world);
const struct tally *world_tally(const struct world *world);
uint64_t world_digest(const struct world *world); /* of the trace, where it digests */
