// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/site_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/engine.h"

#define S    USEC_PER_SEC
#define UTC  (INT64_C(1795419000) * S)
#define BOOT (1000 * S)

/* This machine's clocks so long after the first reply was awaited. */
static struct instant after(usec passed)
{
    return (struct instant){.utc = UTC + passed, .boot = BOOT + passed};
}

/* A Date, cut to whole seconds, from a site that is `ahead` of this machine; the call took `trip` each way.
 */
static void observe(struct site_clock *clock, usec passed, usec trip, usec ahead)
{
    usec site = UTC + passed + trip + ahead;

    site_clock_observe(clock, BOOT + passed, BOOT + passed + 2 * trip, site - site % S);
}

static void test_nothing_known_is_no_offset(void **state)
{
    struct site_clock clock = {0};
    struct instant now = after(0);

    (void)state;
    assert_true(site_clock_offset(&clock, &now) == 0);
    assert_true(site_clock_now(&clock, &now).earliest == UTC);
    assert_true(site_clock_now(&clock, &now).latest == UTC);
    site_clock_refine(&clock, BOOT, BOOT, UTC + 3600 * S); /* nothing to hold it against */
    assert_false(clock.known);
}

static void test_the_bounds_hold_the_truth(void **state)
{
    static const usec aheads[] = {0,       1,        S / 2,     2 * S,      10 * S,
                                  -10 * S, 3600 * S, -3600 * S, 40 * S + 7, -400 * 86400 * S};
    static const usec trips[] = {0, S / 100, S, 10 * S};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(aheads); i++)
        for (size_t k = 0; k < ARRAY_SIZE(trips); k++)
            for (usec passed = 0; passed < 3 * S; passed += S / 7) {
                struct site_clock clock = {0};
                struct instant now = after(passed + 2 * trips[k]);
                struct site_time site;
                usec offset, bound = aheads[i] < 0 ? -aheads[i] : aheads[i];

                observe(&clock, passed, trips[k], aheads[i]);
                assert_true(clock.known);
                offset = site_clock_offset(&clock, &now);
                site = site_clock_now(&clock, &now);
                if (offset == 0) {
                    assert_true(bound <= SITE_CLOCK_TOLERANCE + S + 2 * trips[k]);
                    assert_true(site.earliest == now.utc && site.latest == now.utc);
                } else {
                    assert_true((offset > 0) == (aheads[i] > 0));
                    assert_true((offset > 0 ? offset : -offset) <= bound);
                    assert_true(site.earliest <= now.utc + aheads[i]);
                    assert_true(site.latest >= now.utc + aheads[i]);
                    assert_true(site.latest - site.earliest <= S + 2 * trips[k]);
                }
            }
}

static void test_the_offset_is_the_smallest_possible(void **state)
{
    static const struct {
        usec date_after, trip, offset; /* the Date minus this machine's UTC */
    } rows[] = {
        {0, 0, 0},
        {2 * S, 0, 0}, /* 2 to 3 s ahead: tolerated */
        {2 * S + 1, 0, 2 * S + 1},
        {40 * S, 0, 40 * S},     /* 40 to 41 */
        {40 * S, 5 * S, 30 * S}, /* 30 to 41: the reply may have been on its way for 10 s */
        {-3 * S, 0, 0},          /* 2 to 3 behind */
        {-3 * S - 1, 0, -2 * S - 1},
        {-40 * S, 0, -39 * S},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct site_clock clock = {0};
        struct instant now = after(2 * rows[i].trip);

        site_clock_observe(&clock, BOOT, BOOT + 2 * rows[i].trip, UTC + rows[i].date_after);
        assert_true(site_clock_offset(&clock, &now) == rows[i].offset);
    }
}

static usec width(const struct site_clock *clock)
{
    return clock->high - clock->low;
}

static void test_bounds_intersect(void **state)
{
    struct site_clock clock = {0};
    usec before;

    (void)state;
    observe(&clock, 0, S, 40 * S + S / 2);
    before = width(&clock);
    observe(&clock, 3 * S / 10, 0, 40 * S + S / 2);
    assert_true(width(&clock) < before);
    observe(&clock, S, 10 * S, 40 * S + S / 2); /* one that says less widens nothing but for the drift */
    assert_true(width(&clock) <= S + 2 * 21 * SITE_CLOCK_DRIFT_PPM);
}

