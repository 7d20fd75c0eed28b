// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is wanted of the key now, and until when.
 *
 *     goal = ((active hours, or maintenance windows, or holds), but no exclude, no disable, no spent limit),
 *            or break-glass
 *
 * Holds count inside the hours only, unless the policy says outside_hours. A clock that is off never opens or
 * prolongs anything: where this machine's and the site's disagree by more than SITE_CLOCK_DISTRUST, the goal
 * is on only where both say so; where they disagree at all, it ends with the first of them.
 */

#include <stdbool.h>

#include "base/time.h"
#include "engine/cause.h"
#include "engine/demand.h"
#include "engine/usage.h"
#include "policy/policy.h"

struct instant;
struct site_clock;

struct goal {
    bool on;
    bool distrusted;        /* off for no other reason than that the clocks disagree */
    bool wanted;            /* on, but for limits: the stretch that limit_continuous counts */
    usec wanted_until_boot; /* the end of that stretch, as far as it was looked for */
    usec until_boot;        /* when the answer changes next, on the boot clock; USEC_INFINITY: never */
    usec until_utc;         /* the same instant as the policy has it */
    struct cause cause;
};

/* What the goal depends on. `live`: a key is on, so that a limit is spent to its end; else less than a minute
 * of it is of no use. */
struct goal_question {
    const struct policy_site *site;
    const struct demand *demand;
    const struct usage *usage;
    const struct site_clock *clock;
    bool live;
};

void goal_at(const struct goal_question *question, const struct instant *now, struct goal *ret_goal);

/* What limits leave of a stretch that is on, and of the local day; USEC_INFINITY: no limit. */
usec goal_left_of_stretch(const struct goal_question *question);
usec goal_left_of_day(const struct goal_question *question);
