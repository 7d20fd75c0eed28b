// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/calendar.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/bytes.h"
#include "given.h"

#define HOUR_MINUTE(hour, minute) (((hour)*60 + (minute)) * 60)
#define SUNDAY                    1U
#define MONDAY                    2U
#define THURSDAY                  16U
#define FRIDAY                    32U
#define SATURDAY                  64U
#define MONTH(number)             (1U << ((number)-1))
#define TIMES(hour1, minute1, hour2, minute2)                                                                \
    .times = (struct interval_times[]){{HOUR_MINUTE(hour1, minute1), HOUR_MINUTE(hour2, minute2)}},          \
    .n_times = 1
#define TIMES_2(h1, m1, h2, m2, h3, m3, h4, m4)                                                              \
    .times = (struct interval_times[]){{HOUR_MINUTE(h1, m1), HOUR_MINUTE(h2, m2)},                           \
                                       {HOUR_MINUTE(h3, m3), HOUR_MINUTE(h4, m4)}},                          \
    .n_times = 2
#define DAYS_OF_MONTH(first, last)                                                                           \
    .days_of_month = (struct interval_days[]){{first, last}}, .n_days_of_month = 1
#define YEARS(first, last) .years = (struct interval_years[]){{first, last}}, .n_years = 1
#define DATES(first, last) .dates = (struct interval_dates[]){{first, last}}, .n_dates = 1

static usec utc_of(const char *text)
{
    usec utc;

    assert_int_equal(time_parse_rfc3339(text, &utc), 0);
    return utc;
}

static usec wall_of(const char *text)
{
    return utc_of(text); /* a wall time has the same count as the instant of that name in UTC */
}

static int32_t date_of(const char *text)
{
    char whole[32];

    snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);
    return (int32_t)(utc_of(whole) / USEC_PER_DAY);
}

/* The changes after `from` and before `to`, as text: "+2026-03-29T00:30 -2026-03-29T01:00"; those with
 * seconds show them. */
static void changes(const struct calendar *calendar, usec from, usec to, struct bytes *text)
{
    struct calendar_answer answer;

    calendar_at(calendar, from, &answer);
    while (answer.until < to) {
        char instant[TIME_TEXT_MAX];
        usec until = answer.until;

        time_format_rfc3339(instant, until);
        instant[until % USEC_PER_MINUTE ? 19 : 16] = '\0';
        assert_int_equal(bytes_printf(text, "%s%c%s", text->size ? " " : "", answer.on ? '-' : '+', instant),
                         0);
        calendar_at(calendar, until, &answer);
    }
}

struct row {
    const char *zone;
    struct interval interval;
    const char *from, *to; /* UTC */
    const char *changes;
};

static void check_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(65536);
        _cleanup_(zone_freep) struct zone *zone = given_zone(rows[i].zone);
        _cleanup_(calendar_freep) struct calendar *calendar = NULL;
        struct interval interval = rows[i].interval;

        interval.zone = zone;
        calendar = given_calendar(&interval, 1);
        changes(calendar, utc_of(rows[i].from), utc_of(rows[i].to), &text);
        if (strcmp(bytes_text(&text), rows[i].changes) != 0)
            fail_msg("%s, row %zu:\n  is     %s\n  wanted %s", rows[i].zone, i, bytes_text(&text),
                     rows[i].changes);
    }
}

#define BERLIN_SPRING "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"
#define BERLIN_AUTUMN "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"

