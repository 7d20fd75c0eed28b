// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "calendar/window.h"

#define SECONDS_PER_DAY 86400

static usec utc_of(const struct zone *zone, usec wall)
{
    return wall == USEC_INFINITY ? USEC_INFINITY : zone_first_reach(zone, wall);
}

/* asking */

const struct interval *set_because(const struct set *set, usec utc)
{
    const struct interval *because = NULL;
    struct moment moment = {0};
    usec latest = -USEC_INFINITY, until = utc; /* the first as wall time, in the moment's zone */

    for (size_t i = 0; i < set->n; i++) {
        const struct interval *interval = set->intervals[i];
        usec end, end_utc;

        if (interval->zone != moment.zone) {
            moment_init(&moment, interval->zone, utc);
            latest = -USEC_INFINITY;
        }
        end = window_end(interval, &moment);
        if (end < latest || end == -USEC_INFINITY)
            continue;
        latest = end;
        end_utc = utc_of(interval->zone, end);
        if (end_utc > until || (end_utc == until && interval < because)) {
            until = end_utc;
            because = interval;
        }
    }
    return because;
}

usec set_covers(const struct set *set, usec utc)
{
    usec until = utc, latest = -USEC_INFINITY;
    struct moment moment = {0};

    for (size_t i = 0; i < set->n_rules; i++) {
        const struct interval *rule = &set->rules[i];
        usec end, end_utc;

        if (rule->zone != moment.zone) {
            moment_init(&moment, rule->zone, utc);
            latest = -USEC_INFINITY;
        }
        end = window_end(rule, &moment);
        if (end <= latest)
            continue;
        latest = end;
        end_utc = utc_of(rule->zone, end);
        until = end_utc > until ? end_utc : until;
    }
    return until;
}

/* Goes through the rules once, on from the end of each that holds. They are sorted by their starts, so that
 * one round follows a day's chain of windows from its first to its last. */
static usec follow(const struct set *set, usec utc, usec limit)
{
    struct moment moment = {0};

    for (size_t i = 0; i < set->n_rules && utc < limit && utc <= WINDOW_UTC_LAST; i++) {
        const struct interval *rule = &set->rules[i];
        usec end;

        if (rule->zone != moment.zone || utc > moment.utc)
            moment_init(&moment, rule->zone, utc);
        end = window_end(rule, &moment);
        if (end != -USEC_INFINITY)
            utc = utc_of(rule->zone, end);
    }
    return utc > WINDOW_UTC_LAST ? USEC_INFINITY : utc;
}

usec set_until(const struct set *set, usec utc, usec limit)
{
    usec from;

    if (set->always)
        return USEC_INFINITY;
    do {
        from = utc;
        utc = follow(set, from, limit);
    } while (utc > from && utc < limit);
    return utc;
}

usec set_next(const struct set *set, usec utc, usec limit)
{
    struct moment moment = {0};
    usec first = limit, first_wall = USEC_INFINITY;

    for (size_t i = 0; i < set->n_rules; i++) {
        const struct interval *rule = &set->rules[i];
        usec start, start_utc;

        if (rule->zone != moment.zone) {
            moment_init(&moment, rule->zone, utc);
            first_wall = first > WINDOW_UTC_LAST ? USEC_INFINITY : zone_reached(rule->zone, first) + 1;
        }
        start = window_next(rule, &moment, first_wall);
        if (start == USEC_INFINITY)
            continue;
        first_wall = start;
        start_utc = zone_first_reach(rule->zone, start);
        if (start_utc < first)
            first = start_utc;
    }
    return first < limit && first <= WINDOW_UTC_LAST ? first : USEC_INFINITY;
}

/* putting together */

static int compare_numbers(uint64_t first, uint64_t second)
{
    return first < second ? -1 : first > second;
}

static int compare_lists(const void *first, size_t n_first, const void *second, size_t n_second, size_t size)
{
    if (n_first != n_second || n_first == 0)
        return compare_numbers(n_first, n_second);
    return memcmp(first, second, n_first * size);
}

/* 0: both mean the same days of the same zone. */
static int compare_days(const struct interval *first, const struct interval *second)
{
    int order = compare_numbers((uintptr_t)first->zone, (uintptr_t)second->zone);

    if (order == 0)
        order = compare_numbers(first->absolute, second->absolute);
    if (order == 0 && first->absolute)
        return compare_numbers((uintptr_t)first, (uintptr_t)second); /* of no day */
    if (order == 0)
        order = compare_numbers(first->weekdays, second->weekdays);
    if (order == 0)
        order = compare_numbers(first->months, second->months);
    if (order == 0)
        order = compare_lists(first->days_of_month, first->n_days_of_month, second->days_of_month,
                              second->n_days_of_month, sizeof(*first->days_of_month));
    if (order == 0)
        order = compare_lists(first->years, first->n_years, second->years, second->n_years,
                              sizeof(*first->years));
    if (order == 0)
        order = compare_lists(first->dates, first->n_dates, second->dates, second->n_dates,
                              sizeof(*first->dates));
    return order;
}

