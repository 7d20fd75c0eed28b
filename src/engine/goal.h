// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the policy wants of the key now, and until when.
 *
 *     goal = (active hours, or maintenance windows) and no exclude
 *
 * A clock that is off never opens or prolongs anything: where this machine's and the site's disagree by more
 * than SITE_CLOCK_DISTRUST, the goal is on only where both say so; where they disagree at all, it ends with
 * the first of them.
 */

#include <stdbool.h>

#include "base/time.h"
#include "engine/cause.h"
#include "policy/policy.h"

struct instant;
struct site_clock;

struct goal {
    bool on;
    bool distrusted; /* off for no other reason than that the clocks disagree */
    usec until_boot; /* when the answer changes next, on the boot clock; USEC_INFINITY: never */
    usec until_utc;  /* the same instant as the policy has it */
    struct cause cause;
};

void goal_at(const struct policy_site *site, const struct site_clock *clock, const struct instant *now,
             struct goal *ret_goal);
