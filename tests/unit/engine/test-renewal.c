// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/renewal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define S   USEC_PER_SEC
#define M   USEC_PER_MINUTE
#define NOW (1000 * USEC_PER_HOUR)

static void test_minutes_to_ask_for(void **state)
{
    static const struct {
        unsigned duration;
        usec left;
        unsigned minutes;
    } rows[] = {
        {60, 60 * M, 60},         {60, 9 * 60 * M, 60}, {60, 60 * M - 1, 60},
        {60, 60 * M - S, 60}, /* a timer a second late still asks for the whole */
        {60, 60 * M - S - 1, 59}, {60, 90 * S, 1},      {60, 59 * S, 1},
        {60, 59 * S - 1, 0},      {60, 0, 0},           {60, -5 * M, 0},
        {10, 60 * M, 10},         {10, 5 * M, 5},       {1, 60 * M, 1},
        {1, 59 * S, 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(renewal_minutes(rows[i].duration, NOW + rows[i].left, NOW), rows[i].minutes);
    assert_int_equal(renewal_minutes(60, USEC_INFINITY, NOW), 60);
    assert_int_equal(renewal_minutes(1, USEC_INFINITY, NOW), 1);
}

static void test_jitter_keeps_within_spread_and_life(void **state)
{
    static const struct {
        usec spread, life, most;
    } rows[] = {{0, 60 * M, 0},     {60 * S, 60 * M, 60 * S}, {600 * S, 60 * M, 180 * S},
                {60 * S, M, 3 * S}, {60 * S, 0, 0},           {60 * S, -5, 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct random random = {i};
        usec largest = 0;

        for (unsigned k = 0; k < 1000; k++) {
            usec jitter = renewal_jitter(rows[i].spread, rows[i].life, &random);

            assert_true(jitter >= 0 && jitter <= rows[i].most);
            largest = jitter > largest ? jitter : largest;
        }
        assert_true(largest >= rows[i].most * 9 / 10);
    }
}

/* A key that is met when it has little left: a third of that may be less than two clocks differ by. */
static void test_a_key_that_has_little_left(void **state)
{
    static const struct {
        usec left, waits;
    } rows[] = {{30 * S, 20 * S}, {12 * S, 7 * S}, {6 * S, S}, {5 * S, 0}, {S, 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct renewal renewal = {.granted_boot = NOW,
                                  .expires_boot = NOW + rows[i].left,
                                  .life = rows[i].left,
                                  .before = 10 * M,
                                  .duration_minutes = 60,
                                  .until_boot = USEC_INFINITY};

        assert_int_equal(renewal_plan(&renewal, NOW) - NOW, rows[i].waits);
    }
}

/* Two whole minutes are left but for a moment, and the key ends three seconds after the last whole one: what
 * is asked for now would end before it. */
static void test_the_last_whole_minute_is_not_missed(void **state)
{
    struct renewal renewal = {.granted_boot = NOW,
                              .expires_boot = NOW + 62 * S,
                              .life = 180 * S,
                              .before = 10 * M,
                              .duration_minutes = 60,
                              .until_boot = NOW + 119 * S - 7 * USEC_PER_MSEC};

    (void)state;
    assert_false(renewal_gains(&renewal, NOW));
    assert_true(renewal_gains(&renewal, renewal.until_boot - M));
    assert_true(renewal_plan(&renewal, NOW) == renewal.until_boot - M);
    renewal.expires_boot =
        NOW + 59 * S; /* but where one that is due leads on, it need not be the last moment */
    assert_true(renewal_plan(&renewal, NOW) == NOW);
}

static void test_when_the_key_lasts_to_the_end(void **state)
{
    static const struct {
        usec short_by, aim_short_by; /* of the stretch's end */
        bool complete;
    } rows[] = {
        {0, 0, true},          {-M, -M, true},
        {S / 2, 60 * M, true}, {S / 2 + 1, 60 * M, false},
        {3 * S, 0, true}, /* it was to end there, and the clocks may be off by this */
        {3 * S, S / 2, true},  {3 * S, S / 2 + 1, false},
        {3 * S + 1, 0, false}, {30 * M, 30 * M, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct renewal renewal = {.until_boot = NOW, .duration_minutes = 60, .life = 60 * M};

        renewal.expires_boot = NOW - rows[i].short_by;
        renewal.aim_boot = NOW - rows[i].aim_short_by;
        assert_int_equal(renewal_is_complete(&renewal), rows[i].complete);
        assert_int_equal(renewal_plan(&renewal, NOW - 60 * M) == USEC_INFINITY, rows[i].complete);
        renewal.until_boot = USEC_INFINITY;
        assert_false(renewal_is_complete(&renewal));
    }
}

/* A key granted at 0 for `life`; all instants count from there. */
static void test_when_to_renew(void **state)
{
    static const struct {
        const char *why;
        unsigned duration;
        usec life, before, jitter, until, now, at;
    } rows[] = {
        {"without an end: when due", 60, 60 * M, 10 * M, 0, USEC_INFINITY, 0, 50 * M},
        {"... and a jitter before that", 60, 60 * M, 10 * M, 90 * S, USEC_INFINITY, 0, 50 * M - 90 * S},
        {"... a third of its life before, at most", 60, 60 * M, 30 * M, 0, USEC_INFINITY, 0, 40 * M},
        {"... of the life that was granted", 60, 6 * M, 10 * M, 0, USEC_INFINITY, 0, 4 * M},
        {"... or of the duration, if that is less", 6, 60 * M, 30 * M, 0, USEC_INFINITY, 0, 58 * M},
        {"an instant that is past is now", 60, 60 * M, 10 * M, 0, USEC_INFINITY, 55 * M, 55 * M},
        {"an end far away changes nothing", 60, 60 * M, 10 * M, 0, 9 * 60 * M, 0, 50 * M},
        {"the latest aligned instant before due", 60, 60 * M, 10 * M, 15 * S, 100 * M, 0, 49 * M},
        {"due is aligned itself", 60, 60 * M, 10 * M, 0, 100 * M, 0, 50 * M},
        {"a timer is late by a second", 60, 60 * M, 10 * M, 0, 100 * M, 50 * M + S, 50 * M + S},
        {"due is past, and now is aligned", 60, 60 * M, 10 * M, 0, 100 * M, 51 * M, 51 * M},
        {"... or was a moment ago", 60, 60 * M, 10 * M, 0, 100 * M, 51 * M + S, 51 * M + S},
        {"it is later: the earliest behind", 60, 60 * M, 10 * M, 0, 100 * M, 50 * M + 2 * S, 51 * M},
        {"the earliest behind due reaches the end", 60, 60 * M, 10 * M, 0, 110 * M + 30 * S, 0,
         50 * M + 30 * S},
        {"it does not: the margin is not spent on waiting", 60, 60 * M, 10 * M, 0, 112 * M, 0, 50 * M},
        {"two-minute keys in three minutes", 2, 2 * M, 10 * M, 0, 3 * M, 0, M},
        {"too near to the expiry: when due", 60, 60 * M, 10 * S, 0, 120 * M - 3 * S, 0, 60 * M - 10 * S},
        {"just not too near", 60, 60 * M, 10 * S, 0, 120 * M - 5 * S, 0, 60 * M - 5 * S},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct renewal renewal = {
            .granted_boot = NOW,
            .expires_boot = NOW + rows[i].life,
            .aim_boot = NOW + rows[i].life,
            .life = rows[i].life,
            .jitter = rows[i].jitter,
            .before = rows[i].before,
            .duration_minutes = rows[i].duration,
            .until_boot = rows[i].until == USEC_INFINITY ? USEC_INFINITY : NOW + rows[i].until,
        };
        usec at = renewal_plan(&renewal, NOW + rows[i].now) - NOW;

        if (at != rows[i].at)
            fail_msg("%s: %g s, not %g s", rows[i].why, (double)at / S, (double)rows[i].at / S);
    }
}

/* Whatever the stretch and the duration: keys that are granted at once and renewed as planned leave no gap,
 * run past no end, and number no more than needed and a few. */
static void test_a_whole_stretch_has_neither_gap_nor_overrun(void **state)
{
    (void)state;
    for (unsigned duration = 1; duration <= 60; duration += duration < 5 ? 1 : 11)
        for (usec stretch = 65 * S; stretch <= 2 * 60 * M; stretch += 17 * S) {
            struct random random = {(uint64_t)stretch + duration};
            usec now = NOW, until = NOW + stretch, expires = NOW;
            unsigned grants = 0;

            for (;;) {
                unsigned minutes = renewal_minutes(duration, until, now);
                struct renewal renewal = {
                    .granted_boot = now, .before = 10 * M, .duration_minutes = duration, .until_boot = until};

                if (minutes == 0)
                    break;
                assert_true(grants == 0 || now < expires);
                assert_true(now + minutes * M >= expires);
                expires = renewal.expires_boot = renewal.aim_boot = now + minutes * M;
                assert_true(expires <= until + S);
                renewal.life = minutes * M;
                renewal.jitter = renewal_jitter(60 * S, renewal.life, &random);
                assert_true(++grants <= 3 * (2 * 60 / duration + 2));
                now = renewal_plan(&renewal, now);
                if (now == USEC_INFINITY)
                    break;
            }
            if (expires < until - S / 2)
                fail_msg("%u min in %g s: %g s short", duration, (double)stretch / S,
                         (double)(until - expires) / S);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minutes_to_ask_for),
        cmocka_unit_test(test_jitter_keeps_within_spread_and_life),
        cmocka_unit_test(test_a_key_that_has_little_left),
        cmocka_unit_test(test_the_last_whole_minute_is_not_missed),
        cmocka_unit_test(test_when_the_key_lasts_to_the_end),
        cmocka_unit_test(test_when_to_renew),
        cmocka_unit_test(test_a_whole_stretch_has_neither_gap_nor_overrun),
    };

    return cmocka_run_group_tests_name("engine/renewal", tests, NULL, NULL);
}
