// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/hours.h"

static void mark(struct hours_day *day, usec cell, usec from_utc, usec until_utc, enum hours_mark mark)
{
    size_t first = (size_t)((from_utc - day->from_utc) / cell);
    size_t last = (size_t)((until_utc - day->from_utc + cell - 1) / cell);

    for (size_t i = first; i < last && i < day->n_cells; i++)
        day->cells[i] |= (uint8_t)mark;
}

/* The window of one interval that holds the instant or comes next; false: none begins before `limit`. */
static bool next_of(const struct interval *interval, usec utc, usec limit_utc,
                    struct hours_window *ret_window)
{
    usec from_utc = utc, until_utc;

    if (!interval_at(interval, utc, NULL, &until_utc))
        interval_at(interval, utc, &from_utc, &until_utc);
    *ret_window = (struct hours_window){from_utc, until_utc};
    return from_utc < limit_utc;
}

static void mark_interval(struct hours_day *day, usec cell, const struct interval *interval)
{
    struct hours_window window = {.until_utc = day->from_utc};

    while (window.until_utc < day->until_utc && next_of(interval, window.until_utc, day->until_utc, &window))
        mark(day, cell, window.from_utc, usec_min(window.until_utc, day->until_utc),
             interval->kind == INTERVAL_MAINTENANCE_WINDOW ? HOURS_MAINTENANCE : HOURS_ACTIVE);
}

static void mark_on(struct hours_day *day, usec cell, const struct calendar *calendar)
{
    struct hours_window window = {.until_utc = day->from_utc};

    while (window.until_utc < day->until_utc &&
           hours_next_window(calendar, window.until_utc, day->until_utc, &window))
        mark(day, cell, window.from_utc < day->from_utc ? day->from_utc : window.from_utc,
             usec_min(window.until_utc, day->until_utc), HOURS_ON);
}

void hours_of_day(const struct calendar *calendar, const struct zone *zone, int32_t days, usec cell,
                  struct hours_day *ret_day)
{
    struct hours_day *day = ret_day;
    size_t n;
    const struct interval *intervals = calendar_intervals(calendar, &n);

    *day = (struct hours_day){
        .date = date_from_days(days),
        .from_utc = zone_first_reach(zone, days * USEC_PER_DAY),
        .until_utc = zone_first_reach(zone, (days + 1) * USEC_PER_DAY),
    };
    day->n_cells = (size_t)((day->until_utc - day->from_utc + cell - 1) / cell);
    if (day->n_cells > HOURS_CELLS_MAX)
        day->n_cells = HOURS_CELLS_MAX;
    day->change = zone_next_transition(zone, day->from_utc - 1);
    if (day->change && day->change->utc >= day->until_utc)
        day->change = NULL;
    if (day->change)
        mark(day, cell, day->change->utc, day->change->utc + 1, HOURS_CHANGE);
    for (size_t i = 0; i < n; i++)
        if (intervals[i].kind != INTERVAL_EXCLUDE)
            mark_interval(day, cell, &intervals[i]);
    mark_on(day, cell, calendar);
}

bool hours_next_window(const struct calendar *calendar, usec utc, usec limit_utc,
                       struct hours_window *ret_window)
{
    struct calendar_answer answer;
    usec from_utc = utc;

    calendar_at(calendar, utc, &answer);
    if (!answer.on) {
        from_utc = answer.until;
        if (from_utc >= limit_utc)
            return false;
        calendar_at(calendar, from_utc, &answer);
    }
    *ret_window = (struct hours_window){from_utc, answer.until};
    return from_utc < limit_utc;
}

bool hours_is_cause(const struct interval *interval, usec from_utc, usec until_utc)
{
    struct hours_window window;

    return interval->kind != INTERVAL_EXCLUDE && next_of(interval, from_utc, until_utc, &window);
}
