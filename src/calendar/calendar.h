// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * "On or off, until when, and because of which line": one site's intervals, asked about an instant.
 *
 *     on = (active hours, or maintenance windows) and no exclude
 *
 * Windows that touch or overlap are one. The answers are exact to the second, everywhere in the years that
 * the calendar covers, and their cost does not depend on how far away the next change is.
 *
 * Dates from 1970 to ZONE_YEAR_LAST are looked at; an instant outside of them is answered as the nearest one
 * inside, and what does not change inside never changes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "calendar/interval.h"

#define CALENDAR_INTERVALS_MAX 10000

struct calendar;

/* Takes the array and all that its intervals own (on success only); zones stay borrowed and must outlive it.
 * 0, -E2BIG beyond CALENDAR_INTERVALS_MAX, -ENOMEM. No interval at all is a calendar that is never on. */
int calendar_new(struct interval *intervals, size_t n_intervals, struct calendar **ret_calendar);
struct calendar *calendar_free(struct calendar *calendar);
DEFINE_CLEANUP(struct calendar *, calendar_free);

struct calendar_answer {
    bool on;
    usec until; /* UTC: the first later instant at which `on` changes; USEC_INFINITY: never */
    const struct interval
        *because; /* borrowed. On: the interval that keeps it on, the one that lasts longest
                     where several do. Off: the exclude that cuts a window here, NULL if none */
};

void calendar_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer);

/* The same question about the excludes alone, also where they cut no window: `on` where one covers the
 * instant, which is then `because`. */
void calendar_excluded_at(const struct calendar *calendar, usec utc, struct calendar_answer *ret_answer);

/* The latest instant at or before `utc` at which the answer changed to what it is at `utc`; -USEC_INFINITY:
 * it was never other. */
usec calendar_since(const struct calendar *calendar, usec utc);

/* The intervals as given, for those who list them. */
const struct interval *calendar_intervals(const struct calendar *calendar, size_t *ret_n);

/* From this instant on only weekdays and times of one zone count, so that one week is like the next but for
 * the zone's clock changes; USEC_INFINITY: never. *ret_zone is NULL where nothing counts any more. */
usec calendar_weekly_from(const struct calendar *calendar, const struct zone **ret_zone);

/* Whether this interval alone, whatever its kind, covers the instant; `ret_from`, `ret_until` (may be NULL)
 * are the ends of the window that does (windows that touch are one), or, where none does, ret_from is the
 * start of its next window (USEC_INFINITY: none) and ret_until that window's end. */
bool interval_at(const struct interval *interval, usec utc, usec *ret_from, usec *ret_until);