static void test_clock_changes_in_berlin(void **state)
{
    const struct row rows[] = {
        {"Europe/Berlin", {TIMES(1, 30, 2, 30)}, BERLIN_SPRING, "+2026-03-29T00:30 -2026-03-29T01:00"},
        {"Europe/Berlin", {TIMES(2, 0, 3, 0)}, BERLIN_SPRING, ""},
        {"Europe/Berlin", {TIMES(2, 30, 4, 0)}, BERLIN_SPRING, "+2026-03-29T01:00 -2026-03-29T02:00"},
        {"Europe/Berlin", {TIMES(1, 30, 2, 30)}, BERLIN_AUTUMN, "+2026-10-24T23:30 -2026-10-25T00:30"},
        {"Europe/Berlin", {TIMES(2, 0, 3, 0)}, BERLIN_AUTUMN, "+2026-10-25T00:00 -2026-10-25T02:00"},
        {"Europe/Berlin", {TIMES(2, 30, 4, 0)}, BERLIN_AUTUMN, "+2026-10-25T00:30 -2026-10-25T03:00"},
        /* Over midnight into the change, and absolute times in it. */
        {"Europe/Berlin", {TIMES(22, 0, 26, 30)}, BERLIN_SPRING, "+2026-03-28T21:00 -2026-03-29T01:00"},
        {"Europe/Berlin", {TIMES(22, 0, 28, 0)}, BERLIN_SPRING, "+2026-03-28T21:00 -2026-03-29T02:00"},
        {"Europe/Berlin", {TIMES(22, 0, 26, 30)}, BERLIN_AUTUMN, "+2026-10-24T20:00 -2026-10-25T00:30"},
        {"Europe/Berlin", {TIMES(22, 0, 28, 0)}, BERLIN_AUTUMN, "+2026-10-24T20:00 -2026-10-25T03:00"},
        {"Europe/Berlin",
         {.absolute = true,
          .from_wall = wall_of("2026-10-25T02:30:15Z"),
          .until_wall = wall_of("2026-10-25T03:00:00Z")},
         BERLIN_AUTUMN,
         "+2026-10-25T00:30:15 -2026-10-25T02:00"},
        {"Europe/Berlin",
         {.absolute = true,
          .from_wall = wall_of("2026-03-29T02:10:00Z"),
          .until_wall = wall_of("2026-03-29T02:50:00Z")},
         BERLIN_SPRING,
         ""},
    };

    (void)state;
    check_rows(rows, ARRAY_SIZE(rows));
}

static void test_clock_changes_elsewhere(void **state)
{
    const struct row rows[] = {
        /* Half an hour. */
        {"Australia/Lord_Howe", {TIMES(2, 0, 2, 30)}, "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z", ""},
        {"Australia/Lord_Howe",
         {TIMES(1, 45, 2, 15)},
         "2026-10-03T00:00:00Z",
         "2026-10-04T00:00:00Z",
         "+2026-10-03T15:15 -2026-10-03T15:30"},
        {"Australia/Lord_Howe",
         {TIMES(1, 30, 2, 0)},
         "2026-04-04T00:00:00Z",
         "2026-04-05T00:00:00Z",
         "+2026-04-04T14:30 -2026-04-04T15:30"},
        /* At midnight. */
        {"Africa/Cairo", {TIMES(0, 0, 0, 30)}, "2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z", ""},
        {"Africa/Cairo",
         {TIMES(0, 30, 2, 0)},
         "2026-04-23T12:00:00Z",
         "2026-04-24T12:00:00Z",
         "+2026-04-23T22:00 -2026-04-23T23:00"},
        {"Africa/Cairo",
         {TIMES(23, 0, 24, 0)},
         "2026-10-29T12:00:00Z",
         "2026-10-30T12:00:00Z",
         "+2026-10-29T20:00 -2026-10-29T22:00"},
        {"America/Santiago",
         {.weekdays = SUNDAY},
         "2026-09-03T00:00:00Z",
         "2026-09-09T00:00:00Z",
         "+2026-09-06T04:00 -2026-09-07T03:00"},
        {"America/Santiago",
         {.weekdays = SUNDAY},
         "2026-04-02T00:00:00Z",
         "2026-04-08T00:00:00Z",
         "+2026-04-05T04:00 -2026-04-06T04:00"},
        {"America/Santiago",
         {.weekdays = SATURDAY},
         "2026-04-02T00:00:00Z",
         "2026-04-08T00:00:00Z",
         "+2026-04-04T03:00 -2026-04-05T04:00"},
        /* Back for Ramadan, and forward after it. */
        {"Africa/Casablanca",
         {TIMES(2, 0, 3, 0)},
         "2026-02-14T12:00:00Z",
         "2026-02-15T12:00:00Z",
         "+2026-02-15T01:00 -2026-02-15T03:00"},
        {"Africa/Casablanca", {TIMES(2, 0, 3, 0)}, "2026-03-21T12:00:00Z", "2026-03-22T12:00:00Z", ""},
        /* Whose winter is a negative saving. */
        {"Europe/Dublin", {TIMES(1, 30, 2, 30)}, BERLIN_SPRING, "+2026-03-29T01:00 -2026-03-29T01:30"},
        {"Europe/Dublin", {TIMES(1, 30, 2, 30)}, BERLIN_AUTUMN, "+2026-10-25T00:30 -2026-10-25T02:30"},
        /* A day that was not. */
        {"Pacific/Apia",
         {DATES(date_of("2011-12-30"), date_of("2011-12-30"))},
         "2011-12-01T00:00:00Z",
         "2012-01-31T00:00:00Z",
         ""},
        {"Pacific/Apia",
         {.weekdays = FRIDAY},
         "2011-12-20T00:00:00Z",
         "2012-01-08T00:00:00Z",
         "+2011-12-23T10:00 -2011-12-24T10:00 +2012-01-05T10:00 -2012-01-06T10:00"},
        /* The evening before it is cut short by the change, at 10:00; its own window would have begun in the
           evening that was not, is reached with the change, and ends the next morning: they touch. */
        {"Pacific/Apia",
         {TIMES(22, 0, 28, 0)},
         "2011-12-29T20:00:00Z",
         "2011-12-31T20:00:00Z",
         "+2011-12-30T08:00 -2011-12-30T14:00 +2011-12-31T08:00 -2011-12-31T14:00"},
        {"Asia/Kathmandu",
         {TIMES(9, 0, 17, 0)},
         "2026-06-01T00:00:00Z",
         "2026-06-02T00:00:00Z",
         "+2026-06-01T03:15 -2026-06-01T11:15"},
    };

    (void)state;
    check_rows(rows, ARRAY_SIZE(rows));
}

