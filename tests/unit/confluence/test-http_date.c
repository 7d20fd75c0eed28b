// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/http_date.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777}, /* RFC 9110's own */
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Mon, 23 Nov 2026 07:30:00 GMT", 1795419000},
        {"Sat, 29 Feb 2020 00:00:00 GMT", 1582934400},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800}, /* a leap second */
        {"Fri, 06 Nov 1994 08:49:37 GMT", 784111777},  /* it was a Sunday; not held against it */
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        usec utc;

        assert_int_equal(http_date_parse(rows[i].text, &utc), 0);
        assert_true(utc == rows[i].seconds * USEC_PER_SEC);
    }
}

static void test_every_month(void **state)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(months); i++) {
        struct date date = {.year = 2026, .month = (uint8_t)(i + 1), .day = 23};
        char text[] = "Mon, 23 xxx 2026 00:00:00 GMT";
        usec utc;

        memcpy(text + 8, months[i], 3);
        assert_int_equal(http_date_parse(text, &utc), 0);
        assert_true(utc == date_to_days(date) * USEC_PER_DAY);
    }
}

static void test_what_is_no_date(void **state)
{
    static const char *const rows[] = {
        "",
        "0",
        "Sunday, 06-Nov-94 08:49:37 GMT", /* obsolete */
        "Sun Nov  6 08:49:37 1994",       /* obsolete */
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GM",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT", /* letters that stand across two months' names */
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:+7 GMT",
        "S\xc3\xbc, 06 Nov 1994 08:49:37 GMT",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        usec utc = -7;

        if (http_date_parse(rows[i], &utc) != -EINVAL)
            fail_msg("'%s' was read as a date", rows[i]);
        assert_true(utc == -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_every_month),
        cmocka_unit_test(test_what_is_no_date),
    };

    return cmocka_run_group_tests_name("confluence/http_date", tests, NULL, NULL);
}
