// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/window.h"
#include "policy/dates.h"
#include "policy/warn.h"

#define SECONDS_PER_DAY 86400

/* A window of which a clock change leaves less than the minute that a key takes at least. */
struct squeezed {
    usec from_wall;
    usec until_wall; /* as written; both are local time */
    usec clock_wall; /* what the clock reads after the change */
    usec left;       /* of the window */
};

static int32_t floor_days(usec wall)
{
    return (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
}

static usec window_length(const struct interval *interval, usec from_wall, usec until_wall)
{
    return zone_first_reach(interval->zone, until_wall) - zone_first_reach(interval->zone, from_wall);
}

/* The first of the windows that start on that date. */
static bool squeezed_on(const struct interval *interval, int32_t days, struct squeezed *ret)
{
    static const struct interval_times whole_day = {0, SECONDS_PER_DAY};
    const struct interval_times *times = interval->n_times > 0 ? interval->times : &whole_day;
    size_t n = interval->n_times > 0 ? interval->n_times : 1;

    if (!window_starts_on(interval, days))
        return false;
    for (size_t i = 0; i < n; i++) {
        usec from_wall = days * USEC_PER_DAY + times[i].start * USEC_PER_SEC;
        usec until_wall = days * USEC_PER_DAY + times[i].end * USEC_PER_SEC;
        usec left = window_length(interval, from_wall, until_wall);

        if (left < USEC_PER_MINUTE) {
            *ret = (struct squeezed){.from_wall = from_wall, .until_wall = until_wall, .left = left};
            return true;
        }
    }
    return false;
}

/* The first that a clock change squeezes. Only clocks turned forward do that, and only to windows that start
 * in the time that is skipped, or within a minute before it. */
static bool find_squeezed(const struct outlook *outlook, const struct interval *interval,
                          struct squeezed *ret)
{
    const struct zone_transition *change = zone_next_transition(interval->zone, outlook->now_utc);

    for (; change && change->utc < outlook->until_utc;
         change = zone_next_transition(interval->zone, change->utc)) {
        usec skipped_wall = change->utc + change->offset_before * USEC_PER_SEC;
        usec clock_wall = change->utc + change->offset * USEC_PER_SEC;

        for (int32_t days = floor_days(skipped_wall - USEC_PER_MINUTE);
             skipped_wall < clock_wall && days <= floor_days(clock_wall - 1); days++)
            if (squeezed_on(interval, days, ret)) {
                ret->clock_wall = clock_wall;
                return true;
            }
    }
    return false;
}

static int warn_squeezed(const struct outlook *outlook, const struct interval *interval,
                         const struct squeezed *squeezed)
{
    char from[WALL_TEXT_MAX], clock[WALL_TEXT_MAX], left[DURATION_TEXT_MAX];

    wall_format(from, squeezed->from_wall);
    wall_format(clock, squeezed->clock_wall);
    if (squeezed->left == 0)
        return outlook_warn_interval(
            outlook, interval,
            "the window of %s does not happen, for the clock skips all of it: let it "
            "end after %s if it must",
            from, clock);
    return outlook_warn_interval(outlook, interval,
                                 "the clock change leaves %s of the window of %s, and a key takes a minute: "
                                 "let it end later if it must happen",
                                 duration_format(left, squeezed->left), from);
}

/* One stretch is judged as it is, clock change or not. */
static int warn_short(const struct outlook *outlook, const struct interval *interval)
{
    usec left = window_length(interval, interval->from_wall, interval->until_wall);
    char text[DURATION_TEXT_MAX];

    if (left >= USEC_PER_MINUTE)
        return 0;
    return outlook_warn_interval(outlook, interval,
                                 "this window lasts %s, and a key takes a minute: write a later until",
                                 duration_format(text, left));
}

/* Whether any of its windows, of which one is open at that instant, is more than the excludes cover. */
static bool is_left(const struct outlook *outlook, const struct interval *interval, usec utc)
{
    while (utc < outlook->until_utc) {
        const struct cut *cut = outlook_cut_at(outlook, utc);

        if (!cut)
            return true;
        if (cut->until_utc >= outlook->until_utc)
            return false;
        if (interval_at(interval, cut->until_utc, &utc, NULL))
            return true;
    }
    return false;
}

/* The first exclude that covers the instant, which one does. */
static const struct interval *find_exclude(const struct outlook *outlook, usec utc)
{
    size_t n;
    const struct interval *exclude = calendar_intervals(outlook->site->calendar, &n);

    while (exclude->kind != INTERVAL_EXCLUDE || !interval_at(exclude, utc, NULL, NULL))
        exclude++;
    return exclude;
}

static int warn_excluded(const struct outlook *outlook, const struct interval *interval, usec opens_utc)
{
    char opens[WALL_TEXT_MAX];

    if (opens_utc >= outlook->until_utc || is_left(outlook, interval, opens_utc))
        return 0;
    return outlook_warn_interval(outlook, interval,
                                 "the excludes leave nothing of this window for ten years: the one on line "
                                 "%u covers %s, when it would "
                                 "be open next",
                                 find_exclude(outlook, opens_utc)->line,
                                 wall_format(opens, zone_wall(interval->zone, opens_utc)));
}

static int warn_interval(const struct outlook *outlook, const struct interval *interval)
{
    bool is_exclude = interval->kind == INTERVAL_EXCLUDE;
    struct squeezed squeezed;
    usec opens_utc;

    if (interval_at(interval, outlook->now_utc, &opens_utc, NULL))
        opens_utc = outlook->now_utc;
    if (!is_exclude && !interval->absolute && find_squeezed(outlook, interval, &squeezed))
        return warn_squeezed(outlook, interval, &squeezed);
    if (opens_utc == USEC_INFINITY)
        return outlook_warn_interval(outlook, interval, "nothing of this %s is to come: take it out",
                                     is_exclude ? "exclude" : "window");
    if (is_exclude)
        return 0;
    if (interval->kind != INTERVAL_RENEWAL_WINDOW) {
        int r = warn_excluded(outlook, interval, opens_utc);

        if (r < 0)
            return r;
    }
    return interval->absolute ? warn_short(outlook, interval) : 0;
}

static int warn_calendar(const struct outlook *outlook, const struct calendar *calendar)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(calendar, &n);
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++)
        r = warn_interval(outlook, &intervals[i]);
    return r;
}

int warn_windows(const struct outlook *outlook)
{
    int r = warn_calendar(outlook, outlook->site->calendar);

    if (r == 0 && outlook->site->renewal_windows)
        r = warn_calendar(outlook, outlook->site->renewal_windows);
    return r;
}
