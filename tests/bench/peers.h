// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What an administrator would set up without adminkeyd, one strategy each for the virtual world: a timetable
 * in cron or in systemd's timers, and what it starts, either single calls or a daemon that renews by the
 * rules of a known project. The DELETE at the end of the hours is the timetable's.
 *
 * The set-ups are good ones, and where the text of a unit could do better or worse they do better: after
 * suspend, power loss or a restart only the latest entry of the timetable is made up for, and only what fits
 * the hour; what switches on and what switches off end each other. A daemon's crash is cron's too, and that
 * of the process that systemd runs for a timer; the timers make up for it when the fault ends.
 */

#include "habits.h"
#include "policy/policy.h"
#include "sim/strategy.h"

struct peer_kind {
    const char *name;
    const struct habit *on, *off;
    usec every;             /* an entry so often within the hours; 0: one at their start, for a daemon */
    usec late_on, late_off; /* an entry of the timetable that is met so late is not made up for */
    bool cuts;              /* each call asks for no more than the hours have left */
    bool forgets;           /* what was missed while nothing ran is not made up for */
    usec timeout;           /* of a call */
};

extern const struct peer_kind peer_kinds[]; /* ended by an entry without a name */

struct peer {
    const struct peer_kind *kind;
    const struct policy_site *site;
    usec met_utc;         /* the timetable up to there is done, or lost */
    bool starts;          /* nothing has run since the start */
    usec slept;           /* by this much the monotonic clock is behind the boot clock */
    usec asleep_boot;     /* since then; USEC_INFINITY: awake */
    bool on;              /* the task is to switch on */
    usec wakes_monotonic; /* the task's; USEC_INFINITY: it has nothing to do */
    uint64_t call, calls; /* the one that it waits for, 0: none; and how many it made */
    struct memory memory;
};

void peer_init(struct peer *peer, const struct peer_kind *kind, const struct policy_site *site);
struct strategy peer_strategy(struct peer *peer);
