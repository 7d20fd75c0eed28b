// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rule 16: holds, disables, break-glass. Times are minutes after the start of the world; its hours are 60 to
 * 240, with an exclude from 120 to 130.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define MINUTES(n) ((double)(n)*60)
#define UTC(n)     (WORLD_START_UTC + (n)*USEC_PER_MINUTE)

static struct world *given(void)
{
    static const struct interval intervals[] = {
        {.kind = INTERVAL_ACTIVE_HOURS,
         .line = 12,
         .from_wall = 60 * USEC_PER_MINUTE,
         .until_wall = 240 * USEC_PER_MINUTE},
        {.kind = INTERVAL_EXCLUDE,
         .line = 14,
         .from_wall = 120 * USEC_PER_MINUTE,
         .until_wall = 130 * USEC_PER_MINUTE},
    };
    struct world *world = world_new(60 * 60, 240 * 60);

    world_set_intervals(world, intervals, 2);
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    return world;
}

static struct ask_answer ask_hold(struct world *world, enum cause_kind kind, int minutes, const char *reason)
{
    return world_ask(world, &(struct ask){.what = ASK_HOLD,
                                          .kind = kind,
                                          .length = minutes * USEC_PER_MINUTE,
                                          .by = "ann",
                                          .reason = reason});
}

static void disable_until(struct world *world, usec until_utc)
{
    world_ask(world,
              &(struct ask){.what = ASK_DISABLE, .until_utc = until_utc, .by = "bob", .reason = "incident"});
}

static unsigned count_posts(const struct world *world)
{
    return world->n_of[CONFLUENCE_POST];
}

static void test_a_hold_is_a_key_that_ends_by_itself(void **state)
{
    struct world *world = given();
    struct ask_answer answer;
    struct site_status status;

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(10));
    answer = ask_hold(world, CAUSE_HOLD, 30, "CHG-1");
    assert_int_equal(answer.outcome, ASK_TAKEN);
    assert_true(answer.until_utc == UTC(40));
    world_run_to(world, MINUTES(11));
    status = world_status(world);
    assert_int_equal(status.state, SITE_ON);
    assert_int_equal(status.cause.kind, CAUSE_HOLD);
    assert_string_equal(status.cause.reason, "CHG-1");
    assert_int_equal(status.demand->n_holds, 1);
    assert_true(status.expires_utc <= UTC(40) + 2 * USEC_PER_SEC &&
                status.expires_utc >= UTC(40) - USEC_PER_SEC);
    assert_int_equal(count_posts(world), 1);
    world_run_to(world, MINUTES(45));
    status = world_status(world);
    assert_int_equal(status.state, SITE_OFF);
    assert_true(status.proved_off_utc != STATUS_NEVER);
    assert_int_equal(status.demand->n_holds, 0);
    assert_int_equal(world_count_reports(world, REPORT_HOLD_TAKEN), 1);
    assert_int_equal(world_count_reports(world, REPORT_HOLD_ENDED), 1);
    world_free(world);
}

static void test_a_hold_that_is_released_switches_off_at_once(void **state)
{
    struct world *world = given();
    struct ask_answer answer;

    (void)state;
    world_start(world);
    answer = ask_hold(world, CAUSE_RUN, 50, "job");
    world_run_to(world, MINUTES(5));
    assert_true(world->key_live);
    world_ask(world, &(struct ask){.what = ASK_RELEASE, .id = answer.id});
    world_run_to(world, MINUTES(5) + 1);
    assert_false(world->key_live);
    assert_int_equal(world_ask(world, &(struct ask){.what = ASK_RELEASE, .id = answer.id}).outcome,
                     ASK_UNKNOWN);
    world_free(world);
}

/* Hours and the holds around them are one stretch, of which an exclude cuts its part. */
static void test_holds_hours_and_excludes_are_one_timeline(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(30));
    assert_true(ask_hold(world, CAUSE_HOLD, 110, NULL).until_utc == UTC(120)); /* clamped to the exclude */
    assert_true(world_status(world).next_change_utc == UTC(120));
    world_run_to(world, MINUTES(121));
    assert_false(world->key_live);
    assert_int_equal(world_status(world).cause.kind, CAUSE_EXCLUDE);
    world_run_to(world, MINUTES(131));
    assert_true(world->key_live);
    assert_true(world->site_gap <= 10 * USEC_PER_MINUTE + 4 * world->latency); /* the exclude's */
    world_free(world);
}

