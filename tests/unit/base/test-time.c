// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/time.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/error.h"

static void test_dates_against_libc(void **state)
{
    (void)state;
    for (int32_t days = -719162; days < 2932896; days += 13) {
        struct date date = date_from_days(days);
        time_t seconds = (time_t)days * 86400;
        struct tm tm;

        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(date_weekday(days), tm.tm_wday);
        assert_int_equal(date_to_days(date), days);
        assert_true(date_is_valid(date));
    }
}

static void test_rfc3339(void **state)
{
    static const struct {
        const char *text;
        usec utc; /* -1: refused */
        const char *back;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"},
        {"2026-11-23T08:30:00.5+01:00", INT64_C(1795419000500000), "2026-11-23T07:30:00.500Z"},
        {"2026-11-23T07:30:00.123456789Z", INT64_C(1795419000123456), "2026-11-23T07:30:00.123Z"},
        {"2026-11-23T07:30:00+00:00", INT64_C(1795419000000000), "2026-11-23T07:30:00.000Z"},
        {"2026-11-23t07:30:00z", INT64_C(1795419000000000), "2026-11-23T07:30:00.000Z"},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000), "2017-01-01T00:00:00.000Z"},
        {"2026-11-23T07:30:00", -1, NULL},
        {"2026-11-23T07:30:00.Z", -1, NULL},
        {"2026-11-23T07:30:00.1234567890Z", -1, NULL},
        {"2026-02-29T00:00:00Z", -1, NULL},
        {"2026-13-01T00:00:00Z", -1, NULL},
        {"2026-11-23T24:00:00Z", -1, NULL},
        {"2026-11-23T07:30:00Z ", -1, NULL},
        {"2026-11-23T07:30:00+24:00", -1, NULL},
        {"", -1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buffer[TIME_TEXT_MAX];
        usec utc = -7;

        if (rows[i].utc < 0) {
            assert_int_equal(time_parse_rfc3339(rows[i].text, &utc), -EINVAL);
            assert_int_equal(utc, -7);
            continue;
        }
        assert_int_equal(time_parse_rfc3339(rows[i].text, &utc), 0);
        assert_true(utc == rows[i].utc);
        assert_string_equal(time_format_rfc3339(buffer, utc), rows[i].back);
    }
}

static void test_instants_beyond_all_years_are_clamped(void **state)
{
    static const struct {
        usec utc;
        const char *text;
    } rows[] = {
        {INT64_MIN, "0001-01-01T00:00:00.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-USEC_PER_SEC, "1969-12-31T23:59:59.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buffer[TIME_TEXT_MAX];

        assert_string_equal(time_format_rfc3339(buffer, rows[i].utc), rows[i].text);
    }
}

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        int r;
        usec duration;
        const char *back;
    } rows[] = {
        {"90s", 0, 90 * USEC_PER_SEC, "1m30s"},
        {"20m", 0, 20 * USEC_PER_MINUTE, "20m"},
        {"1h30m", 0, 90 * USEC_PER_MINUTE, "1h30m"},
        {"1w2d", 0, 9 * USEC_PER_DAY, "1w2d"},
        {"0s", 0, 0, "0s"},
        {"90", -EINVAL, 0, NULL},
        {"", -EINVAL, 0, NULL},
        {"m", -EINVAL, 0, NULL},
        {"1m1h", -EINVAL, 0, NULL},
        {"1m1m", -EINVAL, 0, NULL},
        {"1h 30m", -EINVAL, 0, NULL},
        {"-1m", -EINVAL, 0, NULL},
        {"99999999999999999999s", -ERANGE, 0, NULL},
        {"5200w1s", -ERANGE, 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buffer[DURATION_TEXT_MAX];
        struct error error = {0};
        usec duration = -7;

        assert_int_equal(duration_parse(rows[i].text, &duration, &error), rows[i].r);
        if (rows[i].r < 0) {
            assert_true(duration == -7);
            assert_true(strlen(error.text) > 0);
            continue;
        }
        assert_true(duration == rows[i].duration);
        assert_string_equal(duration_format(buffer, duration), rows[i].back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates_against_libc),
        cmocka_unit_test(test_rfc3339),
        cmocka_unit_test(test_instants_beyond_all_years_are_clamped),
        cmocka_unit_test(test_durations),
    };

    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
