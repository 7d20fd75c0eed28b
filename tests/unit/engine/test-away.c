// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rules 12 and 14: keys that somebody else enabled, sleep, a locked session, and a network that comes up.
 * Times are minutes after the start of the world; its hours are 60 to 240.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define MINUTES(n) ((double)(n)*60)

static struct world *given(void)
{
    return world_new(60 * 60, 240 * 60);
}

static void say(struct world *world, enum engine_event_kind kind)
{
    world_step(world, &(struct engine_event){.kind = kind});
}

static void test_a_foreign_key_outside_the_hours(void **state)
{
    static const struct {
        enum policy_foreign foreign;
        bool live;
    } rows[] = {{POLICY_FOREIGN_LEAVE, true}, {POLICY_FOREIGN_DISABLE, false}, {POLICY_FOREIGN_ADOPT, true}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world *world = given();

        world->site.foreign_keys = rows[i].foreign;
        world_other_actor(world, 40);
        world_start(world);
        world_run_to(world, MINUTES(1));
        assert_int_equal(world->key_live, rows[i].live);
        world_free(world);
    }
}

/* With `disable` it is looked for while the goal is off, too. */
static void test_disable_looks_for_foreign_keys(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.foreign_keys = POLICY_FOREIGN_DISABLE;
    world_start(world);
    world_run_to(world, MINUTES(2));
    world_other_actor(world, 50);
    world_run_to(world, MINUTES(18));
    assert_false(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    world_free(world);
}

static void test_a_foreign_key_at_the_end_of_the_hours(void **state)
{
    static const struct {
        enum policy_foreign foreign;
        bool live;
    } rows[] = {{POLICY_FOREIGN_LEAVE, true}, {POLICY_FOREIGN_DISABLE, false}, {POLICY_FOREIGN_ADOPT, false}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct world *world = given();

        world->site.foreign_keys = rows[i].foreign;
        world_start(world);
        world_run_to(world, MINUTES(200));
        world_other_actor(world, 60); /* lasts beyond the end, at 240 */
        world_run_to(world, MINUTES(241));
        assert_int_equal(world->key_live, rows[i].live);
        world_free(world);
    }
}

static void test_an_adopted_key_is_ours_after_a_crash(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.foreign_keys = POLICY_FOREIGN_ADOPT;
    world_start(world);
    world_run_to(world, MINUTES(200));
    world_other_actor(world, 60);
    world_run_to(world, MINUTES(230));
    world_start(world);
    world_run_to(world, MINUTES(241));
    assert_false(world->key_live);
    world_free(world);
}

static void test_sleep_switches_off_and_waking_on(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(100));
    assert_true(world->key_live);
    say(world, ENGINE_SLEEP);
    assert_false(world->sleep_ready);
    world_run_to(world, MINUTES(100) + 1);
    assert_true(world->sleep_ready);
    assert_false(world->key_live);
    world_run_to(world, MINUTES(110));
    assert_false(world->key_live);
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(110) + 1);
    assert_true(world->key_live);
    world_free(world);
}

static struct world_fault slow_posts_from_101(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST && world_seconds(world, world->boot) > MINUTES(101))
        return (struct world_fault){.hang = 2 * USEC_PER_SEC};
    return (struct world_fault){0};
}

/* A DELETE of long before says nothing of a POST that is under way. */
static void test_no_sleep_while_a_key_is_on_its_way(void **state)
{
    struct world *world = given();

    (void)state;
    world->script = slow_posts_from_101;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(102));
    world->sleep_ready = false;
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(102) + 1);
    assert_int_equal(world->n_of[CONFLUENCE_POST], 3);
    assert_true(world->key_live);
    say(world, ENGINE_SLEEP);
    assert_false(world->sleep_ready);
    world_run_to(world, MINUTES(102) + 5);
    assert_true(world->sleep_ready);
    assert_false(world->key_live);
    world_free(world);
}

static struct world_fault dead_from_100(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)call, (void)nth;
    if (world_seconds(world, world->boot) > MINUTES(100) - 1)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    return (struct world_fault){0};
}

static void test_sleep_does_not_wait_for_a_dead_site(void **state)
{
    struct world *world = given();

    (void)state;
    world->script = dead_from_100;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(100) + 3.9);
    assert_false(world->sleep_ready);
    world_run_to(world, MINUTES(100) + 4.1);
    assert_true(world->sleep_ready);
    world_free(world);
}

static void test_sleep_may_keep_the_key(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.on_sleep = POLICY_KEEP;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    assert_true(world->sleep_ready);
    assert_true(world->key_live);
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(100) + 1);
    assert_int_equal(world_status(world).state, SITE_ON);
    world_free(world);
}

