// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rules 12 and 14: keys that somebody else enabled, sleep, and a locked session. Times are minutes after the
 * start of the world; its hours are 60 to 240.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_foreign_key_outside_the_hours),
        cmocka_unit_test(test_disable_looks_for_foreign_keys),
        cmocka_unit_test(test_a_foreign_key_at_the_end_of_the_hours),
        cmocka_unit_test(test_an_adopted_key_is_ours_after_a_crash),
        cmocka_unit_test(test_sleep_switches_off_and_waking_on),
        cmocka_unit_test(test_sleep_does_not_wait_for_a_dead_site),
        cmocka_unit_test(test_sleep_may_keep_the_key),
        cmocka_unit_test(test_waking_reads_before_it_writes),
        cmocka_unit_test(test_a_lock_switches_off_where_the_policy_says_so),
    };

    return cmocka_run_group_tests_name("engine/away", tests, NULL, NULL);
}
