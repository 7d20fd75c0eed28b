// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One entry of active_hours, maintenance_windows or exclude, as plain values. Lists are OR inside a field,
 * AND between the fields. A window belongs to the local date on which it starts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "calendar/zone.h"

enum interval_kind {
    INTERVAL_ACTIVE_HOURS,
    INTERVAL_MAINTENANCE_WINDOW,
    INTERVAL_EXCLUDE,
    INTERVAL_RENEWAL_WINDOW, /* in a calendar of its own */
};

/* Seconds since local midnight of the start date. 0 <= start < 86400; start < end <= start + 86400: an end
 * beyond 86400 is on the next day. */
struct interval_times {
    int32_t start, end;
};

/* Days of the month, both included: 1..31, or -31..-1 from the month's end (-1 is its last day). A negative
 * end is counted from each month's own end; what then lies outside of the month is no day of it. */
struct interval_days {
    int8_t first, last;
};

struct interval_years {
    int16_t first, last;
};

/* Local dates as days since 1970-01-01 (date_to_days), both included. */
struct interval_dates {
    int32_t first, last;
};

struct interval {
    enum interval_kind kind;
    char *name;              /* owned; NULL: none */
    char *reason;            /* owned; NULL: none */
    unsigned line, column;   /* in the policy, for people; 1-based */
    const struct zone *zone; /* borrowed: the interval's own, else the site's, else the policy's */

    bool absolute; /* from/until: then only the two walls below count */
    usec from_wall, until_wall;

    bool every_day;                      /* says only that no day field is meant */
    uint8_t weekdays;                    /* bit n: weekday n, 0 is Sunday; no bit: any */
    uint16_t months;                     /* bit n: month n + 1; no bit: any */
    struct interval_days *days_of_month; /* owned; none: any */
    size_t n_days_of_month;
    struct interval_years *years; /* owned; none: any */
    size_t n_years;
    struct interval_dates *dates; /* owned; none: any */
    size_t n_dates;
    struct interval_times *times; /* owned; none: whole days */
    size_t n_times;
};

#define INTERVAL_LIST_MAX 1024 /* entries of any list of an interval */

/* Frees what it owns and leaves it zeroed. */
void interval_done(struct interval *interval);

/* The wall time from which on the interval never counts again; USEC_INFINITY: there is none. */
usec interval_last_wall(const struct interval *interval);

/* Whether every week is like the others, but for clock changes. */
bool interval_is_weekly(const struct interval *interval);