static void test_the_policy_refuses(void **state)
{
    struct world *world = given();
    struct ask_answer answer;

    (void)state;
    world_start(world);
    world->site.on_demand_limit = 0;
    assert_int_equal(ask_hold(world, CAUSE_HOLD, 30, NULL).outcome, ASK_ON_DEMAND);
    assert_int_equal(ask_hold(world, CAUSE_BREAK_GLASS, 30, "fire").outcome, ASK_ON_DEMAND);
    world->site.on_demand_limit = 20 * USEC_PER_MINUTE;
    assert_int_equal(ask_hold(world, CAUSE_BREAK_GLASS, 30, "").outcome, ASK_REASON);
    world->site.on_demand_reason = POLICY_REASON_REQUIRED;
    assert_int_equal(ask_hold(world, CAUSE_HOLD, 30, NULL).outcome, ASK_REASON);
    world->site.on_demand_outside_hours = false;
    answer = ask_hold(world, CAUSE_HOLD, 30, "why");
    assert_int_equal(answer.outcome, ASK_OUTSIDE_HOURS);
    assert_true(answer.until_utc == UTC(60));
    world_run_to(world, MINUTES(125));
    answer = ask_hold(world, CAUSE_HOLD, 30, "why");
    assert_int_equal(answer.outcome, ASK_EXCLUDED);
    assert_true(answer.until_utc == UTC(130));
    assert_int_equal(world_status(world).demand->n_holds, 0);
    world_run_to(world, MINUTES(230));
    assert_true(ask_hold(world, CAUSE_HOLD, 60, "why").until_utc == UTC(240)); /* the hours end */
    world_run_to(world, MINUTES(241));
    assert_false(world->key_live);
    world_run_to(world, MINUTES(245));
    assert_string_equal(ask_outcome_name(ASK_EXCLUDED), "exclude");
    world_free(world);
}

static void test_holds_have_a_cap(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    for (int i = 0; i < DEMAND_HOLDS_MAX; i++)
        assert_int_equal(ask_hold(world, CAUSE_HOLD, 10, NULL).outcome, ASK_TAKEN);
    assert_int_equal(ask_hold(world, CAUSE_HOLD, 10, NULL).outcome, ASK_TOO_MANY);
    world_free(world);
}

static void test_break_glass_passes_excludes_and_hours(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.on_demand_outside_hours = false;
    world_start(world);
    world_run_to(world, MINUTES(125));
    assert_true(ask_hold(world, CAUSE_BREAK_GLASS, 100, "fire").until_utc ==
                UTC(185)); /* 60 minutes at most */
    world_run_to(world, MINUTES(126));
    assert_true(world->key_live);
    assert_int_equal(world_status(world).cause.kind, CAUSE_BREAK_GLASS);
    assert_int_equal(world_count_reports(world, REPORT_BREAK_GLASS), 1);
    world_run_to(world, MINUTES(190));
    assert_true(world->key_live); /* the hours go on */
    world_free(world);
}

/* Nor does it leave a gap where the hours take over from it. */
static void test_break_glass_and_the_hours_are_one_stretch(void **state)
{
    struct world *world = given();
    unsigned posts;

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(122));
    ask_hold(world, CAUSE_BREAK_GLASS, 60, "fire");
    assert_true(world_status(world).next_change_utc == UTC(240));
    world_run_to(world, MINUTES(129));
    posts = count_posts(world);
    world_run_to(world, MINUTES(131));
    assert_true(world->key_live);
    assert_int_equal(count_posts(world), posts);
    world_run_to(world, MINUTES(240));
    assert_true(world->site_gap <= 2 * USEC_PER_MINUTE + 4 * world->latency); /* the exclude's beginning */
    world_free(world);
}

