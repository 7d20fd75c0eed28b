// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The windows of one interval in local time, read along with the *reached* time of its zone (zone_reached):
 * an interval covers an instant exactly where one of its windows holds the time reached there. That one view
 * settles clock changes, so that what stands here is arithmetic on dates alone.
 */

#include <stdbool.h>

#include "base/time.h"
#include "calendar/interval.h"

/* The dates that are looked at: the first and the last on which a window can start. */
#define WINDOW_YEAR_FIRST 1970
#define WINDOW_YEAR_LAST  ZONE_YEAR_LAST

/* The instants that are looked at; two days from the edge of the dates, so that no zone matters. */
#define WINDOW_UTC_FIRST (2 * USEC_PER_DAY)
#define WINDOW_UTC_LAST  ((date_to_days((struct date){WINDOW_YEAR_LAST, 12, 31}) - 2) * USEC_PER_DAY)

/* The longest for which clock changes can hide every window of a week: one hides a window at most, and none
 * comes twice in a week. Generous, for it costs next to nothing. */
#define WINDOW_WEEKS (9 * 7 * USEC_PER_DAY)

/* An instant in one zone, taken apart once for all the intervals that share the zone. */
struct moment {
    const struct zone *zone;
    usec utc;
    usec reached;     /* wall time */
    int32_t days;     /* its date */
    struct date date; /* the same */
    usec time;        /* since its midnight */
};

void moment_init(struct moment *moment, const struct zone *zone, usec utc);

/* Whether windows of the interval, which is not absolute, start on that local date, if clock changes let
 * them. */
bool window_starts_on(const struct interval *interval, int32_t days);

/* The latest end, as wall time, of the windows that hold the moment; -USEC_INFINITY where none does,
 * USEC_INFINITY where it lies beyond the last date. */
usec window_end(const struct interval *interval, const struct moment *moment);

/* The first start after the moment, as wall time, of a window that clock changes do not swallow;
 * USEC_INFINITY where there is none before `limit`, a wall time. */
usec window_next(const struct interval *interval, const struct moment *moment, usec limit);
