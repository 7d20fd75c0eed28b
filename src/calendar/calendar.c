// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/calendar.h"

#include <errno.h>
#include <stdlib.h>

#include "calendar/window.h"

/* Instants beyond these are answered as these; two days from the edge of the dates, so that no zone matters.
 */
#define UTC_FIRST (2 * USEC_PER_DAY)
#define UTC_LAST  ((date_to_days((struct date){WINDOW_YEAR_LAST, 12, 31}) - 2) * USEC_PER_DAY)

/* The longest for which clock changes can hide every window of a week: one hides a window at most, and none
 * comes twice in a week. Generous, for it costs next to nothing. */
#define WEEKS_LOOKED_AT (9 * 7 * USEC_PER_DAY)

/* Intervals as one: on where any of them is. Those of one zone stand together. */
struct set {
    const struct interval **intervals; /* each borrowed */
    size_t n;
    bool always; /* together they leave no gap, ever */
};

struct calendar {
    struct interval *intervals;
    size_t n;
    const struct interval **sorted; /* the two sets, one behind the other */
    struct set windows, excludes;
    usec weekly_from; /* UTC: from then on only one zone's weekdays and times count; else USEC_INFINITY */
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

    if (set->always)
        return USEC_INFINITY;
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

/* What does not change before this instant never changes. */
static usec horizon(const struct calendar *calendar, usec utc)
{
    usec from = utc > calendar->weekly_from ? utc : calendar->weekly_from;

    return from < UTC_LAST - WEEKS_LOOKED_AT ? from + WEEKS_LOOKED_AT : USEC_INFINITY;
}

/* The first instant at or after this one, off now, at which it is on; at `limit` or later, it does not matter
 * when. */
static usec next_on(const struct calendar *calendar, usec utc, usec limit)
{
    struct cover window;

    while (utc < limit) {
        utc = set_until(&calendar->excludes, utc, limit);
        if (utc >= limit)
            break;
        set_look(&calendar->windows, utc, &window);
        if (window.until > utc)
            return utc;
        utc = set_next(&calendar->windows, utc, limit);
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

static void look(const struct calendar *calendar, usec utc, usec limit, struct calendar_answer *ret_answer)
{
    struct cover window, exclude;

    set_look(&calendar->windows, utc, &window);
    set_look(&calendar->excludes, utc, &exclude);
    *ret_answer = (struct calendar_answer){.on = window.until > utc && exclude.until == utc};
    if (window.until > utc)
        ret_answer->because = ret_answer->on ? window.because : exclude.because;
    ret_answer->until = ret_answer->on ? next_off(calendar, utc, limit) : next_on(calendar, utc, limit);
}

void calendar_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer)
{
    utc = clamp_utc(utc);
    look(calendar, utc, horizon(calendar, utc), ret_answer);
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
    struct calendar_answer answer;

    look(calendar, utc, last + 1, &answer);
    return answer.until;
}

/* An instant before this one between which and this one the answer changes; UTC_FIRST where it never did. */
static usec before_last_change(const struct calendar *calendar, usec utc)
{
    for (usec reach = USEC_PER_DAY; utc - reach > UTC_FIRST; reach *= 2)
        if (next_change(calendar, utc - reach, utc) <= utc)
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

static int32_t last_of_dates(const struct interval *interval)
{
    int32_t last = INT32_MIN;

    for (size_t i = 0; i < interval->n_dates; i++)
        if (interval->dates[i].last > last)
            last = interval->dates[i].last;
    return last;
}

static int32_t last_of_years(const struct interval *interval)
{
    int16_t last = INT16_MIN;

    for (size_t i = 0; i < interval->n_years; i++)
        if (interval->years[i].last > last)
            last = interval->years[i].last;
    return date_to_days((struct date){last, 12, 31});
}

/* The wall time from which on the interval never counts again; USEC_INFINITY: there is none. */
static usec last_wall(const struct interval *interval)
{
    int32_t days = INT32_MAX;

    if (interval->absolute)
        return interval->until_wall;
    if (interval->n_dates > 0)
        days = last_of_dates(interval);
    if (interval->n_years > 0 && last_of_years(interval) < days)
        days = last_of_years(interval);
    return days == INT32_MAX ? USEC_INFINITY : (days + 2) * USEC_PER_DAY; /* one may pass midnight */
}

static bool is_weekly(const struct interval *interval)
{
    return last_wall(interval) == USEC_INFINITY && !interval->months && interval->n_days_of_month == 0;
}

static usec weekly_from(const struct interval *intervals, size_t n)
{
    const struct zone *zone = NULL;
    usec from = UTC_FIRST;

    for (size_t i = 0; i < n; i++) {
        const struct interval *interval = &intervals[i];
        usec last = last_wall(interval);

        if (last != USEC_INFINITY) {
            usec last_utc = zone_first_reach(interval->zone, last);

            from = last_utc > from ? last_utc : from;
        } else if (!is_weekly(interval) || (zone && zone != interval->zone)) {
            return USEC_INFINITY;
        } else {
            zone = interval->zone;
        }
    }
    return from;
}

/* As calendar_at and calendar_since have it, for one interval of any kind. */
bool interval_at(const struct interval *interval, usec utc, usec *ret_from, usec *ret_until)
{
    struct calendar alone = {.windows = {.intervals = &interval, .n = 1},
                             .weekly_from = weekly_from(interval, 1)};
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

static int compare_zones(const void *a, const void *b)
{
    const struct interval *first = *(const struct interval *const *)a;
    const struct interval *second = *(const struct interval *const *)b;

    if (first->zone != second->zone)
        return (uintptr_t)first->zone < (uintptr_t)second->zone ? -1 : 1;
    return first < second ? -1 : first > second; /* the order of the policy */
}

/* Whether the weekly intervals of some zone leave no gap in all the weeks that have to be looked at. `list`
 * has room for the whole set. */
static bool is_always(const struct set *set, const struct interval **list)
{
    for (size_t i = 0; i < set->n;) {
        const struct zone *zone = set->intervals[i]->zone;
        struct set weekly = {.intervals = list};

        for (; i < set->n && set->intervals[i]->zone == zone; i++)
            if (is_weekly(set->intervals[i]))
                list[weekly.n++] = set->intervals[i];
        if (weekly.n > 0 &&
            set_until(&weekly, UTC_FIRST, UTC_FIRST + WEEKS_LOOKED_AT) >= UTC_FIRST + WEEKS_LOOKED_AT)
            return true;
    }
    return false;
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
    calendar->windows = (struct set){.intervals = calendar->sorted, .n = n_windows};
    calendar->excludes = (struct set){.intervals = calendar->sorted + n_windows, .n = n_excludes};
    qsort(calendar->sorted, n_windows, sizeof(*calendar->sorted), compare_zones);
    qsort(calendar->sorted + n_windows, n_excludes, sizeof(*calendar->sorted), compare_zones);
}

int calendar_new(struct interval *intervals, size_t n_intervals, struct calendar **ret_calendar)
{
    _cleanup_free_ const struct interval **sorted = NULL, **list = NULL;
    struct calendar *calendar;

    if (n_intervals > CALENDAR_INTERVALS_MAX)
        return -E2BIG;
    sorted = calloc(n_intervals + 1, sizeof(*sorted));
    list = calloc(n_intervals + 1, sizeof(*list));
    calendar = calloc(1, sizeof(*calendar));
    if (!sorted || !list || !calendar) {
        free(calendar);
        return -ENOMEM;
    }
    calendar->intervals = intervals;
    calendar->n = n_intervals;
    calendar->sorted = steal_pointer(&sorted);
    calendar->weekly_from = weekly_from(intervals, n_intervals);
    calendar_sort(calendar);
    calendar->windows.always = is_always(&calendar->windows, list);
    calendar->excludes.always = is_always(&calendar->excludes, list);
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
