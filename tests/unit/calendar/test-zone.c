// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/zone.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/random.h"
#include "calendar/posix_rule.h"
#include "given.h"
#include "../allocation.h"

#define SECONDS_1900 INT64_C(-2208988800)
#define SECONDS_2100 INT64_C(4102444800)

static void agree(const struct zone *zone, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    assert_non_null(localtime_r(&time, &tm));
    if (zone_offset(zone, seconds * USEC_PER_SEC) != tm.tm_gmtoff)
        fail_msg("%s at %" PRId64 ": %d, libc has %ld", zone_name(zone), seconds,
                 zone_offset(zone, seconds * USEC_PER_SEC), tm.tm_gmtoff);
}

static void test_every_zone_agrees_with_libc(void **state)
{
    static char names[GIVEN_ZONES_MAX][ZONE_NAME_MAX + 1];
    struct random random = {1900};
    size_t n = given_zone_names(names);

    (void)state;
    if (n == 0)
        skip();
    for (size_t i = 0; i < n; i++) {
        _cleanup_(zone_freep) struct zone *zone = given_zone(names[i]);
        const struct zone_transition *next;
        usec utc = SECONDS_1900 * USEC_PER_SEC;
        char name[ZONE_NAME_MAX + 2];

        snprintf(name, sizeof(name), ":%s", names[i]);
        setenv("TZ", name, 1);
        tzset();
        while ((next = zone_next_transition(zone, utc)) && next->utc < SECONDS_2100 * USEC_PER_SEC) {
            agree(zone, next->utc / USEC_PER_SEC - 1);
            agree(zone, next->utc / USEC_PER_SEC);
            assert_int_not_equal(next->offset, next->offset_before);
            utc = next->utc;
        }
        for (unsigned k = 0; k < 1000; k++)
            agree(zone, random_between(&random, SECONDS_1900, SECONDS_2100));
    }
}

/* Seconds around each transition of a zone, one by one: what the clock reads, and when it first did. */
static void test_first_reach_is_the_first_instant_that_reads_it(void **state)
{
    static const char *const names[] = {"Europe/Berlin",     "Australia/Lord_Howe", "America/Santiago",
                                        "Africa/Casablanca", "Pacific/Apia",        "America/St_Johns"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        _cleanup_(zone_freep) struct zone *zone = given_zone(names[i]);
        const struct zone_transition *next;
        usec utc = 0, last = INT64_C(2051222400) * USEC_PER_SEC; /* 2035 */

        while ((next = zone_next_transition(zone, utc)) && next->utc < last) {
            usec highest = -USEC_INFINITY;

            for (usec at = next->utc - 30 * USEC_PER_HOUR; at < next->utc + 30 * USEC_PER_HOUR;
                 at += USEC_PER_MINUTE / 2) {
                usec wall = zone_wall(zone, at);

                if (wall > highest) {
                    usec reach = zone_first_reach(zone, wall);

                    assert_true(reach <= at && reach > at - USEC_PER_MINUTE / 2);
                    assert_true(zone_reached(zone, reach) >= wall && zone_reached(zone, reach - 1) < wall);
                    highest = wall;
                } else {
                    assert_true(zone_first_reach(zone, wall) < at);
                }
                assert_true(zone_reached(zone, at) >= highest &&
                            zone_reached(zone, at) < highest + USEC_PER_MINUTE / 2);
            }
            utc = next->utc;
        }
    }
}

static void test_rules_are_those_of_the_footer(void **state)
{
    static const struct {
        const char *rule;
        int32_t year;
        const char *start, *end; /* NULL: no changes */
        int32_t standard;
    } rows[] = {
        {"UTC0", 2026, NULL, NULL, 0},
        {"<+0545>-5:45", 2026, NULL, NULL, 20700},
        {"<-0930>9:30", 2026, NULL, NULL, -34200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 2026, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", 3600},
        {"EST5EDT,M3.2.0,M11.1.0", 2100, "2100-03-14T07:00:00Z", "2100-11-07T06:00:00Z", -18000},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 2026, "2026-10-25T01:00:00Z", "2026-03-29T01:00:00Z", 3600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2026, "2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z", 37800},
        {"EET-2EEST,M4.5.5/0,M10.5.4/24", 2026, "2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z", 7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", -7200},
        {"AAA0BBB,J60,J365/25", 2028, "2028-03-01T02:00:00Z", "2029-01-01T00:00:00Z", 0},
        {"AAA0BBB,59/0,300/0:30:15", 2028, "2028-02-29T00:00:00Z", "2028-10-26T23:30:15Z", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct posix_rule rule;
        usec start, end;

        assert_int_equal(posix_rule_parse(rows[i].rule, strlen(rows[i].rule), &rule), 0);
        assert_int_equal(rule.standard, rows[i].standard);
        assert_int_equal(rule.changes, rows[i].start != NULL);
        if (!rows[i].start)
            continue;
        assert_int_equal(time_parse_rfc3339(rows[i].start, &start), 0);
        assert_int_equal(time_parse_rfc3339(rows[i].end, &end), 0);
        assert_int_equal(posix_rule_start(&rule, rows[i].year), start);
        assert_int_equal(posix_rule_end(&rule, rows[i].year), end);
    }
}

static void test_what_is_no_rule_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        "UT0",
        "UTC",
        "UTC25",
        "UTC0 ",
        "<UTC0",
        "<+1>0",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3,",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365",
        "CET-1CEST,J1,J366",
        "CET-1CEST,0,366",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0/1:60,M10.5.0",
        "CET-99999999999999999999",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct posix_rule rule = {.standard = 7};

        if (posix_rule_parse(rows[i], strlen(rows[i]), &rule) != -EBADMSG || rule.standard != 7)
            fail_msg("not refused: %s", rows[i]);
    }
}