static void test_break_glass_outlasts_a_limit(void **state)
{
    struct world *world = given();

    (void)state;
    world->site.limit_continuous = 30 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(70));
    ask_hold(world, CAUSE_BREAK_GLASS, 45, "fire");
    world_run_to(world, MINUTES(91));
    assert_true(world->key_live);
    world_wake(world);
    assert_int_equal(world_status(world).cause.kind, CAUSE_BREAK_GLASS);
    assert_true(world_status(world).next_change_utc == UTC(115));
    world_run_to(world, MINUTES(116));
    assert_false(world->key_live);
    assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
    world_free(world);
}

static void test_a_job_does_not_lift_a_disable(void **state)
{
    struct world *world = given();
    struct ask_answer answer;

    (void)state;
    world_start(world);
    disable_until(world, UTC(90));
    answer = ask_hold(world, CAUSE_RUN, 5, "job");
    assert_int_equal(answer.outcome, ASK_DISABLED);
    assert_string_equal(ask_outcome_name(answer.outcome), "disable");
    assert_true(answer.until_utc == UTC(90));
    assert_true(world_status(world).demand->disabled);
    world_run_to(world, MINUTES(91));
    assert_int_equal(ask_hold(world, CAUSE_RUN, 5, "job").outcome, ASK_TAKEN);
    world_free(world);
}

static void test_a_disable_lasts_to_the_next_stretch(void **state)
{
    struct world *world = given();
    struct site_status status;

    (void)state;
    world_start(world);
    world_run_to(world, MINUTES(70));
    assert_true(world->key_live);
    ask_hold(world, CAUSE_HOLD, 20, NULL);
    disable_until(world, USEC_INFINITY);
    world_run_to(world, MINUTES(70) + 1);
    assert_false(world->key_live);
    status = world_status(world);
    assert_int_equal(status.cause.kind, CAUSE_DISABLE);
    assert_string_equal(status.cause.reason, "incident");
    assert_int_equal(status.demand->n_holds, 0);
    assert_true(status.demand->disabled_until_utc == UTC(120));
    assert_true(status.next_change_utc == UTC(130));
    world_run_to(world, MINUTES(119));
    assert_false(world->key_live);
    world_run_to(world, MINUTES(131));
    assert_true(world->key_live);
    world_free(world);
}

static void test_a_disable_has_its_end_and_can_be_lifted(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    disable_until(world, UTC(90));
    world_run_to(world, MINUTES(89));
    assert_int_equal(count_posts(world), 0);
    assert_true(world_status(world).agrees);
    world_run_to(world, MINUTES(91));
    assert_true(world->key_live);
    disable_until(world, UTC(200));
    world_run_to(world, MINUTES(92));
    assert_false(world->key_live);
    world_ask(world, &(struct ask){.what = ASK_RESUME, .by = "ann"});
    world_run_to(world, MINUTES(93));
    assert_true(world->key_live);
    disable_until(world, UTC(200));
    ask_hold(world, CAUSE_HOLD, 5, NULL); /* says yes: lifts it */
    assert_false(world_status(world).demand->disabled);
    assert_int_equal(world_count_reports(world, REPORT_RESUMED), 2);
    world_free(world);
}

/* However many they are, they are told in one report: a step has room for so many effects. */
static void test_all_holds_may_end_at_once(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    for (int i = 0; i < DEMAND_HOLDS_MAX; i++)
        assert_int_equal(ask_hold(world, CAUSE_RUN, 5, "job").outcome, ASK_TAKEN);
    world_run_to(world, MINUTES(6));
    assert_int_equal(world_status(world).demand->n_holds, 0);
    assert_int_equal(world_count_reports(world, REPORT_HOLD_ENDED), 1);
    for (size_t i = 0; i < world->n_reports; i++)
        if (world->reports[i].kind == REPORT_HOLD_ENDED)
            assert_non_null(strstr(world->reports[i].message, "ann and 15 others"));

    /* Nor does one overflow that has a record of each: for none of these jobs somebody came back. */
    for (int i = 0; i < DEMAND_HOLDS_MAX; i++)
        assert_int_equal(ask_hold(world, CAUSE_RUN, 50, "job").outcome, ASK_TAKEN);
    world_start(world);
    assert_int_equal(world_status(world).demand->n_holds, DEMAND_HOLDS_MAX);
    world_run_to(world, MINUTES(7));
    assert_int_equal(world_status(world).demand->n_holds, 0);
    assert_int_equal(world_count_reports(world, REPORT_HOLD_ENDED), 2);
    world_start(world);
    assert_int_equal(world_status(world).demand->n_holds, 0);
    world_free(world);
}

