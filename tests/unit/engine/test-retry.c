// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define S     USEC_PER_SEC
#define NOW   (1000 * USEC_PER_HOUR)
#define TRIES 500 /* enough to come near both ends of a random delay */

static const struct confluence_reply transient = {.verdict = VERDICT_TRANSIENT, .suspect = VERDICT_TRANSIENT};
static const struct confluence_reply refused = {.verdict = VERDICT_REFUSED, .suspect = VERDICT_REFUSED};
static const struct confluence_reply maybe_credential = {.verdict = VERDICT_TRANSIENT,
                                                         .suspect = VERDICT_CREDENTIAL};
static const struct confluence_reply maybe_not_eligible = {.verdict = VERDICT_TRANSIENT,
                                                           .suspect = VERDICT_NOT_ELIGIBLE};

static enum verdict fail_at(struct retry *retry, enum confluence_call call,
                            const struct confluence_reply *reply, usec at)
{
    struct random random = {(uint64_t)at};

    return retry_failed(retry, call, reply, at, USEC_INFINITY, &random);
}

static void test_how_long_until_the_next_try(void **state)
{
    static const struct {
        enum confluence_call call;
        const struct confluence_reply *reply;
        unsigned before; /* failures before this one */
        usec live_for, least, most;
    } rows[] = {
        {CONFLUENCE_POST, &transient, 0, USEC_INFINITY, S / 2, S},
        {CONFLUENCE_GET, &transient, 1, USEC_INFINITY, S, 2 * S},
        {CONFLUENCE_POST, &transient, 2, USEC_INFINITY, 2 * S, 4 * S},
        {CONFLUENCE_POST, &transient, 5, USEC_INFINITY, 16 * S, 32 * S},
        {CONFLUENCE_POST, &transient, 6, USEC_INFINITY, 30 * S, 60 * S},
        {CONFLUENCE_POST, &transient, 1000, USEC_INFINITY, 30 * S, 60 * S},
        {CONFLUENCE_DELETE, &transient, 0, USEC_INFINITY, S * 4 / 5, S * 6 / 5},
        {CONFLUENCE_DELETE, &transient, 3, USEC_INFINITY, 8 * S * 4 / 5, 8 * S * 6 / 5},
        {CONFLUENCE_DELETE, &transient, 4, USEC_INFINITY, 12 * S, 18 * S},
        {CONFLUENCE_DELETE, &transient, 1000, USEC_INFINITY, 12 * S, 18 * S},
        /* While a key is live never beyond a quarter of what is left, but a second at least. */
        {CONFLUENCE_POST, &transient, 6, 3600 * S, 30 * S, 60 * S},
        {CONFLUENCE_POST, &transient, 6, 80 * S, 20 * S, 20 * S},
        {CONFLUENCE_POST, &transient, 6, 3 * S, S, S},
        {CONFLUENCE_POST, &transient, 6, 0, S, S},
        {CONFLUENCE_DELETE, &transient, 6, 20 * S, 5 * S, 5 * S},
        /* Only people can mend it. */
        {CONFLUENCE_POST, &refused, 0, USEC_INFINITY, 300 * S, 900 * S},
        {CONFLUENCE_GET, &refused, 9, USEC_INFINITY, 300 * S, 900 * S},
        {CONFLUENCE_POST, &refused, 0, 400 * S, 100 * S, 100 * S},
        {CONFLUENCE_DELETE, &refused, 0, USEC_INFINITY, 300 * S, 900 * S},
        {CONFLUENCE_DELETE, &refused, 4, 3600 * S, 12 * S, 18 * S}, /* a live key is not left alone */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        usec shortest = USEC_INFINITY, longest = 0, slack = (rows[i].most - rows[i].least) / 20;

        for (unsigned k = 0; k < TRIES; k++) {
            struct retry retry = {0};
            struct random random = {k};
            usec delay;

            for (unsigned before = 0; before < rows[i].before; before++)
                fail_at(&retry, rows[i].call, &transient, NOW);
            retry_failed(&retry, rows[i].call, rows[i].reply, NOW, rows[i].live_for, &random);
            delay = retry_allows(&retry, rows[i].call) - NOW;
            shortest = delay < shortest ? delay : shortest;
            longest = delay > longest ? delay : longest;
        }
        if (shortest < rows[i].least || shortest > rows[i].least + slack || longest > rows[i].most ||
            longest < rows[i].most - slack)
            fail_msg("row %zu: %g to %g s", i, (double)shortest / S, (double)longest / S);
    }
}