static void test_daylight_saving_all_year_has_no_transition(void **state)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;
    char table[256];
    size_t size = given_table(table, sizeof(table), "EST5EDT,0/0,J365/25");

    (void)state;
    assert_int_equal(zone_parse("Always", table, size, &zone), 0);
    assert_int_equal(zone_offset(zone, INT64_C(1767225600) * USEC_PER_SEC - 1), -14400);
    assert_int_equal(zone_offset(zone, INT64_C(1767225600) * USEC_PER_SEC + USEC_PER_DAY), -14400);
    assert_null(zone_next_transition(zone, 0));
}

/* Every beginning of a file, and every byte of its heads changed, is refused or read: never a bad access. */
static void test_damaged_files_are_refused(void **state)
{
    size_t size;
    _cleanup_free_ unsigned char *bytes = given_zone_bytes("Europe/Berlin", &size);

    (void)state;
    assert_non_null(bytes);
    for (size_t cut = 0; cut < size; cut++) {
        _cleanup_free_ unsigned char *exact = malloc(cut ? cut : 1); /* so that tools see a read beyond it */
        struct zone *zone = NULL;

        memcpy(exact, bytes, cut);
        assert_int_equal(zone_parse("Cut", exact, cut, &zone), -EBADMSG);
        assert_null(zone);
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char was = bytes[i];
        struct zone *zone = NULL;
        int r;

        bytes[i] = (unsigned char)~was;
        r = zone_parse("Changed", bytes, size, &zone);
        assert_true(r == 0 || r == -EBADMSG);
        zone_free(zone);
        bytes[i] = was;
    }
}

static void test_old_and_leap_second_files_are_refused(void **state)
{
    struct zone *zone = NULL;
    char table[256];
    size_t size = given_table(table, sizeof(table), "UTC0"), second = 44 + 10;

    (void)state;
    assert_int_equal(zone_parse("Whole", table, size, &zone), 0);
    zone = zone_free(zone);
    table[4] = 0; /* version 1 */
    assert_int_equal(zone_parse("Old", table, size, &zone), -EBADMSG);
    table[4] = '2';
    table[second + 31] = 1; /* a leap second, which takes 12 bytes */
    memmove(table + second + 44 + 10 + 12, table + second + 44 + 10, 6);
    assert_int_equal(zone_parse("Leap", table, size + 12, &zone), -EBADMSG);
    assert_null(zone);
}

static void test_each_failed_allocation_is_told(void **state)
{
    char table[256];
    size_t size = given_table(table, sizeof(table), "CET-1CEST,M3.5.0,M10.5.0/3");

    (void)state;
    for (unsigned n = 1;; n++) {
        struct zone *zone = NULL;
        int r;

        allocation_fail_at(n);
        r = zone_parse("Berlin", table, size, &zone);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            assert_true(n > 1);
            zone_free(zone);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(zone);
    }
    allocation_fail_at(0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_zone_agrees_with_libc),
        cmocka_unit_test(test_first_reach_is_the_first_instant_that_reads_it),
        cmocka_unit_test(test_rules_are_those_of_the_footer),
        cmocka_unit_test(test_what_is_no_rule_is_refused),
        cmocka_unit_test(test_daylight_saving_all_year_has_no_transition),
        cmocka_unit_test(test_damaged_files_are_refused),
        cmocka_unit_test(test_old_and_leap_second_files_are_refused),
        cmocka_unit_test(test_each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
