// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Limits are counted by the hours alone, as if the key were on through all of them: what people ask for
 * beside them only adds to that.
 */
#include "policy/dates.h"
#include "policy/warn.h"

struct stretch {
    usec from_utc, until_utc;
};

/* What is used of a local day. */
struct day_use {
    int32_t day;
    usec used;
};

/* The first stretch of the hours that ends behind `utc`. */
static bool find_stretch(const struct outlook *outlook, usec utc, struct stretch *ret)
{
    struct calendar_answer answer;

    if (utc >= outlook->until_utc)
        return false;
    calendar_at(outlook->site->calendar, utc, &answer);
    if (!answer.on) {
        utc = outlook_skip_alike(outlook, NULL, answer.until);
        if (utc >= outlook->until_utc)
            return false;
        calendar_at(outlook->site->calendar, utc, &answer);
    }
    *ret = (struct stretch){utc, answer.on ? answer.until : utc};
    return true;
}

static int warn_continuous(const struct outlook *outlook)
{
    usec limit = outlook->site->limit_continuous;
    char from[WALL_TEXT_MAX], cut[WALL_TEXT_MAX];
    struct stretch stretch = {.until_utc = outlook->now_utc};

    if (limit == 0)
        return 0;
    do
        if (!find_stretch(outlook, stretch.until_utc, &stretch))
            return 0;
    while (stretch.until_utc - stretch.from_utc <= limit);
    return outlook_warn(outlook, "limits.continuous", outlook->site->limit_continuous_place,
                        "this cuts the hours that begin at %s: the key goes off at %s, before they end",
                        wall_format(from, zone_wall(outlook->site->zone, stretch.from_utc)),
                        wall_format(cut, zone_wall(outlook->site->zone, stretch.from_utc + limit)));
}

/* Counts the stretch day by day; true where a day's limit is spent inside it, at *ret_spent_utc. */
static bool count_days(const struct policy_site *site, const struct stretch *stretch, struct day_use *use,
                       usec last_utc, usec *ret_spent_utc)
{
    for (usec utc = stretch->from_utc; utc < stretch->until_utc && utc < last_utc;) {
        int32_t day = (int32_t)(zone_wall(site->zone, utc) / USEC_PER_DAY);
        usec midnight_utc = zone_first_reach(site->zone, (day + 1) * USEC_PER_DAY);
        usec until_utc = stretch->until_utc < midnight_utc ? stretch->until_utc : midnight_utc;

        if (day != use->day)
            *use = (struct day_use){.day = day};
        if (use->used + (until_utc - utc) > site->limit_per_day) {
            *ret_spent_utc = utc + (site->limit_per_day - use->used);
            return true;
        }
        use->used += until_utc - utc;
        utc = until_utc;
    }
    return false;
}

static int warn_per_day(const struct outlook *outlook)
{
    const struct policy_site *site = outlook->site;
    struct stretch stretch = {.until_utc = outlook->now_utc};
    struct day_use use = {.day = 0};
    char spent[WALL_TEXT_MAX];
    usec spent_utc;

    if (site->limit_per_day == 0)
        return 0;
    do
        if (!find_stretch(outlook, stretch.until_utc, &stretch))
            return 0;
    while (!count_days(site, &stretch, &use, outlook->until_utc, &spent_utc));
    return outlook_warn(outlook, "limits.per_day", site->limit_per_day_place,
                        "the hours of a day are longer: the key goes off at %s, and stays off until midnight",
                        wall_format(spent, zone_wall(site->zone, spent_utc)));
}

int warn_limits(const struct outlook *outlook)
{
    int r = warn_continuous(outlook);

    return r < 0 ? r : warn_per_day(outlook);
}