static void test_what_was_said_outlives_a_crash(void **state)
{
    struct world *world = given();
    struct site_status status;

    (void)state;
    world_start(world);
    ask_hold(world, CAUSE_HOLD, 50, "CHG-1");
    ask_hold(world, CAUSE_RUN, 50, "job");
    world_run_to(world, MINUTES(5));
    world_start(world);
    status = world_status(world);
    assert_int_equal(status.demand->n_holds, 2);
    assert_string_equal(status.demand->holds[0].by, "ann");
    assert_string_equal(status.demand->holds[0].reason, "CHG-1");
    assert_true(status.demand->holds[0].until_utc == UTC(50));
    world_run_to(world, MINUTES(6));
    assert_int_equal(world_status(world).demand->n_holds, 1); /* nobody came back for the run */
    assert_true(world->key_live);
    disable_until(world, UTC(100));
    world_start(world);
    world_run_to(world, MINUTES(65));
    assert_false(world->key_live);
    assert_true(world_status(world).demand->disabled);
    assert_int_equal(world_status(world).demand->n_holds, 0);
    world_free(world);
}

static void test_a_clock_that_is_set_back_prolongs_no_hold(void **state)
{
    struct world *world = given();

    (void)state;
    world_start(world);
    ask_hold(world, CAUSE_HOLD, 20, NULL);
    world_run_to(world, MINUTES(10));
    world_set_clock(world, -60 * USEC_PER_MINUTE);
    world_run_to(world, MINUTES(19));
    world_start(world); /* and no restart either, beyond its whole length */
    world_run_to(world, MINUTES(41));
    assert_false(world->key_live);
    world_free(world);
}

/* What a rotated ledger begins with brings all of it back. */
static void test_open_records_carry_it(void **state)
{
    struct world *world = given();
    struct record open[ENGINE_OPEN_RECORDS_MAX];
    struct bytes line = BYTES_INIT(RECORD_LINE_MAX + 1);
    size_t n;

    (void)state;
    world->site.limit_per_day = 10 * USEC_PER_HOUR;
    world_start(world);
    ask_hold(world, CAUSE_HOLD, 50, "CHG-1");
    world_run_to(world, MINUTES(5));
    n = engine_open_records(world->engine, open);
    assert_in_range(n, 3, ENGINE_OPEN_RECORDS_MAX);
    for (size_t i = 0; i < n; i++) {
        bytes_done(&line);
        line = BYTES_INIT(RECORD_LINE_MAX + 1);
        assert_int_equal(record_format(&open[i], &line), 0);
        assert_int_equal(record_parse(bytes_text(&line), line.size - 1, &world->records[i]), 0);
    }
    bytes_done(&line);
    world->n_records = n;
    world_start(world);
    assert_int_equal(world_status(world).demand->n_holds, 1);
    assert_in_range(world_status(world).per_day.used / USEC_PER_SEC, 298, 300);
    world_free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hold_is_a_key_that_ends_by_itself),
        cmocka_unit_test(test_a_hold_that_is_released_switches_off_at_once),
        cmocka_unit_test(test_holds_hours_and_excludes_are_one_timeline),
        cmocka_unit_test(test_the_policy_refuses),
        cmocka_unit_test(test_holds_have_a_cap),
        cmocka_unit_test(test_break_glass_passes_excludes_and_hours),
        cmocka_unit_test(test_break_glass_and_the_hours_are_one_stretch),
        cmocka_unit_test(test_break_glass_outlasts_a_limit),
        cmocka_unit_test(test_a_job_does_not_lift_a_disable),
        cmocka_unit_test(test_a_disable_lasts_to_the_next_stretch),
        cmocka_unit_test(test_a_disable_has_its_end_and_can_be_lifted),
        cmocka_unit_test(test_all_holds_may_end_at_once),
        cmocka_unit_test(test_what_was_said_outlives_a_crash),
        cmocka_unit_test(test_a_clock_that_is_set_back_prolongs_no_hold),
        cmocka_unit_test(test_open_records_carry_it),
    };

    return cmocka_run_group_tests_name("engine/ask", tests, NULL, NULL);
}