static void test_waking_reads_before_it_writes(void **state)
{
    struct world *world = given();
    unsigned gets;

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(101));
    gets = world->n_of[CONFLUENCE_GET];
    say(world, ENGINE_AWAKE);
    assert_int_equal(world->n_of[CONFLUENCE_GET], gets + 1);
    world_run_to(world, MINUTES(102));
    assert_true(world->key_live);
    world_free(world);
}

static void test_a_lock_switches_off_where_the_policy_says_so(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.on_lock = POLICY_KEEP;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_LOCKED);
    world_run_to(world, MINUTES(101));
    assert_true(world->key_live);
    say(world, ENGINE_UNLOCKED);
    world->site.on_lock = POLICY_DISABLE;
    say(world, ENGINE_LOCKED);
    world_run_to(world, MINUTES(102));
    assert_false(world->key_live);
    say(world, ENGINE_UNLOCKED);
    world_run_to(world, MINUTES(103));
    assert_true(world->key_live);
    world_free(world);
}

static struct world_fault throttled(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)call, (void)nth;
    if (world_seconds(world, world->boot) > MINUTES(100) - 1)
        return (struct world_fault){.status = 429, .headers = "Retry-After: 1200\n"};
    return (struct world_fault){0};
}

static void test_a_sleep_does_not_shorten_what_the_site_asked_for(void **state)
{
    struct world *world = given();
    unsigned gets;

    (void)state;
    world->script = throttled;
    world_start(world);
    world_run_to(world, MINUTES(120));
    gets = world->n_of[CONFLUENCE_GET];
    assert_true(world_status(world).failures > 0);
    say(world, ENGINE_SLEEP);
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(124));
    assert_int_equal(world->n_of[CONFLUENCE_GET], gets);
    world_free(world);
}

static void test_nothing_is_begun_once_the_machine_may_sleep(void **state)
{
    struct world *world = given();
    size_t calls;

    (void)state;
    world->script = dead_from_100;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(100) + 4.1);
    assert_true(world->sleep_ready);
    calls = world->n_calls;
    world_run_to(world, MINUTES(104));
    assert_int_equal(world->n_calls, calls);
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(104) + 0.1);
    assert_int_equal(world->n_calls, calls + 1);
    world_free(world);
}

/* It was on its way down, and stays awake to the end of the daemon. */
static void test_a_stop_goes_on_where_a_sleep_gave_up(void **state)
{
    struct world *world = given();
    unsigned deletes;

    (void)state;
    world->script = dead_from_100;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(100) + 5);
    deletes = world->n_of[CONFLUENCE_DELETE];
    world_stop(world, false);
    world_run_to(world, MINUTES(101));
    assert_true(world->n_of[CONFLUENCE_DELETE] > deletes);
    assert_true(world->stopped);
    world_free(world);
}

static void test_a_key_that_a_sleep_leaves_on_is_told(void **state)
{
    struct world *world = given();

    (void)state;
    world->script = dead_from_100;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(100) + 5);
    assert_int_equal(world_count_reports(world, REPORT_KEY_LEFT), 1);
    world_free(world);
}

static struct world_fault answer_no_post_in_time(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world, (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.hang = 25 * USEC_PER_SEC};
    if (call == CONFLUENCE_DELETE)
        return (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    return (struct world_fault){0};
}

/* Of a POST that is under way then, it is told how long its key may live. */
static void test_a_key_that_a_sleep_may_leave_on_is_told_with_its_end(void **state)
{
    struct world *world = given();
    struct report left = {0};

    (void)state;
    world->script = answer_no_post_in_time;
    world_start(world);
    world_run_to(world, MINUTES(60) + 2);
    say(world, ENGINE_SLEEP);
    world_run_to(world, MINUTES(60) + 40);
    for (size_t i = 0; i < world->n_reports; i++)
        if (world->reports[i].kind == REPORT_KEY_LEFT)
            left = world->reports[i];
    assert_int_equal(left.kind, REPORT_KEY_LEFT);
    assert_non_null(strstr(left.message, "until 2026-11-23T10:00:0"));
    assert_non_null(strstr(left.message, left.expires));
    assert_true(*left.expires);
    world_free(world);
}

/* Granted for ten minutes from 60 on, and no word of its end; nor can it be read. */
static struct world_fault say_no_end(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.no_expiry = true};
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > 3600)
        return (struct world_fault){.status = 503, .body = ""};
    return (struct world_fault){0};
}

