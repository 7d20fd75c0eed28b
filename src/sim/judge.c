// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the judge (invariants.h) is told of the site's key, and of the time that a fault allows a daemon to be
 * late by.
 */
#include "sim/state.h"

void judge_key(struct world *world)
{
    struct truth truth = {
        .live = world->site.live,
        .issuer = world->site.issuer,
        .sent_true = world->site.sent_true,
        .granted_true = world->site.granted_true,
        .ends_true = site_key_ends(&world->site),
        .late = world->site.late,
        .stretch_ends_true = world->site.stretch_ends_true,
    };
    char ends[TIME_TEXT_MAX];

    invariants_key(&world->invariants, &truth);
    for (unsigned i = 1; i <= world->settings.n_daemons; i++)
        world->machines[i].looks = true; /* limits count it */
    if (truth.live)
        trace_say(&world->settings.trace, world->now_true, 0, "the key is live until %s, issued by %u",
                  time_format_rfc3339(ends, truth.ends_true), truth.issuer);
    else
        trace_say(&world->settings.trace, world->now_true, 0, "no key is live");
}

void judge_excuse(struct machine *machine, usec gap_until, usec exposure_until)
{
    struct world *world = machine->world;

    invariants_excuse_gap(&world->invariants, machine->number, gap_until);
    invariants_excuse_exposure(&world->invariants, machine->number, exposure_until);
    if (machine->inspect_true == USEC_INFINITY)
        machine->inspect_true = world->now_true + INVARIANTS_PROGRESS;
}