static void test_bounds_widen_as_clocks_drift(void **state)
{
    struct site_clock clock = {0};
    struct instant now = after(0), later = after(86400 * S);
    struct site_time at_once, after_a_day;

    (void)state;
    observe(&clock, 0, 0, 3600 * S);
    at_once = site_clock_now(&clock, &now);
    after_a_day = site_clock_now(&clock, &later);
    assert_true(after_a_day.earliest - at_once.earliest == 86400 * S - 86400 * SITE_CLOCK_DRIFT_PPM);
    assert_true(after_a_day.latest - at_once.latest == 86400 * S + 86400 * SITE_CLOCK_DRIFT_PPM);
}

static void test_a_clock_that_was_set_is_believed_anew(void **state)
{
    struct site_clock clock = {0};
    struct instant now;

    (void)state;
    observe(&clock, 0, 0, 0);
    observe(&clock, 10 * S, 0, 100 * S);
    now = after(10 * S);
    assert_true(site_clock_offset(&clock, &now) == 100 * S);
    /* This machine's own clock was set: the boot clock knows nothing of it, and the offset follows. */
    now.utc += 100 * S;
    assert_true(site_clock_offset(&clock, &now) == 0);
    now.utc -= 200 * S;
    assert_true(site_clock_offset(&clock, &now) == 200 * S);
}

/* The site's clock was set back while nothing was heard of it, by less than the bounds have widened since. */
static void test_bounds_of_long_ago_count_no_more(void **state)
{
    struct site_clock clock = {0};
    struct instant now = after(60 * USEC_PER_HOUR);
    struct site_time site;

    (void)state;
    observe(&clock, 0, S / 5, 0);
    observe(&clock, 60 * USEC_PER_HOUR, S / 5, -45 * S);
    site = site_clock_now(&clock, &now);
    assert_true(site.earliest <= now.utc - 45 * S && now.utc - 45 * S <= site.latest);
}

/* But a reply that took its time tells less than they still do. */
static void test_bounds_of_long_ago_count_against_a_slow_reply(void **state)
{
    struct site_clock clock = {0};
    struct instant now = after(2 * USEC_PER_HOUR + 30 * S);

    (void)state;
    observe(&clock, 0, S / 5, 20 * S);
    observe(&clock, 2 * USEC_PER_HOUR, 12 * S, 20 * S);
    assert_true(site_clock_offset(&clock, &now) > 15 * S);
}

static void test_an_exact_reading_counts_within_the_bounds_only(void **state)
{
    struct site_clock clock = {0}, before;
    struct instant now = after(0);

    (void)state;
    observe(&clock, 0, 0, 40 * S);
    before = clock;
    site_clock_refine(&clock, BOOT, BOOT, UTC + 60 * S);
    assert_memory_equal(&clock, &before, sizeof(clock));
    site_clock_refine(&clock, BOOT, BOOT, UTC + 40 * S + S / 4);
    assert_true(width(&clock) == 0);
    assert_true(site_clock_offset(&clock, &now) == 40 * S + S / 4);
    assert_true(site_clock_now(&clock, &now).earliest == site_clock_now(&clock, &now).latest);
}

/* A site that cuts its expiries to seconds, or fills them up, reads up to a second less than it seems, or
 * more. */
static void test_a_reading_in_whole_seconds_is_not_exact(void **state)
{
    (void)state;
    for (int up = 0; up < 2; up++) {
        usec site = UTC - 45 * S + 758 * USEC_PER_MSEC, trip = 145 * USEC_PER_MSEC;
        struct site_clock clock = {0};
        struct instant now = after(758 * USEC_PER_MSEC + trip);
        struct site_time time;

        observe(&clock, 758 * USEC_PER_MSEC - trip, trip, -45 * S);
        site_clock_refine(&clock, now.boot - 2 * trip, now.boot, site - site % S + up * S);
        time = site_clock_now(&clock, &now);
        assert_true(time.earliest <= site + trip && site + trip <= time.latest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_known_is_no_offset),
        cmocka_unit_test(test_the_bounds_hold_the_truth),
        cmocka_unit_test(test_the_offset_is_the_smallest_possible),
        cmocka_unit_test(test_bounds_intersect),
        cmocka_unit_test(test_bounds_widen_as_clocks_drift),
        cmocka_unit_test(test_a_clock_that_was_set_is_believed_anew),
        cmocka_unit_test(test_bounds_of_long_ago_count_no_more),
        cmocka_unit_test(test_bounds_of_long_ago_count_against_a_slow_reply),
        cmocka_unit_test(test_a_reading_in_whole_seconds_is_not_exact),
        cmocka_unit_test(test_an_exact_reading_counts_within_the_bounds_only),
    };

    return cmocka_run_group_tests_name("engine/site_clock", tests, NULL, NULL);
}
