// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a campaign runs: policies, daemons, the site's habits and faults, all drawn from one seed. The
 * policies are made as text and read by the policy's own reader. Also the shortest list of faults that still
 * breaks something.
 */

#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "calendar/zone.h"
#include "policy/policy.h"
#include "sim/faults.h"
#include "sim/world.h"

#define SCENARIO_POLICIES 2

struct scenario {
    uint64_t seed;
    struct bytes yaml[SCENARIO_POLICIES];
    struct policy *policies[SCENARIO_POLICIES];
    unsigned n_daemons;
    struct site_guesses guesses;
    usec from_true, until_true;
    struct faults faults;
};

/* 0, -EBADMSG where the reader refuses the text (a bug), a negative errno of the zones, -ENOMEM. */
int scenario_draw(uint64_t seed, enum faults_profile profile, const struct zone_reader *zones,
                  struct scenario **ret_scenario);
struct scenario *scenario_free(struct scenario *scenario);
DEFINE_CLEANUP(struct scenario *, scenario_free);

/* Runs it with these faults. 0, WORLD_BROKEN, -ENOMEM. All but the result may be NULL. */
int scenario_run(const struct scenario *scenario, const struct faults *faults, struct trace *trace,
                 struct tally *ret_tally, struct breach *ret_breach);

/* Cuts the faults of a scenario that breaks an invariant down to a list of which none can be left out (ddmin:
 * A. Zeller, R. Hildebrandt, Simplifying and isolating failure-inducing input, 2002). 0 or -ENOMEM. */
int scenario_shrink(const struct scenario *scenario, enum invariant invariant, struct faults *ret_faults);