/* Rule 9: such a key is taken to live, and to be ours. */
static void test_a_key_without_an_end_is_switched_off(void **state)
{
    for (int how = 0; how < 3; how++) {
        struct world *world = given();
        unsigned deletes;

        world->script = say_no_end;
        world_start(world);
        world_run_to(world, MINUTES(60) + 20);
        assert_true(world->key_live);
        deletes = world->n_of[CONFLUENCE_DELETE];
        if (how == 0)
            world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
        else if (how == 1)
            world_stop(world, false);
        else
            say(world, ENGINE_SLEEP);
        world_run_to(world, MINUTES(60) + 24);
        if (world->n_of[CONFLUENCE_DELETE] != deletes + 1 || world->key_live)
            fail_msg("case %d: %u DELETEs", how, world->n_of[CONFLUENCE_DELETE] - deletes);
        world_free(world);
    }
    (void)state;
}

static struct world_fault renew_without_an_end(struct world *world, enum confluence_call call, unsigned nth)
{
    double now = world_seconds(world, world->boot);

    (void)nth;
    if (call == CONFLUENCE_POST && now > MINUTES(62))
        return (struct world_fault){.no_expiry = true};
    if (call == CONFLUENCE_GET && now > MINUTES(66) && now < MINUTES(80))
        return (struct world_fault){.status = 503, .body = ""};
    return (struct world_fault){0};
}

/* Once it is off, it is no reason to take another's key for it. */
static void test_a_key_without_an_end_is_forgotten_once_it_is_off(void **state)
{
    struct world *world = given();
    unsigned deletes;

    (void)state;
    world->script = renew_without_an_end;
    world->site.duration_minutes = 10;
    world->site.renewal_before = 3 * USEC_PER_MINUTE;
    world_start(world);
    for (double at = MINUTES(60); world->n_of[CONFLUENCE_POST] < 2 && at < MINUTES(75); at++)
        world_run_to(world, at);
    world_ask(world,
              &(struct ask){.what = ASK_DISABLE, .until_utc = WORLD_START_UTC + 150 * USEC_PER_MINUTE});
    world_run_to(world, MINUTES(100));
    assert_false(world->key_live);
    deletes = world->n_of[CONFLUENCE_DELETE];
    world_other_actor(world, 55);
    say(world, ENGINE_SLEEP);
    say(world, ENGINE_AWAKE);
    world_run_to(world, MINUTES(101));
    assert_true(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    assert_true(world->n_of[CONFLUENCE_DELETE] <= deletes + 1); /* the one before the sleep */
    world_free(world);
}

static struct world_fault throttle_reads_at_the_end(struct world *world, enum confluence_call call,
                                                    unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > MINUTES(220))
        return (struct world_fault){.status = 429, .headers = "Retry-After: 7200\n", .body = ""};
    return (struct world_fault){0};
}

/* Rule 10: what a read was answered never holds the first DELETE. */
static void test_a_throttled_read_does_not_hold_the_last_delete(void **state)
{
    struct world *world = given();
    unsigned deletes;

    (void)state;
    world->script = throttle_reads_at_the_end;
    world_start(world);
    world_run_to(world, MINUTES(239));
    deletes = world->n_of[CONFLUENCE_DELETE];
    world_run_to(world, MINUTES(240) + 5);
    assert_int_equal(world->n_of[CONFLUENCE_DELETE], deletes + 1);
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_free(world);
}

static void test_status_says_that_the_machine_sleeps_or_is_locked(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.on_lock = POLICY_DISABLE;
    world_start(world);
    world_run_to(world, MINUTES(100));
    say(world, ENGINE_LOCKED);
    assert_int_equal(world_status(world).cause.kind, CAUSE_LOCK);
    say(world, ENGINE_SLEEP);
    assert_int_equal(world_status(world).cause.kind, CAUSE_SLEEP);
    say(world, ENGINE_AWAKE);
    assert_int_equal(world_status(world).cause.kind, CAUSE_LOCK);
    say(world, ENGINE_UNLOCKED);
    assert_int_equal(world_status(world).cause.kind, CAUSE_ACTIVE_HOURS);
    world_free(world);
}

/* No network until 20 minutes into the hours. */
static struct world_fault dead_to_80(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)call, (void)nth;
    if (world_seconds(world, world->boot) < MINUTES(80))
        return (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    return (struct world_fault){0};
}

static void test_a_network_is_tried_at_once(void **state)
{
    struct world *world = given();

    (void)state;
    world->script = dead_to_80;
    world_start(world);
    world_run_to(world, MINUTES(80) + 0.1);
    assert_false(world->key_live);
    say(world, ENGINE_NETWORK);
    world_run_to(world, MINUTES(80) + 1);
    assert_true(world->key_live);
    world_free(world);
}

