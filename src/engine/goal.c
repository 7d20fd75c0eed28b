// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/goal.h"

#include "engine/engine.h"
#include "engine/site_clock.h"

static enum cause_kind kind_of(enum interval_kind kind)
{
    switch (kind) {
    case INTERVAL_ACTIVE_HOURS: return CAUSE_ACTIVE_HOURS;
    case INTERVAL_MAINTENANCE_WINDOW: return CAUSE_MAINTENANCE_WINDOW;
    case INTERVAL_EXCLUDE: return CAUSE_EXCLUDE;
    case INTERVAL_RENEWAL_WINDOW: break; /* is in no calendar of goals */
    }
    return CAUSE_NONE;
}

static struct cause cause_of(const struct calendar_answer *answer)
{
    struct cause cause = {.kind = CAUSE_NONE, .until_utc = answer->until};

    if (answer->because) {
        cause.kind = kind_of(answer->because->kind);
        cause.name = answer->because->name;
        cause.reason = answer->because->reason;
        cause.line = answer->because->line;
    }
    return cause;
}

/* The boot clock's reading when a clock that reads `reading` now will read `at`. */
static usec boot_when(usec at, usec reading, usec boot)
{
    return at == USEC_INFINITY ? USEC_INFINITY : boot + (at - reading);
}

void goal_at(const struct policy_site *site, const struct site_clock *clock, const struct instant *now,
             struct goal *ret_goal)
{
    usec offset = site_clock_offset(clock, now);
    struct site_time site_now = site_clock_now(clock, now);
    struct calendar_answer here, there;
    usec here_boot, there_boot;

    calendar_at(site->calendar, now->utc, &here);
    here_boot = boot_when(here.until, now->utc, now->boot);
    *ret_goal = (struct goal){
        .on = here.on,
        .until_boot = here_boot,
        .until_utc = here.until,
        .cause = cause_of(&here),
    };
    if (offset == 0)
        return;

    calendar_at(site->calendar, site_now.latest, &there);
    there_boot = boot_when(there.until, site_now.latest, now->boot);
    if (offset > SITE_CLOCK_DISTRUST || offset < -SITE_CLOCK_DISTRUST) {
        ret_goal->on = here.on && there.on;
        ret_goal->distrusted = here.on && !there.on;
    } else if (!here.on || !there.on) {
        return;
    }
    if (there_boot < here_boot) {
        ret_goal->until_boot = there_boot;
        ret_goal->until_utc = there.until;
    }
}