static void test_fields(void **state)
{
    const struct row rows[] = {
        /* Weeks that wrap, and windows that touch at midnight. */
        {"UTC",
         {.weekdays = FRIDAY | SATURDAY | SUNDAY | MONDAY},
         "2026-11-25T00:00:00Z",
         "2026-12-09T00:00:00Z",
         "+2026-11-27T00:00 -2026-12-01T00:00 +2026-12-04T00:00 -2026-12-08T00:00"},
        {"UTC",
         {.weekdays = FRIDAY, TIMES(22, 0, 30, 0)},
         "2026-11-25T00:00:00Z",
         "2026-12-01T00:00:00Z",
         "+2026-11-27T22:00 -2026-11-28T06:00"},
        {"UTC",
         {.weekdays = THURSDAY | FRIDAY, TIMES(0, 0, 24, 0)},
         "2026-11-25T00:00:00Z",
         "2026-12-01T00:00:00Z",
         "+2026-11-26T00:00 -2026-11-28T00:00"},
        {"UTC",
         {.weekdays = THURSDAY, TIMES_2(8, 0, 12, 0, 12, 0, 13, 30)},
         "2026-11-25T00:00:00Z",
         "2026-12-01T00:00:00Z",
         "+2026-11-26T08:00 -2026-11-26T13:30"},
        /* The last day of each month. */
        {"UTC",
         {DAYS_OF_MONTH(-1, -1), TIMES(22, 0, 24, 0)},
         "2028-01-01T00:00:00Z",
         "2028-05-01T00:00:01Z",
         "+2028-01-31T22:00 -2028-02-01T00:00 +2028-02-29T22:00 -2028-03-01T00:00 +2028-03-31T22:00 "
         "-2028-04-01T00:00 +2028-04-30T22:00 -2028-05-01T00:00"},
        {"UTC",
         {DAYS_OF_MONTH(-31, -30), .months = MONTH(1) | MONTH(2) | MONTH(4)},
         "2026-01-10T00:00:00Z",
         "2027-01-10T00:00:00Z",
         "+2026-04-01T00:00 -2026-04-02T00:00 +2027-01-01T00:00 -2027-01-03T00:00"},
        {"UTC",
         {DAYS_OF_MONTH(27, -1), .months = MONTH(2)},
         "2026-01-01T00:00:00Z",
         "2027-01-01T00:00:00Z",
         "+2026-02-27T00:00 -2026-03-01T00:00"},
        {"UTC",
         {DAYS_OF_MONTH(29, 31), .months = MONTH(2)},
         "2026-01-01T00:00:00Z",
         "2029-01-01T00:00:00Z",
         "+2028-02-29T00:00 -2028-03-01T00:00"},
        /* 2100 is no leap year. */
        {"UTC",
         {DAYS_OF_MONTH(29, 29), .months = MONTH(2)},
         "2094-01-01T00:00:00Z",
         "2105-01-01T00:00:00Z",
         "+2096-02-29T00:00 -2096-03-01T00:00 +2104-02-29T00:00 -2104-03-01T00:00"},
        {"UTC",
         {.weekdays = SATURDAY, DAYS_OF_MONTH(1, 7), TIMES(22, 0, 28, 0)},
         "2026-12-01T00:00:00Z",
         "2027-01-31T00:00:00Z",
         "+2026-12-05T22:00 -2026-12-06T04:00 +2027-01-02T22:00 -2027-01-03T04:00"},
        {"UTC",
         {YEARS(2030, 2030), .months = MONTH(12)},
         "2026-12-01T00:00:00Z",
         "2100-01-31T00:00:00Z",
         "+2030-12-01T00:00 -2031-01-01T00:00"},
        {"UTC",
         {DATES(date_of("2026-12-24"), date_of("2027-01-01"))},
         "2026-11-01T00:00:00Z",
         "2100-01-31T00:00:00Z",
         "+2026-12-24T00:00 -2027-01-02T00:00"},
        {"UTC",
         {DATES(date_of("2026-12-24"), date_of("2027-01-01")), .weekdays = SUNDAY, YEARS(2027, 2199)},
         "2026-11-01T00:00:00Z",
         "2100-01-31T00:00:00Z",
         ""},
        {"UTC", {.every_day = true}, "2026-11-01T00:00:00Z", "2300-01-31T00:00:00Z", ""},
        {"UTC",
         {YEARS(2026, 2150)},
         "2025-01-01T00:00:00Z",
         "2300-01-31T00:00:00Z",
         "+2026-01-01T00:00 -2151-01-01T00:00"},
    };

    (void)state;
    check_rows(rows, ARRAY_SIZE(rows));
}