static void test_two_lanes_that_never_hold_each_other_up(void **state)
{
    struct retry retry = {0};

    (void)state;
    fail_at(&retry, CONFLUENCE_POST, &transient, NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_POST) > NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_GET) == retry_allows(&retry, CONFLUENCE_POST));
    assert_true(retry_allows(&retry, CONFLUENCE_DELETE) <= NOW);
    retry_reset(&retry);
    fail_at(&retry, CONFLUENCE_DELETE, &transient, NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_DELETE) > NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_GET) <= NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_POST) <= NOW);
}

static void test_retry_after_is_a_floor_for_its_own_call(void **state)
{
    struct confluence_reply throttled = {.verdict = VERDICT_THROTTLED,
                                         .suspect = VERDICT_THROTTLED,
                                         .has_retry_after = true,
                                         .retry_after = 3600 * S};
    struct retry retry = {0};

    (void)state;
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &throttled, NOW), VERDICT_THROTTLED);
    assert_false(retry.blocked);
    assert_true(retry_allows(&retry, CONFLUENCE_POST) == NOW + 3600 * S);
    assert_true(retry_allows(&retry, CONFLUENCE_GET) <= NOW + S);
    assert_true(retry_allows(&retry, CONFLUENCE_DELETE) <= NOW);
    retry_succeeded(&retry, CONFLUENCE_DELETE);
    retry_fresh(&retry, CONFLUENCE_POST);
    assert_true(retry_allows(&retry, CONFLUENCE_POST) == NOW + 3600 * S);
    retry_reset(&retry); /* nor does another policy end what the site asked for */
    assert_true(retry_allows(&retry, CONFLUENCE_POST) == NOW + 3600 * S);

    retry = (struct retry){0};
    throttled.retry_after = 0; /* a floor never shortens a delay */
    fail_at(&retry, CONFLUENCE_POST, &throttled, NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_POST) >= NOW + S / 2);
}

static void test_doubtful_verdicts_are_confirmed_over_time(void **state)
{
    static const struct {
        const struct confluence_reply *reply;
        usec at[4];
        enum verdict verdicts[4];
    } rows[] = {
        {&maybe_credential, {0, 30, 60, 61}, {2, 2, VERDICT_CREDENTIAL, VERDICT_CREDENTIAL}},
        {&maybe_credential, {0, 10, 20, 59}, {2, 2, 2, 2}},
        {&maybe_credential, {0, 10, 59, 60}, {2, 2, 2, VERDICT_CREDENTIAL}},
        {&maybe_credential, {0, 300, 301, 302}, {2, 2, VERDICT_CREDENTIAL, VERDICT_CREDENTIAL}},
        {&maybe_not_eligible, {0, 60, 119, 120}, {2, 2, 2, VERDICT_NOT_ELIGIBLE}},
        {&maybe_not_eligible, {0, 500, 600, 700}, {2, 2, VERDICT_NOT_ELIGIBLE, VERDICT_NOT_ELIGIBLE}},
    };

    (void)state;
    assert_int_equal(VERDICT_TRANSIENT, 2);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct retry retry = {0};

        for (size_t k = 0; k < ARRAY_SIZE(rows[i].at); k++) {
            enum verdict verdict = fail_at(&retry, CONFLUENCE_POST, rows[i].reply, NOW + rows[i].at[k] * S);

            assert_int_equal(verdict, rows[i].verdicts[k]);
            assert_int_equal(retry.verdict, verdict);
            assert_int_equal(retry.blocked, verdict != VERDICT_TRANSIENT);
            assert_int_equal(retry.failures, k + 1);
        }
    }
}

static void test_another_doubt_begins_anew(void **state)
{
    struct retry retry = {0};

    (void)state;
    fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW);
    fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 100 * S);
    fail_at(&retry, CONFLUENCE_POST, &maybe_not_eligible, NOW + 200 * S);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 300 * S), VERDICT_TRANSIENT);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 350 * S), VERDICT_TRANSIENT);
    /* An overloaded site in between changes nothing. */
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &transient, NOW + 355 * S), VERDICT_TRANSIENT);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 360 * S), VERDICT_CREDENTIAL);
    retry_succeeded(&retry, CONFLUENCE_POST);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 400 * S), VERDICT_TRANSIENT);
}

