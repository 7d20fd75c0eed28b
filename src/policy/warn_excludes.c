// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An exclude cuts and nothing else. One of whole days ends at midnight, and a night that started on such a
 * day goes on from there: right by the rule, and rarely what was meant.
 */
#include <errno.h>
#include <stdlib.h>

#include "calendar/window.h"
#include "policy/dates.h"
#include "policy/warn.h"

#define SECONDS_PER_DAY 86400
#define DATE_SIZE       sizeof("2026-12-24") /* and the space behind it */

/* The window of the day before that holds the wall time, and passes midnight; the longest. */
static bool find_night(const struct interval *interval, usec wall, usec *ret_from_wall, usec *ret_until_wall)
{
    int32_t days = (int32_t)(wall / USEC_PER_DAY) - 1;
    usec midnight = days * USEC_PER_DAY;
    bool found = false;

    if (interval->absolute || !window_starts_on(interval, days))
        return false;
    for (size_t i = 0; i < interval->n_times; i++) {
        usec until_wall = midnight + interval->times[i].end * USEC_PER_SEC;

        if (until_wall <= wall || (found && until_wall <= *ret_until_wall))
            continue;
        *ret_from_wall = midnight + interval->times[i].start * USEC_PER_SEC;
        *ret_until_wall = until_wall;
        found = true;
    }
    return found;
}

static int warn_rest(const struct outlook *outlook, const struct interval *exclude, usec cut_utc,
                     const struct interval *window, usec from_wall, usec until_wall)
{
    char from[WALL_TEXT_MAX], rest_from[WALL_TEXT_MAX], rest_until[WALL_TEXT_MAX];

    wall_format(from, from_wall);
    wall_format(rest_from, zone_wall(window->zone, cut_utc));
    wall_format(rest_until, until_wall);
    if (exclude->absolute)
        return outlook_warn_interval(
            outlook, exclude,
            "this cuts the window of %s (line %u), and leaves its rest from %s to %s: "
            "write a later until to cut that too",
            from, window->line, rest_from, rest_until);
    return outlook_warn_interval(
        outlook, exclude,
        "this cuts the window of %s (line %u), and leaves its rest from %s to %s: to "
        "cut that too, add an exclude on the same days with times '%s-%s'",
        from, window->line, rest_from, rest_until, from + DATE_SIZE, rest_until + DATE_SIZE);
}

static bool is_midnight(const struct zone *zone, usec utc)
{
    usec wall = zone_reached(zone, utc);

    return zone_first_reach(zone, wall - wall % USEC_PER_DAY) == utc; /* also where the clock skips 00:00 */
}

/* What is on behind the cut is judged: what another window keeps on anyway surprises nobody. */
static int warn_cut(const struct outlook *outlook, const struct cut *cut, const struct interval *exclude,
                    bool *warned)
{
    struct calendar_answer answer;
    usec from_wall, until_wall;

    if (*warned || !is_midnight(exclude->zone, cut->until_utc))
        return 0;
    calendar_at(outlook->site->calendar, cut->until_utc, &answer);
    if (!answer.on ||
        !find_night(answer.because, zone_reached(answer.because->zone, cut->until_utc), &from_wall,
                    &until_wall) ||
        zone_first_reach(answer.because->zone, from_wall) < cut->from_utc)
        return 0;
    *warned = true;
    return warn_rest(outlook, exclude, cut->until_utc, answer.because, from_wall, until_wall);
}

static bool has_nights(const struct interval *intervals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; intervals[i].kind != INTERVAL_EXCLUDE && j < intervals[i].n_times; j++)
            if (intervals[i].times[j].end > SECONDS_PER_DAY)
                return true;
    return false;
}

int warn_excludes(const struct outlook *outlook)
{
    const struct calendar *calendar = outlook->site->calendar;
    size_t n;
    const struct interval *intervals = calendar_intervals(calendar, &n);
    _cleanup_free_ bool *warned = NULL; /* an exclude each */
    struct calendar_answer answer;
    int r = 0;

    if (outlook->n_cuts == 0 || !has_nights(intervals, n))
        return 0;
    warned = calloc(n, sizeof(*warned));
    if (!warned)
        return -ENOMEM;
    for (size_t i = 0; i < outlook->n_cuts && r == 0; i++) {
        const struct cut *cut = &outlook->cuts[i];

        if (cut->until_utc == USEC_INFINITY)
            break;
        calendar_excluded_at(calendar, cut->until_utc - 1, &answer); /* because of the one that ends it */
        r = warn_cut(outlook, cut, answer.because, &warned[answer.because - intervals]);
    }
    return r;
}