/* Hours of each working day, an audit in the same evening that touches them, a holiday, and a lunch without.
 */
static void test_union_excludes_and_causes(void **state)
{
    _cleanup_(zone_freep) struct zone *berlin = given_zone("Europe/Berlin"),
                                      *tokyo = given_zone("Asia/Tokyo");
    const struct interval intervals[] = {
        {.kind = INTERVAL_ACTIVE_HOURS, .line = 10, .zone = berlin, .weekdays = 62, TIMES(8, 30, 17, 30)},
        {.kind = INTERVAL_MAINTENANCE_WINDOW,
         .line = 20,
         .zone = berlin,
         .weekdays = THURSDAY,
         TIMES(17, 30, 26, 0)},
        {.kind = INTERVAL_EXCLUDE,
         .line = 30,
         .zone = berlin,
         DATES(date_of("2026-11-25"), date_of("2026-11-25"))},
        {.kind = INTERVAL_EXCLUDE, .line = 40, .zone = berlin, .weekdays = THURSDAY, TIMES(12, 0, 13, 0)},
        /* 06:00 to 07:00 in Berlin */
        {.kind = INTERVAL_ACTIVE_HOURS, .line = 50, .zone = tokyo, .weekdays = FRIDAY, TIMES(14, 0, 15, 0)},
    };
    static const struct {
        const char *at;
        bool on;
        unsigned line; /* 0: none */
        const char *since, *until;
    } rows[] = {
        {"2026-11-24T16:29:59Z", true, 10, "2026-11-24T07:30:00Z", "2026-11-24T16:30:00Z"},
        {"2026-11-24T16:30:00Z", false, 0, "2026-11-24T16:30:00Z", "2026-11-26T07:30:00Z"},
        {"2026-11-25T10:00:00Z", false, 30, "2026-11-24T16:30:00Z", "2026-11-26T07:30:00Z"},
        {"2026-11-26T07:30:00Z", true, 10, "2026-11-26T07:30:00Z", "2026-11-26T11:00:00Z"},
        {"2026-11-26T11:30:00Z", false, 40, "2026-11-26T11:00:00Z", "2026-11-26T12:00:00Z"},
        {"2026-11-26T12:00:00Z", true, 10, "2026-11-26T12:00:00Z", "2026-11-27T01:00:00Z"},
        {"2026-11-26T20:00:00Z", true, 20, "2026-11-26T12:00:00Z", "2026-11-27T01:00:00Z"},
        {"2026-11-27T02:00:00Z", false, 0, "2026-11-27T01:00:00Z", "2026-11-27T05:00:00Z"},
        {"2026-11-27T05:30:00Z", true, 50, "2026-11-27T05:00:00Z", "2026-11-27T06:00:00Z"},
    };
    _cleanup_(calendar_freep) struct calendar *calendar = given_calendar(intervals, ARRAY_SIZE(intervals));
    size_t n;

    (void)state;
    assert_int_equal(calendar_intervals(calendar, &n)[2].line, 30);
    assert_int_equal(n, ARRAY_SIZE(intervals));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct calendar_answer answer;

        calendar_at(calendar, utc_of(rows[i].at), &answer);
        assert_int_equal(answer.on, rows[i].on);
        assert_int_equal(answer.until, utc_of(rows[i].until));
        assert_int_equal(answer.because ? answer.because->line : 0, rows[i].line);
        assert_int_equal(calendar_since(calendar, utc_of(rows[i].at)), utc_of(rows[i].since));
    }
}

