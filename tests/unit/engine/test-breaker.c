// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define DURATION 60 /* minutes */

/* Posts whenever the breaker lets it, for a while; every POST is answered at once. Returns how many. */
static size_t post_all(struct breaker *breaker, usec from, usec until, unsigned duration, bool granted)
{
    size_t n = 0;

    for (usec at; (at = breaker_allows(breaker, from, duration)) <= until; n++) {
        assert_true(at >= from);
        breaker_posted(breaker, at, duration);
        breaker_settled(breaker, at, granted);
    }
    return n;
}

static void test_three_grants_in_any_minute(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    assert_true(breaker_allows(&breaker, 0, DURATION) == 0);
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_MINUTE; i++) {
        usec at = i * 10 * USEC_PER_SEC;

        assert_true(breaker_allows(&breaker, at, DURATION) == at);
        breaker_posted(&breaker, at, DURATION);
        breaker_settled(&breaker, at, true);
    }
    /* Both ends of the minute belong to it. */
    assert_true(breaker_allows(&breaker, 20 * USEC_PER_SEC, DURATION) == USEC_PER_MINUTE + 1);
    assert_true(breaker_allows(&breaker, USEC_PER_MINUTE + 1, DURATION) == USEC_PER_MINUTE + 1);
    assert_true(breaker_allows(&breaker, USEC_PER_HOUR, DURATION) == USEC_PER_HOUR);
    breaker_posted(&breaker, USEC_PER_MINUTE + 1, DURATION);
    breaker_settled(&breaker, USEC_PER_MINUTE + 1, true);
    assert_true(breaker_allows(&breaker, USEC_PER_MINUTE + 1, DURATION) == 70 * USEC_PER_SEC + 1);
}

static void test_grants_in_any_hour_by_duration(void **state)
{
    static const struct {
        unsigned duration;
        size_t grants;
    } rows[] = {{60, 12}, {30, 12}, {15, 12}, {14, 15}, {10, 18}, {7, 27}, {2, 90}, {1, 150}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct breaker breaker = {0};

        assert_int_equal(post_all(&breaker, 0, USEC_PER_HOUR, rows[i].duration, true), rows[i].grants);
        assert_true(breaker_allows(&breaker, USEC_PER_HOUR, rows[i].duration) == USEC_PER_HOUR + 1);
    }
}

static void test_failures_count_as_posts_only(void **state)
{
    struct breaker breaker = {0};
    usec start = USEC_PER_DAY;

    (void)state;
    assert_int_equal(post_all(&breaker, start, start, DURATION, false), BREAKER_POSTS_PER_HOUR);
    assert_true(breaker_allows(&breaker, start, DURATION) == start + USEC_PER_HOUR + 1);
    assert_int_equal(post_all(&breaker, start, start + USEC_PER_HOUR, DURATION, false), 0);
    assert_int_equal(post_all(&breaker, start, start + USEC_PER_HOUR + 1, DURATION, false),
                     BREAKER_POSTS_PER_HOUR);
}

/* A POST counts as a grant until it is known that it was none, and from its reply on. */
static void test_what_is_not_settled_counts(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    breaker_settled(&breaker, 5, true); /* none was sent: nothing to settle */
    assert_true(breaker_allows(&breaker, 5, DURATION) == 5);
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_MINUTE; i++)
        breaker_posted(&breaker, 0, DURATION);
    assert_true(breaker_allows(&breaker, 0, DURATION) == USEC_PER_MINUTE + 1);
    breaker_settled(&breaker, 30 * USEC_PER_SEC, false);
    assert_true(breaker_allows(&breaker, 30 * USEC_PER_SEC, DURATION) == 30 * USEC_PER_SEC);
    breaker_posted(&breaker, 30 * USEC_PER_SEC, DURATION);
    assert_true(breaker_allows(&breaker, 31 * USEC_PER_SEC, DURATION) == USEC_PER_MINUTE + 1);

    breaker = (struct breaker){0};
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_MINUTE; i++) {
        breaker_posted(&breaker, i == 0 ? 0 : 20 * USEC_PER_SEC, DURATION);
        breaker_settled(&breaker, 20 * USEC_PER_SEC, true);
    }
    assert_true(breaker_allows(&breaker, 20 * USEC_PER_SEC, DURATION) == 80 * USEC_PER_SEC + 1);
}

/* A read may lie for a moment, but not for an hour. */
static void test_a_read_that_finds_no_key_frees_the_hour_and_not_the_minute(void **state)
{
    struct breaker breaker = {0};
    usec now = USEC_PER_DAY;

    (void)state;
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_HOUR; i++) {
        usec opens = breaker_allows(&breaker, now, DURATION);

        assert_true(opens <= now + USEC_PER_MINUTE + 1);
        now = opens;
        breaker_posted(&breaker, now, DURATION);
        breaker_doubted(&breaker, now);
        breaker_none_came(&breaker, now);
    }
    assert_true(breaker_allows(&breaker, now, DURATION) > now);
    assert_true(breaker_allows(&breaker, now, DURATION) <= now + USEC_PER_MINUTE + 1);
}

/* A policy of short keys comes and goes: its grants are allowed for, and no more than those. */
static void test_what_a_policy_of_short_keys_granted_is_allowed_for(void **state)
{
    struct breaker breaker = {0};
    usec now = USEC_PER_DAY;

    (void)state;
    for (unsigned i = 0; i < 15; i++, now += USEC_PER_MINUTE) {
        breaker_posted(&breaker, now, 12);
        breaker_settled(&breaker, now, true);
    }
    assert_true(breaker_allows(&breaker, now, 12) > now);
    assert_true(breaker_allows(&breaker, now, 60) == breaker_allows(&breaker, now, 12));
    now = breaker_allows(&breaker, now, 60);
    breaker = (struct breaker){0};
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_HOUR; i++, now += USEC_PER_MINUTE)
        breaker_posted(&breaker, now, 60);
    assert_true(breaker_allows(&breaker, now, 12) == now);
    assert_true(breaker_allows(&breaker, now, 60) > now);
}

