// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/site_clock.h"
#include "engine/status.h"

#define S    USEC_PER_SEC
#define M    USEC_PER_MINUTE
#define UTC  (INT64_C(1795419000) * S)
#define BOOT (1000 * S)

static struct key_intent intent_of(uint64_t id, unsigned minutes)
{
    return (struct key_intent){
        .id = id,
        .minutes = minutes,
        .sent_utc = UTC,
        .sent_boot = BOOT,
        .given_up_boot = USEC_INFINITY,
    };
}

static void give_up(struct key *key, uint64_t id, usec after_sent)
{
    struct key_intent *intent = key_find_intent(key, id);

    intent->given_up_boot = BOOT + after_sent;
}

/* The difference of two clocks, without a doubt. */
static struct site_time exactly(usec difference)
{
    return (struct site_time){difference, difference};
}

static void test_nothing_is_known_at_first(void **state)
{
    struct key key;

    (void)state;
    key_init(&key);
    assert_int_equal(key.known, KEY_UNKNOWN);
    assert_true(key.proved_off_utc == STATUS_NEVER);
    assert_false(key.ours);
    assert_null(key_find_intent(&key, 0));
    assert_false(key_is_ours(&key, UTC, exactly(UTC - BOOT)));
    assert_true(key_next_late(&key, 0) == USEC_INFINITY);
    key_resolve(&key, 7);
    key_forget(&key, BOOT);
    assert_int_equal(key.n_intents, 0);
}

static void test_an_intent_ends_the_proof(void **state)
{
    struct key_intent intent = intent_of(1, 30);
    struct key key;

    (void)state;
    key_init(&key);
    key.proved_off_utc = UTC;
    key_intend(&key, &intent);
    assert_true(key.proved_off_utc == STATUS_NEVER);
    assert_int_equal(key_find_intent(&key, 1)->minutes, 30);
    key_resolve(&key, 1);
    assert_null(key_find_intent(&key, 1));
}

static void test_the_oldest_of_too_many_is_forgotten(void **state)
{
    struct key key;

    (void)state;
    key_init(&key);
    for (uint64_t id = 1; id <= KEY_INTENTS_MAX + 2; id++) {
        struct key_intent intent = intent_of(id, (unsigned)id);

        key_intend(&key, &intent);
        assert_true(key.n_intents <= KEY_INTENTS_MAX);
    }
    assert_null(key_find_intent(&key, 1));
    assert_null(key_find_intent(&key, 2));
    for (uint64_t id = 3; id <= KEY_INTENTS_MAX + 2; id++)
        assert_int_equal(key_find_intent(&key, id)->minutes, id);
    key_resolve(&key, 5);
    key_resolve(&key, 5);
    assert_int_equal(key.n_intents, KEY_INTENTS_MAX - 1);
    assert_null(key_find_intent(&key, 5));
    assert_int_equal(key_find_intent(&key, 4)->minutes, 4);
    assert_int_equal(key_find_intent(&key, 6)->minutes, 6);
}