static void test_nothing_and_always_never_change(void **state)
{
    _cleanup_(zone_freep) struct zone *zone = given_zone("America/New_York");
    const struct interval always[] = {
        {.zone = zone, .every_day = true, TIMES(0, 0, 12, 0)},
        {.zone = zone, .every_day = true, TIMES(12, 0, 24, 0)},
    };
    const struct interval swallowed[] = {
        {.zone = zone, TIMES(22, 0, 23, 0)},
        {.kind = INTERVAL_EXCLUDE, .zone = zone, TIMES(21, 30, 23, 30)},
    };
    const struct {
        const struct interval *intervals;
        size_t n;
        bool on;
    } rows[] = {{NULL, 0, false}, {always, 1, true}, {always, 2, true}, {swallowed, 2, false}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(calendar_freep) struct calendar *calendar = NULL;
        struct calendar_answer answer;
        struct interval whole = {.zone = zone, .every_day = true};

        calendar = rows[i].n == 1 ? given_calendar(&whole, 1) : given_calendar(rows[i].intervals, rows[i].n);
        calendar_at(calendar, utc_of("2026-11-26T12:00:00Z"), &answer);
        assert_int_equal(answer.on, rows[i].on);
        assert_true(answer.until == USEC_INFINITY);
        assert_true(calendar_since(calendar, utc_of("2026-11-26T12:00:00Z")) == -USEC_INFINITY);
    }
}

/* Beyond the first and the last date, the answers are those of these dates. */
static void test_instants_far_away_are_answered(void **state)
{
    static const usec instants[] = {-USEC_INFINITY,    -USEC_INFINITY / 2, -1, 0,
                                    USEC_INFINITY / 2, USEC_INFINITY};
    _cleanup_(zone_freep) struct zone *zone = given_zone("America/New_York");
    const struct interval interval = {.zone = zone, .every_day = true, YEARS(2000, 2300)};
    _cleanup_(calendar_freep) struct calendar *calendar = given_calendar(&interval, 1);

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(instants); i++) {
        struct calendar_answer answer;

        calendar_at(calendar, instants[i], &answer);
        assert_int_equal(answer.on, instants[i] > 0);
        assert_true(answer.until == (answer.on ? USEC_INFINITY : utc_of("2000-01-01T05:00:00Z")));
        assert_true(calendar_since(calendar, instants[i]) ==
                    (answer.on ? utc_of("2000-01-01T05:00:00Z") : -USEC_INFINITY));
    }
}