static int compare_intervals(const void *a, const void *b)
{
    return compare_days(*(const struct interval *const *)a, *(const struct interval *const *)b);
}

static int compare_times(const void *a, const void *b)
{
    const struct interval_times *first = a, *second = b;

    return first->start < second->start ? -1 : first->start > second->start;
}

static int compare_starts(const void *a, const void *b)
{
    const struct interval *first = a, *second = b;
    int order = compare_numbers((uintptr_t)first->zone, (uintptr_t)second->zone);

    if (order == 0)
        order = compare_numbers(first->absolute, second->absolute);
    if (order == 0 && first->absolute)
        return first->from_wall < second->from_wall ? -1 : first->from_wall > second->from_wall;
    return order == 0 ? compare_times(first->times, second->times) : order;
}

/* Sorts the times and makes one of those that touch or overlap; how many are left. */
static size_t merge_times(struct interval_times *times, size_t n)
{
    size_t kept = 0;

    qsort(times, n, sizeof(*times), compare_times);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || times[i].start > times[kept - 1].end)
            times[kept++] = times[i];
        else if (times[i].end > times[kept - 1].end)
            times[kept - 1].end = times[i].end;
    return kept;
}

/* One rule of intervals that mean the same days. Returns how much of `room` its times take. */
static size_t make_rule(const struct interval **intervals, size_t n, struct interval_times *room,
                        struct interval *ret_rule)
{
    static const struct interval_times whole_day = {0, SECONDS_PER_DAY};
    size_t n_times = 0;

    *ret_rule = *intervals[0];
    if (ret_rule->absolute)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (intervals[i]->n_times == 0)
            room[n_times++] = whole_day;
        for (size_t j = 0; j < intervals[i]->n_times; j++)
            room[n_times++] = intervals[i]->times[j];
    }
    ret_rule->times = room;
    ret_rule->n_times = merge_times(room, n_times);
    return ret_rule->n_times;
}

static int set_make_rules(struct set *set)
{
    struct interval *rules;
    size_t n_times = 0, used = 0;

    for (size_t i = 0; i < set->n; i++)
        n_times += set->intervals[i]->n_times > 0 ? set->intervals[i]->n_times : 1;
    set->times = calloc(n_times + 1, sizeof(*set->times));
    set->rules = rules = calloc(set->n + 1, sizeof(*rules));
    if (!set->times || !rules)
        return -ENOMEM;
    for (size_t i = 0, n; i < set->n; i += n) {
        for (n = 1; i + n < set->n && compare_days(set->intervals[i], set->intervals[i + n]) == 0;)
            n++;
        used += make_rule(&set->intervals[i], n, set->times + used, &rules[set->n_rules++]);
    }
    qsort(rules, set->n_rules, sizeof(*rules), compare_starts);
    return 0;
}

/* Whether the weekly rules of some zone leave no gap in all the weeks that have to be looked at. */
static int set_find_always(struct set *set)
{
    _cleanup_free_ struct interval *list = calloc(set->n_rules + 1, sizeof(*list));

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < set->n_rules && !set->always;) {
        const struct zone *zone = set->rules[i].zone;
        struct set weekly = {.rules = list};

        for (; i < set->n_rules && set->rules[i].zone == zone; i++)
            if (interval_is_weekly(&set->rules[i]))
                list[weekly.n_rules++] = set->rules[i];
        set->always =
            weekly.n_rules > 0 && set_until(&weekly, WINDOW_UTC_FIRST, WINDOW_UTC_FIRST + WINDOW_WEEKS) >=
                                      WINDOW_UTC_FIRST + WINDOW_WEEKS;
    }
    return 0;
}

int set_init(struct set *set, const struct interval *intervals, size_t n, bool excludes)
{
    int r;

    *set = (struct set){.intervals = calloc(n + 1, sizeof(const struct interval *))};
    if (!set->intervals)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        if ((intervals[i].kind == INTERVAL_EXCLUDE) == excludes)
            set->intervals[set->n++] = &intervals[i];
    qsort(set->intervals, set->n, sizeof(*set->intervals), compare_intervals);
    r = set_make_rules(set);
    return r < 0 ? r : set_find_always(set);
}

void set_done(struct set *set)
{
    free(set->intervals);
    free((struct interval *)set->rules);
    free(set->times);
    *set = (struct set){0};
}
