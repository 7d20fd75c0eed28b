// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Time as a number: microseconds, with the clock in the name of the variable (`expires_utc`, `due_boot`).
 * UTC instants count from 1970-01-01T00:00:00Z without leap seconds, as POSIX has it. Nothing here reads a
 * clock or knows a zone; calendar/zone.h turns instants into local time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t usec;

#define USEC_PER_MSEC   INT64_C(1000)
#define USEC_PER_SEC    INT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)
#define USEC_INFINITY   INT64_MAX /* never; arithmetic on it is a bug, compare only */

static inline usec usec_min(usec a, usec b)
{
    return a < b ? a : b;
}

static inline usec usec_max(usec a, usec b)
{
    return a > b ? a : b;
}

/* For words and tables alone. */
static inline double usec_seconds(usec duration)
{
    return (double)duration / (double)USEC_PER_SEC;
}

/* A date of the proleptic Gregorian calendar. */
struct date {
    int32_t year;
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31 */
};

#define TIME_YEAR_MIN 1
#define TIME_YEAR_MAX 9999

/* Days since 1970-01-01, and back, in the years that struct date may have and many around them (H. Hinnant,
 * chrono-compatible low-level date algorithms; C. Neri, L. Schneider, see there). */
int32_t date_to_days(struct date date);
struct date date_from_days(int32_t days);

/* 0 is Sunday, as in struct tm. */
unsigned date_weekday(int32_t days);

unsigned date_days_in_month(int32_t year, unsigned month);
bool date_is_valid(struct date date);

/* RFC 3339 in UTC with milliseconds ("2026-11-23T08:30:00.000Z"). Digits below the millisecond are dropped.
 * Instants outside the years 0001..9999 are clamped to them. */
#define TIME_TEXT_MAX 32
const char *time_format_rfc3339(char buffer[static TIME_TEXT_MAX], usec utc);

/* Reads RFC 3339 ("2026-11-23T08:30:00.5+01:00"; 0 to 9 digits of a fraction, which must be there when the
 * dot is; digits beyond the sixth are dropped; `t`, `z` and a space for `T` pass; second 60 is read as the
 * first of the next minute). The whole of `text` must be used. 0 or -EINVAL. */
int time_parse_rfc3339(const char *text, usec *ret_utc);

/* Durations of people: one or more of number and unit, `w d h m s`, each unit once and in that order
 * ("1h30m"). 0, -EINVAL when it is not one, -ERANGE beyond DURATION_MAX. `ret_error` (may be NULL) says what
 * is wrong. */
struct error;
#define DURATION_MAX (INT64_C(5200) * 7 * USEC_PER_DAY)
int duration_parse(const char *text, usec *ret, struct error *ret_error);

/* The shortest text that duration_parse reads back, down to whole seconds ("1h30m", "0s"). Negative durations
 * carry a minus sign, which duration_parse does not read. */
#define DURATION_TEXT_MAX 40
const char *duration_format(char buffer[static DURATION_TEXT_MAX], usec duration);