/* The key of a POST may have come and gone before the read: one of a minute, where the site grants no more.
 */
static void test_a_read_after_a_minute_frees_nothing(void **state)
{
    struct breaker breaker = {0};
    usec now = USEC_PER_DAY;

    (void)state;
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_HOUR; i++) {
        breaker_posted(&breaker, now, DURATION);
        now += 61 * USEC_PER_SEC;
        breaker_none_came(&breaker, now);
    }
    assert_true(breaker_allows(&breaker, now, DURATION) == USEC_PER_DAY + USEC_PER_HOUR + 1);
}

/* A read that finds the same key once more says nothing against the grant that it was found for. */
static void test_a_grant_that_was_seen_counts_for_the_hour(void **state)
{
    struct breaker breaker = {0};
    usec now = USEC_PER_DAY;

    (void)state;
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_HOUR; i++) {
        now = breaker_allows(&breaker, now, DURATION);
        breaker_posted(&breaker, now, DURATION);
        breaker_doubted(&breaker, now);
        breaker_close(&breaker);
        breaker_none_came(&breaker, now);
    }
    assert_true(breaker_allows(&breaker, now, DURATION) > USEC_PER_DAY + USEC_PER_HOUR);
}

/* The key that a read finds is the later grant's, and took the place of what an earlier POST may have made.
 */
static void test_a_read_tells_nothing_of_what_a_later_grant_replaced(void **state)
{
    struct breaker breaker = {0};
    usec now = USEC_PER_DAY;

    (void)state;
    for (unsigned i = 0; i < BREAKER_GRANTS_PER_HOUR; i += 2) {
        now = breaker_allows(&breaker, now, DURATION);
        breaker_posted(&breaker, now, DURATION);
        breaker_doubted(&breaker, now);
        now = breaker_allows(&breaker, now, DURATION);
        breaker_posted(&breaker, now, DURATION);
        breaker_settled(&breaker, now, true);
        breaker_none_came(&breaker, now);
    }
    assert_true(breaker_allows(&breaker, now, DURATION) > USEC_PER_DAY + USEC_PER_HOUR);
}

/* As a ledger dates them: grants each quarter of an hour, then the clock was set back, twice. What is dated
 * later than what followed keeps its distances, and none is forgotten. */
static void test_a_clock_that_was_set_back_gathers_nothing(void **state)
{
    struct breaker breaker = {0};
    usec now = 10 * USEC_PER_HOUR, ahead = 2 * USEC_PER_HOUR;

    (void)state;
    for (usec at = now - 5 * USEC_PER_HOUR; at < now; at += 15 * USEC_PER_MINUTE) {
        if (at == now - 3 * USEC_PER_HOUR || at == now - USEC_PER_HOUR)
            ahead -= 45 * USEC_PER_MINUTE;
        breaker_posted(&breaker, at + ahead, DURATION);
        breaker_settled(&breaker, at + ahead, true);
    }
    breaker_none_later(&breaker, now);
    assert_true(breaker_allows(&breaker, now, DURATION) == now);
    breaker_posted(&breaker, now, DURATION);
    breaker_settled(&breaker, now, true);
    breaker_posted(&breaker, now, DURATION);
    breaker_settled(&breaker, now, true);
    assert_true(breaker_allows(&breaker, now, DURATION) == now + USEC_PER_MINUTE + 1);
}

/* Three of one moment still are three of one moment, however late it is dated. */
static void test_a_clock_that_was_set_back_frees_nothing(void **state)
{
    struct breaker breaker = {0};

    (void)state;
    for (int i = 0; i < BREAKER_GRANTS_PER_MINUTE; i++) {
        breaker_posted(&breaker, 3 * USEC_PER_HOUR + i * USEC_PER_SEC, DURATION);
        breaker_settled(&breaker, 3 * USEC_PER_HOUR + i * USEC_PER_SEC, true);
    }
    breaker_none_later(&breaker, USEC_PER_HOUR);
    assert_true(breaker_allows(&breaker, USEC_PER_HOUR, DURATION) ==
                USEC_PER_HOUR - 2 * USEC_PER_SEC + USEC_PER_MINUTE + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_grants_in_any_minute),
        cmocka_unit_test(test_grants_in_any_hour_by_duration),
        cmocka_unit_test(test_failures_count_as_posts_only),
        cmocka_unit_test(test_what_is_not_settled_counts),
        cmocka_unit_test(test_a_grant_that_was_seen_counts_for_the_hour),
        cmocka_unit_test(test_a_read_that_finds_no_key_frees_the_hour_and_not_the_minute),
        cmocka_unit_test(test_a_read_tells_nothing_of_what_a_later_grant_replaced),
        cmocka_unit_test(test_a_read_after_a_minute_frees_nothing),
        cmocka_unit_test(test_what_a_policy_of_short_keys_granted_is_allowed_for),
        cmocka_unit_test(test_a_clock_that_was_set_back_gathers_nothing),
        cmocka_unit_test(test_a_clock_that_was_set_back_frees_nothing),
    };

    return cmocka_run_group_tests_name("engine/breaker", tests, NULL, NULL);
}
