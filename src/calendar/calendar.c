// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/calendar.h"

#include <errno.h>
#include <stdlib.h>

#include "calendar/set.h"
#include "calendar/window.h"

struct calendar {
    struct interval *intervals;
    size_t n;
    struct set windows, excludes;
    usec weekly_from; /* UTC: from then on only one zone's weekdays and times count; else USEC_INFINITY */
};

static usec clamp_utc(usec utc)
{
    return utc < WINDOW_UTC_FIRST ? WINDOW_UTC_FIRST : utc > WINDOW_UTC_LAST ? WINDOW_UTC_LAST : utc;
}

/* What does not change before this instant never changes. */
static usec horizon(const struct calendar *calendar, usec utc)
{
    usec from = utc > calendar->weekly_from ? utc : calendar->weekly_from;

    return from < WINDOW_UTC_LAST - WINDOW_WEEKS ? from + WINDOW_WEEKS : USEC_INFINITY;
}

/* The first instant at or after this one, off now, at which it is on; at `limit` or later, it does not matter
 * when. Excludes are followed no further than the windows that they cut. */
static usec next_on(const struct calendar *calendar, usec utc, usec limit)
{
    while (utc < limit) {
        usec end = set_covers(&calendar->windows, utc), free_from;

        if (end == utc) {
            utc = set_next(&calendar->windows, utc, limit);
            continue;
        }
        free_from = set_until(&calendar->excludes, utc, end);
        if (free_from < end)
            return free_from < limit ? free_from : USEC_INFINITY;
        utc = free_from;
    }
    return USEC_INFINITY;
}

/* The end of what is on now, as next_on() has its start. */
static usec next_off(const struct calendar *calendar, usec utc, usec limit)
{
    usec cut = set_next(&calendar->excludes, utc, limit);
    usec end = set_until(&calendar->windows, utc, cut < limit ? cut : limit);

    end = cut < end ? cut : end;
    return end < limit ? end : USEC_INFINITY;
}

/* Whether it is on, and the first instant after this one, before `limit`, at which that changes; else
 * USEC_INFINITY. */
static bool look(const struct calendar *calendar, usec utc, usec limit, usec *ret_until)
{
    bool on = set_covers(&calendar->windows, utc) > utc && set_covers(&calendar->excludes, utc) == utc;

    *ret_until = on ? next_off(calendar, utc, limit) : next_on(calendar, utc, limit);
    return on;
}

void calendar_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer)
{
    struct calendar_answer answer = {0};

    utc = clamp_utc(utc);
    answer.on = look(calendar, utc, horizon(calendar, utc), &answer.until);
    answer.because = set_because(&calendar->windows, utc);
    if (!answer.on && answer.because)
        answer.because = set_because(&calendar->excludes, utc);
    *ret_answer = answer;
}

void calendar_excluded_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer)
{
    struct calendar excludes = {.windows = calendar->excludes, .weekly_from = calendar->weekly_from};

    calendar_at(&excludes, utc, ret_answer);
}

static usec calendar_until(const struct calendar *calendar, usec utc)
{
    struct calendar_answer answer;

    calendar_at(calendar, utc, &answer);
    return answer.until;
}

/* The first instant after this one, up to `last`, at which the answer changes; else USEC_INFINITY. */
static usec next_change(const struct calendar *calendar, usec utc, usec last)
{
    usec until;

    (void)look(calendar, utc, last + 1, &until);
    return until;
}

/* An instant before this one between which and this one the answer changes; WINDOW_UTC_FIRST where it never
 * did. */
static usec before_last_change(const struct calendar *calendar, usec utc)
{
    for (usec reach = USEC_PER_DAY; utc - reach > WINDOW_UTC_FIRST; reach *= 2)
        if (next_change(calendar, utc - reach, utc) <= utc)
            return utc - reach;
    return WINDOW_UTC_FIRST;
}

/* A question about an earlier instant gives a change that lies behind it: halve what is left until the last
 * one up to `utc` is known. No change lies between `high` and `utc`. */
usec calendar_since(const struct calendar *calendar, usec utc)
{
    usec since = -USEC_INFINITY, low, high;

    utc = high = clamp_utc(utc);
    low = before_last_change(calendar, utc);
    for (;;) {
        usec change = next_change(calendar, low, utc), middle;

        if (change > utc)
            return since;
        since = low = change;
        middle = low + (high - low) / 2;
        change = next_change(calendar, middle, utc);
        if (change > utc)
            high = middle;
        else
            since = low = change;
    }
}

static usec weekly_from(const struct interval *intervals, size_t n)
{
    const struct zone *zone = NULL;
    usec from = WINDOW_UTC_FIRST;

    for (size_t i = 0; i < n; i++) {
        const struct interval *interval = &intervals[i];
        usec last = interval_last_wall(interval);

        if (last != USEC_INFINITY) {
            usec last_utc = zone_first_reach(interval->zone, last);

            from = last_utc > from ? last_utc : from;
        } else if (!interval_is_weekly(interval) || (zone && zone != interval->zone)) {
            return USEC_INFINITY;
        } else {
            zone = interval->zone;
        }
    }
    return from;
}

usec calendar_weekly_from(const struct calendar *calendar, const struct zone **ret_zone)
{
    *ret_zone = NULL;
    for (size_t i = 0; i < calendar->n && !*ret_zone; i++)
        if (interval_is_weekly(&calendar->intervals[i]))
            *ret_zone = calendar->intervals[i].zone;
    return calendar->weekly_from;
}

/* As calendar_at and calendar_since have it, for one interval of any kind. */
bool interval_at(const struct interval *interval, usec utc, usec *ret_from, usec *ret_until)
{
    struct calendar alone = {
        .windows = {.intervals = &interval, .n = 1, .rules = interval, .n_rules = 1},
        .weekly_from = weekly_from(interval, 1),
    };
    struct calendar_answer answer;
    usec from, until = USEC_INFINITY;

    calendar_at(&alone, utc, &answer);
    if (answer.on) {
        from = ret_from ? calendar_since(&alone, utc) : 0;
        until = answer.until;
    } else {
        from = answer.until;
        if (ret_until && from != USEC_INFINITY)
            until = calendar_until(&alone, from);
    }
    if (ret_from)
        *ret_from = from;
    if (ret_until)
        *ret_until = until;
    return answer.on;
}

int calendar_new(struct interval *intervals, size_t n_intervals, struct calendar **ret_calendar)
{
    _cleanup_(calendar_freep) struct calendar *calendar = NULL;
    int r;

    if (n_intervals > CALENDAR_INTERVALS_MAX)
        return -E2BIG;
    calendar = calloc(1, sizeof(*calendar));
    if (!calendar)
        return -ENOMEM;
    r = set_init(&calendar->windows, intervals, n_intervals, false);
    if (r == 0)
        r = set_init(&calendar->excludes, intervals, n_intervals, true);
    if (r < 0)
        return r;
    calendar->intervals = intervals;
    calendar->n = n_intervals;
    calendar->weekly_from = weekly_from(intervals, n_intervals);
    *ret_calendar = steal_pointer(&calendar);
    return 0;
}

struct calendar *calendar_free(struct calendar *calendar)
{
    if (!calendar)
        return NULL;
    for (size_t i = 0; i < calendar->n; i++)
        interval_done(&calendar->intervals[i]);
    free(calendar->intervals);
    set_done(&calendar->windows);
    set_done(&calendar->excludes);
    free(calendar);
    return NULL;
}

const struct interval *calendar_intervals(const struct calendar *calendar, size_t *ret_n)
{
    *ret_n = calendar->n;
    return calendar->intervals;
}
