// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/calendar.h"

#include <errno.h>
#include <stdlib.h>

#include "calendar/window.h"

/* Instants beyond these are answered as these; two days from the edge of the dates, so that no zone matters.
 */
#define UTC_FIRST (2 * USEC_PER_DAY)
#define UTC_LAST  ((date_to_days((struct date){WINDOW_YEAR_LAST, 12, 31}) - 2) * USEC_PER_DAY)

/* Intervals as one: on where any of them is. Those of one zone stand together. */
struct set {
    const struct interval **intervals; /* each borrowed */
    size_t n;
};

struct calendar {
    struct interval *intervals;
    size_t n;
    const struct interval **sorted; /* the two sets, one behind the other */
    struct set windows, excludes;
};

/* What one look at a set says of one instant, in UTC. */
struct cover {
    usec until; /* the last end of the windows that hold it; the instant itself: none does */
    const struct interval *because; /* whose end that is */
};

static usec utc_of(const struct zone *zone, usec wall)
{
    return wall == USEC_INFINITY ? USEC_INFINITY : zone_first_reach(zone, wall);
}

static void set_look(const struct set *set, usec utc, struct cover *ret_cover)
{
    struct cover cover = {.until = utc};
    struct moment moment = {0};
    usec latest = -USEC_INFINITY; /* wall time, in the moment's zone */

    for (size_t i = 0; i < set->n; i++) {
        const struct interval *interval = set->intervals[i];
        usec end, end_utc;

        if (interval->zone != moment.zone) {
            moment_init(&moment, interval->zone, utc);
            latest = -USEC_INFINITY;
        }
        end = window_end(interval, &moment);
        if (end <= latest)
            continue;
        latest = end;
        end_utc = utc_of(interval->zone, end);
        if (end_utc > cover.until || (end_utc == cover.until && interval < cover.because))
            cover = (struct cover){end_utc, interval};
    }
    *ret_cover = cover;
}

/* Windows that touch or overlap are one: the end of all that follow without a gap; at `limit` or later, it
 * does not matter where. */
static usec set_until(const struct set *set, usec utc, usec limit)
{
    struct cover cover = {.until = utc};

    do {
        utc = cover.until;
        if (utc > UTC_LAST)
            return USEC_INFINITY;
        set_look(set, utc, &cover);
    } while (cover.until > utc && cover.until < limit);
    return cover.until;
}

/* The first start of a window after the instant and before `limit`; else USEC_INFINITY. */
static usec set_next(const struct set *set, usec utc, usec limit)
{
    struct moment moment = {0};
    usec first = limit, first_wall = USEC_INFINITY;

    for (size_t i = 0; i < set->n; i++) {
        const struct interval *interval = set->intervals[i];
        usec start, start_utc;

        if (interval->zone != moment.zone) {
            moment_init(&moment, interval->zone, utc);
            first_wall = first > UTC_LAST ? USEC_INFINITY : zone_reached(interval->zone, first) + 1;
        }
        start = window_next(interval, &moment, first_wall);
        if (start == USEC_INFINITY)
            continue;
        first_wall = start;
        start_utc = zone_first_reach(interval->zone, start);
        if (start_utc < first)
            first = start_utc;
    }
    return first < limit && first <= UTC_LAST ? first : USEC_INFINITY;
}

static usec clamp_utc(usec utc)
{
    return utc < UTC_FIRST ? UTC_FIRST : utc > UTC_LAST ? UTC_LAST : utc;
}

/* The first instant at or after this one, off now, at which it is on. */
static usec next_on(const struct calendar *calendar, usec utc)
{
    struct cover window;

    for (;;) {
        utc = set_until(&calendar->excludes, utc, USEC_INFINITY);
        if (utc == USEC_INFINITY)
            return USEC_INFINITY;
        set_look(&calendar->windows, utc, &window);
        if (window.until > utc)
            return utc;
        utc = set_next(&calendar->windows, utc, USEC_INFINITY);
        if (utc == USEC_INFINITY)
            return USEC_INFINITY;
    }
}

void calendar_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer)
{
    struct cover window, exclude;

    utc = clamp_utc(utc);
    set_look(&calendar->windows, utc, &window);
    set_look(&calendar->excludes, utc, &exclude);
    if (window.until > utc && exclude.until == utc) {
        usec cut = set_next(&calendar->excludes, utc, USEC_INFINITY);
        usec end = set_until(&calendar->windows, window.until, cut);

        *ret_answer = (struct calendar_answer){true, cut < end ? cut : end, window.because};
        return;
    }
    *ret_answer = (struct calendar_answer){
        .on = false,
        .until = next_on(calendar, utc),
        .because = window.until > utc ? exclude.because : NULL,
    };
}