static void test_a_network_that_comes_and_goes_makes_no_hot_loop(void **state)
{
    struct world *world = given();
    unsigned calls;

    (void)state;
    world->script = dead_to_80;
    world_start(world);
    world_run_to(world, MINUTES(70));
    calls = world->n_calls;
    for (int tenth = 0; tenth < 3000; tenth++) {
        say(world, ENGINE_NETWORK);
        world_run_to(world, MINUTES(70) + tenth / 10.0);
    }
    /* Each 10 s the delays begin anew: at 0, then 1, 2, 4 s apart, or half of that. */
    assert_in_range(world->n_calls - calls, 300 / 10, 300 / 10 * 5);
    world_free(world);
}

static struct world_fault hangs_at_80(struct world *world, enum confluence_call call, unsigned nth)
{
    struct world_fault fault = dead_to_80(world, call, nth);

    if (world_seconds(world, world->boot) > MINUTES(79))
        fault = (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .hang = 30 * USEC_PER_SEC};
    if (world_seconds(world, world->boot) > MINUTES(81))
        fault = (struct world_fault){0};
    return fault;
}

static void test_a_read_into_a_dead_network_is_given_up_for_another(void **state)
{
    struct world *world = given();
    size_t calls;

    (void)state;
    world->script = hangs_at_80;
    world_start(world);
    while (!world->flight.pending || world_seconds(world, world->boot) < MINUTES(79))
        world_run_to(world, world_seconds(world, world->boot) + 1);
    calls = world->n_calls;
    for (int tenth = 0; tenth < 50; tenth++) { /* once, however often it comes */
        say(world, ENGINE_NETWORK);
        world_run_to(world, world_seconds(world, world->boot) + 0.1);
    }
    assert_int_equal(world->n_calls, calls + 1);
    world_free(world);
}

static void test_a_network_means_nothing_where_all_is_well(void **state)
{
    struct world *world = given();
    size_t calls;

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(100));
    calls = world->n_calls;
    say(world, ENGINE_NETWORK);
    world_run_to(world, MINUTES(100) + 1);
    assert_int_equal(world->n_calls, calls);
    world_free(world);
}

static void test_a_network_does_not_shorten_what_the_site_asked_for(void **state)
{
    struct world *world = given();
    size_t calls;

    (void)state;
    world->script = throttled;
    world_start(world);
    world_run_to(world, MINUTES(110));
    calls = world->n_calls;
    say(world, ENGINE_NETWORK);
    world_run_to(world, MINUTES(111));
    assert_int_equal(world->n_calls, calls);
    world_free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_foreign_key_outside_the_hours),
        cmocka_unit_test(test_disable_looks_for_foreign_keys),
        cmocka_unit_test(test_a_foreign_key_at_the_end_of_the_hours),
        cmocka_unit_test(test_an_adopted_key_is_ours_after_a_crash),
        cmocka_unit_test(test_sleep_switches_off_and_waking_on),
        cmocka_unit_test(test_no_sleep_while_a_key_is_on_its_way),
        cmocka_unit_test(test_sleep_does_not_wait_for_a_dead_site),
        cmocka_unit_test(test_sleep_may_keep_the_key),
        cmocka_unit_test(test_waking_reads_before_it_writes),
        cmocka_unit_test(test_a_lock_switches_off_where_the_policy_says_so),
        cmocka_unit_test(test_a_sleep_does_not_shorten_what_the_site_asked_for),
        cmocka_unit_test(test_nothing_is_begun_once_the_machine_may_sleep),
        cmocka_unit_test(test_a_stop_goes_on_where_a_sleep_gave_up),
        cmocka_unit_test(test_a_key_that_a_sleep_leaves_on_is_told),
        cmocka_unit_test(test_a_key_that_a_sleep_may_leave_on_is_told_with_its_end),
        cmocka_unit_test(test_a_key_without_an_end_is_switched_off),
        cmocka_unit_test(test_a_key_without_an_end_is_forgotten_once_it_is_off),
        cmocka_unit_test(test_a_throttled_read_does_not_hold_the_last_delete),
        cmocka_unit_test(test_status_says_that_the_machine_sleeps_or_is_locked),
        cmocka_unit_test(test_a_network_is_tried_at_once),
        cmocka_unit_test(test_a_network_that_comes_and_goes_makes_no_hot_loop),
        cmocka_unit_test(test_a_read_into_a_dead_network_is_given_up_for_another),
        cmocka_unit_test(test_a_network_means_nothing_where_all_is_well),
        cmocka_unit_test(test_a_network_does_not_shorten_what_the_site_asked_for),
    };

    return cmocka_run_group_tests_name("engine/away", tests, NULL, NULL);
}