/* Intervals of the same days are searched as one; each is named while it is the one that lasts. */
static void test_same_days_are_one_window_of_many_causes(void **state)
{
    _cleanup_(zone_freep) struct zone *utc = given_zone("UTC");
    const struct interval intervals[] = {
        {.kind = INTERVAL_ACTIVE_HOURS, .line = 10, .zone = utc, .weekdays = FRIDAY, TIMES(14, 0, 15, 0)},
        {.kind = INTERVAL_ACTIVE_HOURS, .line = 20, .zone = utc, .weekdays = FRIDAY, TIMES(8, 0, 12, 0)},
        {.kind = INTERVAL_MAINTENANCE_WINDOW,
         .line = 30,
         .zone = utc,
         .weekdays = FRIDAY,
         TIMES(10, 0, 14, 0)},
        {.kind = INTERVAL_ACTIVE_HOURS, .line = 40, .zone = utc, .weekdays = FRIDAY, TIMES(8, 0, 12, 0)},
        {.kind = INTERVAL_EXCLUDE, .line = 50, .zone = utc, .weekdays = FRIDAY, TIMES(10, 30, 11, 30)},
        {.kind = INTERVAL_EXCLUDE, .line = 60, .zone = utc, .weekdays = FRIDAY, TIMES(11, 0, 11, 45)},
    };
    static const struct {
        const char *at;
        bool on;
        unsigned line; /* 0: none */
        const char *since, *until;
    } rows[] = {
        {"2026-11-27T08:00:00Z", true, 20, "2026-11-27T08:00:00Z", "2026-11-27T10:30:00Z"},
        {"2026-11-27T10:00:00Z", true, 30, "2026-11-27T08:00:00Z", "2026-11-27T10:30:00Z"},
        {"2026-11-27T10:30:00Z", false, 50, "2026-11-27T10:30:00Z", "2026-11-27T11:45:00Z"},
        {"2026-11-27T11:00:00Z", false, 60, "2026-11-27T10:30:00Z", "2026-11-27T11:45:00Z"},
        {"2026-11-27T11:45:00Z", true, 30, "2026-11-27T11:45:00Z", "2026-11-27T15:00:00Z"},
        {"2026-11-27T14:00:00Z", true, 10, "2026-11-27T11:45:00Z", "2026-11-27T15:00:00Z"},
        {"2026-11-27T15:00:00Z", false, 0, "2026-11-27T15:00:00Z", "2026-12-04T08:00:00Z"},
    };
    _cleanup_(calendar_freep) struct calendar *calendar = given_calendar(intervals, ARRAY_SIZE(intervals));

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct calendar_answer answer;

        calendar_at(calendar, utc_of(rows[i].at), &answer);
        assert_int_equal(answer.on, rows[i].on);
        assert_int_equal(answer.because ? answer.because->line : 0, rows[i].line);
        assert_int_equal(answer.until, utc_of(rows[i].until));
        assert_int_equal(calendar_since(calendar, utc_of(rows[i].at)), utc_of(rows[i].since));
    }
}

static void test_one_interval_alone(void **state)
{
    _cleanup_(zone_freep) struct zone *zone = given_zone("Europe/Berlin");
    const struct interval interval = {
        .kind = INTERVAL_EXCLUDE, .zone = zone, .weekdays = FRIDAY, TIMES(22, 0, 30, 0)};
    usec from = 0, until = 0;

    (void)state;
    assert_true(interval_at(&interval, utc_of("2026-11-28T04:00:00Z"), &from, &until));
    assert_int_equal(from, utc_of("2026-11-27T21:00:00Z"));
    assert_int_equal(until, utc_of("2026-11-28T05:00:00Z"));
    assert_false(interval_at(&interval, utc_of("2026-11-28T05:00:00Z"), &from, &until));
    assert_int_equal(from, utc_of("2026-12-04T21:00:00Z"));
    assert_int_equal(until, utc_of("2026-12-05T05:00:00Z"));
    assert_true(interval_at(&interval, utc_of("2026-11-28T04:00:00Z"), NULL, NULL));
}

static void test_too_many_and_no_memory(void **state)
{
    struct calendar *calendar = NULL;

    (void)state;
    assert_int_equal(calendar_new(NULL, CALENDAR_INTERVALS_MAX + 1, &calendar), -E2BIG);
    for (unsigned n = 1; n <= 9; n++) {
        allocation_fail_at(n);
        assert_int_equal(calendar_new(NULL, 0, &calendar), -ENOMEM);
        assert_true(allocation_failed());
        assert_null(calendar);
    }
    allocation_fail_at(10);
    assert_int_equal(calendar_new(NULL, 0, &calendar), 0);
    assert_false(allocation_failed());
    allocation_fail_at(0);
    assert_null(calendar_free(calendar));
    assert_null(calendar_free(NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_changes_in_berlin),
        cmocka_unit_test(test_clock_changes_elsewhere),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_union_excludes_and_causes),
        cmocka_unit_test(test_nothing_and_always_never_change),
        cmocka_unit_test(test_instants_far_away_are_answered),
        cmocka_unit_test(test_same_days_are_one_window_of_many_causes),
        cmocka_unit_test(test_one_interval_alone),
        cmocka_unit_test(test_too_many_and_no_memory),
    };

    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
