// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The hours of a site as plain values, for those who list or draw them: local days, and in each cell of a day
 * what the policy says. Pure: what it is asked about is an argument.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calendar/calendar.h"

/* What some part of a cell holds. */
enum hours_mark {
    HOURS_ACTIVE = 1,      /* active hours */
    HOURS_MAINTENANCE = 2, /* a maintenance window */
    HOURS_ON = 4,          /* what no exclude cuts: the policy wants the key on */
    HOURS_CHANGE = 8,      /* the clock changes at its start, or inside it */
};

#define HOURS_CELL_MIN  (15 * USEC_PER_MINUTE)
#define HOURS_CELLS_MAX (26 * 4) /* of a day; no zone has had a longer one but by crossing the date line */

struct hours_day {
    struct date date;
    usec from_utc, until_utc; /* from local midnight to the next, as the clock first reaches them */
    size_t n_cells;           /* in order of time that passes, from from_utc on */
    uint8_t cells[HOURS_CELLS_MAX];
    const struct zone_transition *change; /* borrowed: the first inside the day; NULL: none */
};

/* One local date; `cell` is the length of a cell. A date that the zone's clock skips has no cells. */
void hours_of_day(const struct calendar *calendar, const struct zone *zone, int32_t days, usec cell,
                  struct hours_day *ret_day);

/* The merged window that is on at `utc`, or else the next one. False: there is none that starts before
 * `limit`. */
struct hours_window {
    usec from_utc, until_utc; /* until: USEC_INFINITY: for ever */
};
bool hours_next_window(const struct calendar *calendar, usec utc, usec limit_utc,
                       struct hours_window *ret_window);

/* Whether that interval has a part in the window: it is no exclude, and open somewhere in [from, until). */
bool hours_is_cause(const struct interval *interval, usec from_utc, usec until_utc);