/* A certain verdict of another kind ends the doubt: what is seen afterwards is counted from there. */
static void test_a_certain_verdict_ends_other_doubts(void **state)
{
    struct retry retry = {0};

    (void)state;
    fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW);
    fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 100 * S);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &refused, NOW + 200 * S), VERDICT_REFUSED);
    assert_true(retry.blocked);
    assert_int_equal(fail_at(&retry, CONFLUENCE_POST, &maybe_credential, NOW + 300 * S), VERDICT_TRANSIENT);
}

/* Nor is what was counted of one kind counted for the other. */
static void test_a_certain_verdict_confirms_no_later_doubt(void **state)
{
    static const struct confluence_reply credential = {.verdict = VERDICT_CREDENTIAL,
                                                       .suspect = VERDICT_CREDENTIAL};
    struct retry retry = {0};

    (void)state;
    for (int i = 0; i < 5; i++)
        fail_at(&retry, CONFLUENCE_GET, &maybe_not_eligible, NOW + i * 60 * S);
    assert_int_equal(fail_at(&retry, CONFLUENCE_GET, &credential, NOW + 300 * S), VERDICT_CREDENTIAL);
    assert_int_equal(fail_at(&retry, CONFLUENCE_GET, &maybe_credential, NOW + 600 * S), VERDICT_TRANSIENT);
}

static void test_what_a_success_ends(void **state)
{
    static const struct {
        enum confluence_call failed, done;
        bool ends;
    } rows[] = {
        {CONFLUENCE_POST, CONFLUENCE_POST, true},
        {CONFLUENCE_GET, CONFLUENCE_GET, true},
        {CONFLUENCE_DELETE, CONFLUENCE_DELETE, true},
        {CONFLUENCE_POST, CONFLUENCE_DELETE, true},
        {CONFLUENCE_GET, CONFLUENCE_POST, true},
        /* Reading is allowed to those, too, who may switch nothing. */
        {CONFLUENCE_POST, CONFLUENCE_GET, false},
        {CONFLUENCE_DELETE, CONFLUENCE_GET, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct retry retry = {0};

        fail_at(&retry, rows[i].failed, &refused, NOW);
        assert_true(retry.blocked);
        assert_int_equal(retry.failing, rows[i].failed);
        retry_succeeded(&retry, rows[i].done);
        assert_int_equal(retry.failures, rows[i].ends ? 0 : 1);
        assert_int_equal(retry.blocked, !rows[i].ends);
        assert_int_equal(retry_allows(&retry, rows[i].failed) <= NOW, rows[i].ends);
        assert_true(retry_allows(&retry, rows[i].done) <= NOW);
    }
}

static void test_a_new_wish_goes_out_at_once(void **state)
{
    struct retry retry = {0};

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        fail_at(&retry, CONFLUENCE_DELETE, &transient, NOW);
    retry_fresh(&retry, CONFLUENCE_DELETE);
    assert_true(retry_allows(&retry, CONFLUENCE_DELETE) <= NOW);
    assert_int_equal(retry.failures, 5); /* it has failed all the same */
    fail_at(&retry, CONFLUENCE_DELETE, &transient, NOW);
    assert_true(retry_allows(&retry, CONFLUENCE_DELETE) <= NOW + S * 6 / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_long_until_the_next_try),
        cmocka_unit_test(test_two_lanes_that_never_hold_each_other_up),
        cmocka_unit_test(test_retry_after_is_a_floor_for_its_own_call),
        cmocka_unit_test(test_doubtful_verdicts_are_confirmed_over_time),
        cmocka_unit_test(test_another_doubt_begins_anew),
        cmocka_unit_test(test_a_certain_verdict_ends_other_doubts),
        cmocka_unit_test(test_a_certain_verdict_confirms_no_later_doubt),
        cmocka_unit_test(test_what_a_success_ends),
        cmocka_unit_test(test_a_new_wish_goes_out_at_once),
    };

    return cmocka_run_group_tests_name("engine/retry", tests, NULL, NULL);
}
