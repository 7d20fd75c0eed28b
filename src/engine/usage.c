// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/usage.h"

static int32_t local_day(const struct zone *zone, usec utc)
{
    usec wall = zone_wall(zone, utc);

    return (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
}

void usage_turn_day(struct usage *usage, const struct zone *zone, usec earliest_utc, usec latest_utc)
{
    int32_t begun = local_day(zone, earliest_utc), reached = local_day(zone, latest_utc);

    if (begun > usage->day) {
        usage->day_used = 0;
        usage->day = begun;
    } else if (reached < usage->day) {
        usage->day = reached;
    }
}

/* By the ledger, which knows one clock. */
static void turn_day_to(struct usage *usage, const struct zone *zone, usec utc)
{
    usage_turn_day(usage, zone, utc, utc);
}

usec usage_next_midnight(const struct usage *usage, const struct zone *zone)
{
    return zone_first_reach(zone, (usage->day + 1) * USEC_PER_DAY);
}

void usage_add(struct usage *usage, const struct zone *zone, usec from_utc, usec until_utc)
{
    usec midnight_utc;

    if (until_utc <= from_utc)
        return;
    midnight_utc = zone_first_reach(zone, usage->day * USEC_PER_DAY);
    if (until_utc > midnight_utc)
        usage->day_used += until_utc - usec_max(from_utc, midnight_utc);
    usage->stretch_used += until_utc - from_utc;
}

void usage_begin_stretch(struct usage *usage)
{
    usage->stretch_used = 0;
}

/* A key that is on across the beginning counts on both sides of it. */
void usage_recall_stretch(struct usage *usage, const struct zone *zone, usec stretch_utc)
{
    if (usage->recalling && usage->on_utc < stretch_utc) {
        turn_day_to(usage, zone, stretch_utc);
        usage_add(usage, zone, usage->on_utc, usec_min(stretch_utc, usage->expires_utc));
        usage->on_utc = stretch_utc;
    }
    usage_begin_stretch(usage);
    if (!usage->recalling)
        usage_recall_begun(usage, stretch_utc, stretch_utc);
}

usec usage_recall_begun(struct usage *usage, usec begun_utc, usec now_utc)
{
    usec from_utc = usec_max(usage->on_utc, begun_utc);

    if (usage->expires_utc <= from_utc)
        return now_utc;
    usage->stretch_used = usage->expires_utc - from_utc;
    return from_utc;
}

void usage_recall_off(struct usage *usage, const struct zone *zone, usec at_utc)
{
    if (!usage->recalling)
        return;
    usage->recalling = false;
    usage->expires_utc = usec_min(at_utc, usage->expires_utc);
    turn_day_to(usage, zone, at_utc);
    usage_add(usage, zone, usage->on_utc, usage->expires_utc);
}

void usage_recall_grant(struct usage *usage, const struct zone *zone, usec at_utc, usec expires_utc)
{
    if (usage->recalling && usage->expires_utc < at_utc)
        usage_recall_off(usage, zone, at_utc);
    if (!usage->recalling || usage->on_utc > at_utc)
        usage->on_utc = at_utc;
    usage->recalling = true;
    usage->expires_utc = expires_utc;
}

void usage_recall_intent(struct usage *usage, const struct zone *zone, usec at_utc, unsigned minutes)
{
    usec expires_utc = at_utc + (usec)minutes * USEC_PER_MINUTE;

    usage->before_utc = usage->recalling ? usage->expires_utc : at_utc;
    if (usage->recalling && usage->expires_utc > expires_utc)
        expires_utc = usage->expires_utc;
    usage_recall_grant(usage, zone, at_utc, expires_utc);
}

void usage_recall_refusal(struct usage *usage)
{
    usage->expires_utc = usage->before_utc;
}

void usage_recall_used(struct usage *usage, usec at_utc, int32_t day, usec day_used, usec stretch_used)
{
    usage->day = day;
    usage->day_used = day_used;
    usage->stretch_used = stretch_used;
    if (usage->recalling && usage->on_utc < at_utc)
        usage->on_utc = at_utc;
}