static void test_what_no_longer_matters_is_forgotten(void **state)
{
    static const struct {
        usec given_up, now;
        bool kept;
    } rows[] = {
        {USEC_INFINITY, 1000 * M, true}, /* still waited for */
        {0, 0, true},
        {0, KEY_FORGET, true},
        {0, KEY_FORGET + 1, false},
        {30 * S, KEY_FORGET + 1, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct key_intent intent = intent_of(1, 30), other = intent_of(2, 30);
        struct key key;

        key_init(&key);
        key_intend(&key, &intent);
        key_intend(&key, &other);
        if (rows[i].given_up != USEC_INFINITY)
            give_up(&key, 1, rows[i].given_up);
        key_forget(&key, BOOT + rows[i].now);
        assert_int_equal(key_find_intent(&key, 1) != NULL, rows[i].kept);
        assert_non_null(key_find_intent(&key, 2));
    }
}

static void test_a_key_that_was_granted_to_us(void **state)
{
    static const struct {
        usec difference;
        bool ours;
    } rows[] = {
        {0, true}, {KEY_SAME, true}, {-KEY_SAME, true}, {KEY_SAME + 1, false}, {-KEY_SAME - 1, false}};
    struct key key;

    (void)state;
    key_init(&key);
    assert_false(key_is_ours(&key, 0, exactly(0))); /* none granted is not one that ends at the epoch */
    key.last_granted_site = UTC + 30 * M;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(key_is_ours(&key, UTC + 30 * M + rows[i].difference, exactly(0)), rows[i].ours);
}

static void test_a_key_that_fits_an_intent(void **state)
{
    static const struct {
        usec given_up;      /* after it was sent; USEC_INFINITY: not */
        usec asked;         /* the expiry minus the minutes, after it was sent, on this machine's clock */
        usec offset, doubt; /* of the site's clock, known to so much each way */
        bool ours;
    } rows[] = {
        {USEC_INFINITY, 0, 0, 0, true},
        {USEC_INFINITY, 20 * S, 0, 0, true},
        {USEC_INFINITY, -5 * S, 0, 0, true}, /* two for the clocks, three for a site that cuts Date and E to
                                                seconds */
        {USEC_INFINITY, -5 * S - 1, 0, 0, false},
        {30 * S, 155 * S, 0, 0, true},
        {30 * S, 155 * S + 1, 0, 0, false},
        {30 * S, 0, 3600 * S, 0, true},
        {30 * S, 0, -3600 * S, 0, true},
        {30 * S, 156 * S, 3600 * S, 0, false},
        {30 * S, -6 * S, -3600 * S, 0, false},
        {USEC_INFINITY, -25 * S, 0, 20 * S, true},
        {USEC_INFINITY, -25 * S - 1, 0, 20 * S, false},
        {30 * S, 175 * S, 0, 20 * S, true},
        {30 * S, 175 * S + 1, 0, 20 * S, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct key_intent intent = intent_of(1, 30), unfit = intent_of(2, 60);
        struct site_time bounds = exactly(rows[i].offset + UTC - BOOT);
        struct key key;

        key_init(&key);
        key_intend(&key, &unfit);
        key_intend(&key, &intent);
        give_up(&key, 2, 0);
        if (rows[i].given_up != USEC_INFINITY)
            give_up(&key, 1, rows[i].given_up);
        bounds.earliest -= rows[i].doubt;
        bounds.latest += rows[i].doubt;
        if (key_is_ours(&key, UTC + rows[i].asked + 30 * M + rows[i].offset, bounds) != rows[i].ours)
            fail_msg("row %zu", i);
    }
}

static void test_deletes_against_a_post_that_may_still_act(void **state)
{
    static const struct {
        usec deleted; /* after it was given up; USEC_INFINITY: never */
        usec next;    /* after it was given up; USEC_INFINITY: none */
    } rows[] = {
        {USEC_INFINITY, 0},
        {-S, 0},
        {0, KEY_LATE_SECOND},
        {S, KEY_LATE_SECOND},
        {KEY_LATE_SECOND - 1, KEY_LATE_SECOND},
        {KEY_LATE_SECOND, KEY_LATE_THIRD},
        {100 * S, KEY_LATE_THIRD},
        {KEY_LATE_THIRD, USEC_INFINITY},
        {3600 * S, USEC_INFINITY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct key_intent intent = intent_of(1, 30), waiting = intent_of(2, 30);
        usec deleted = rows[i].deleted == USEC_INFINITY ? 0 : BOOT + 30 * S + rows[i].deleted, next;
        struct key key;

        key_init(&key);
        key_intend(&key, &waiting); /* one that is still waited for calls for none */
        assert_true(key_next_late(&key, deleted) == USEC_INFINITY);
        key_intend(&key, &intent);
        give_up(&key, 1, 30 * S);
        next = key_next_late(&key, deleted);
        if (rows[i].next == USEC_INFINITY)
            assert_true(next == USEC_INFINITY);
        else
            assert_true(next == BOOT + 30 * S + rows[i].next);
    }
}

static void test_the_soonest_of_several_deletes(void **state)
{
    struct key_intent first = intent_of(1, 30), second = intent_of(2, 30);
    struct key key;

    (void)state;
    key_init(&key);
    key_intend(&key, &first);
    key_intend(&key, &second);
    give_up(&key, 1, 0);
    give_up(&key, 2, 40 * S);
    assert_true(key_next_late(&key, BOOT + 10 * S) == BOOT + KEY_LATE_SECOND);
    assert_true(key_next_late(&key, BOOT + 35 * S) == BOOT + 40 * S);
    assert_true(key_next_late(&key, BOOT + 45 * S) == BOOT + 40 * S + KEY_LATE_SECOND);
    assert_true(key_next_late(&key, BOOT + 80 * S) == BOOT + KEY_LATE_THIRD);
    assert_true(key_next_late(&key, BOOT + 130 * S) == BOOT + 40 * S + KEY_LATE_THIRD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_an_intent_ends_the_proof),
        cmocka_unit_test(test_the_oldest_of_too_many_is_forgotten),
        cmocka_unit_test(test_what_no_longer_matters_is_forgotten),
        cmocka_unit_test(test_a_key_that_was_granted_to_us),
        cmocka_unit_test(test_a_key_that_fits_an_intent),
        cmocka_unit_test(test_deletes_against_a_post_that_may_still_act),
        cmocka_unit_test(test_the_soonest_of_several_deletes),
    };

    return cmocka_run_group_tests_name("engine/key", tests, NULL, NULL);
}