/* The first instant after this one at which the answer changes. */
static usec next_change(const struct calendar *calendar, usec utc)
{
    struct calendar_answer answer;

    calendar_at(calendar, utc, &answer);
    return answer.until;
}

/* An instant before this one between which and this one the answer changes; UTC_FIRST where it never did. */
static usec before_last_change(const struct calendar *calendar, usec utc)
{
    for (usec reach = USEC_PER_DAY; utc - reach > UTC_FIRST; reach *= 2)
        if (next_change(calendar, utc - reach) <= utc)
            return utc - reach;
    return UTC_FIRST;
}

/* A question about an earlier instant gives a change that lies behind it: halve what is left until the last
 * one up to `utc` is known. No change lies between `high` and `utc`. */
usec calendar_since(const struct calendar *calendar, usec utc)
{
    usec since = -USEC_INFINITY, low, high;

    utc = high = clamp_utc(utc);
    low = before_last_change(calendar, utc);
    for (;;) {
        usec change = next_change(calendar, low), middle;

        if (change > utc)
            return since;
        since = low = change;
        middle = low + (high - low) / 2;
        change = next_change(calendar, middle);
        if (change > utc)
            high = middle;
        else
            since = low = change;
    }
}

/* As calendar_at and calendar_since have it, for one interval of any kind. */
bool interval_at(const struct interval *interval, usec utc, usec *ret_from, usec *ret_until)
{
    struct calendar alone = {.windows = {&interval, 1}};
    struct calendar_answer answer;
    usec from, until = USEC_INFINITY;

    calendar_at(&alone, utc, &answer);
    if (answer.on) {
        from = ret_from ? calendar_since(&alone, utc) : 0;
        until = answer.until;
    } else {
        from = answer.until;
        if (ret_until && from != USEC_INFINITY)
            until = next_change(&alone, from);
    }
    if (ret_from)
        *ret_from = from;
    if (ret_until)
        *ret_until = until;
    return answer.on;
}

static int compare_zones(const void *a, const void *b)
{
    const struct interval *first = *(const struct interval *const *)a;
    const struct interval *second = *(const struct interval *const *)b;

    if (first->zone != second->zone)
        return (uintptr_t)first->zone < (uintptr_t)second->zone ? -1 : 1;
    return first < second ? -1 : first > second; /* the order of the policy */
}

static void calendar_sort(struct calendar *calendar)
{
    size_t n_windows = 0, n_excludes = 0;

    for (size_t i = 0; i < calendar->n; i++)
        if (calendar->intervals[i].kind != INTERVAL_EXCLUDE)
            calendar->sorted[n_windows++] = &calendar->intervals[i];
    for (size_t i = 0; i < calendar->n; i++)
        if (calendar->intervals[i].kind == INTERVAL_EXCLUDE)
            calendar->sorted[n_windows + n_excludes++] = &calendar->intervals[i];
    calendar->windows = (struct set){calendar->sorted, n_windows};
    calendar->excludes = (struct set){calendar->sorted + n_windows, n_excludes};
    qsort(calendar->sorted, n_windows, sizeof(*calendar->sorted), compare_zones);
    qsort(calendar->sorted + n_windows, n_excludes, sizeof(*calendar->sorted), compare_zones);
}

int calendar_new(struct interval *intervals, size_t n_intervals, struct calendar **ret_calendar)
{
    _cleanup_free_ const struct interval **sorted = NULL;
    struct calendar *calendar;

    if (n_intervals > CALENDAR_INTERVALS_MAX)
        return -E2BIG;
    sorted = calloc(n_intervals + 1, sizeof(*sorted));
    calendar = calloc(1, sizeof(*calendar));
    if (!sorted || !calendar) {
        free(calendar);
        return -ENOMEM;
    }
    calendar->intervals = intervals;
    calendar->n = n_intervals;
    calendar->sorted = steal_pointer(&sorted);
    calendar_sort(calendar);
    *ret_calendar = calendar;
    return 0;
}

struct calendar *calendar_free(struct calendar *calendar)
{
    if (!calendar)
        return NULL;
    for (size_t i = 0; i < calendar->n; i++)
        interval_done(&calendar->intervals[i]);
    free(calendar->intervals);
    free(calendar->sorted);
    free(calendar);
    return NULL;
}

const struct interval *calendar_intervals(const struct calendar *calendar, size_t *ret_n)
{
    *ret_n = calendar->n;
    return calendar->intervals;
}
