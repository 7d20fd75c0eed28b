// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rule 17: limits. Times are minutes after the start of the world, which is at 08:00 UTC.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "world.h"

#define MINUTES(n) ((double)(n)*60)
#define UTC(n)     (WORLD_START_UTC + (n)*USEC_PER_MINUTE)
#define MIDNIGHT   (16 * 60)

static double on_minutes(const struct world *world)
{
    return (double)(world->until_boot - world->from_boot - world->site_gap) / 60e6;
}

static void test_continuous_ends_the_stretch(void **state)
{
    struct world *world = world_new(60 * 60, 300 * 60);
    struct site_status status;

    (void)state;
    world->site.limit_continuous = 90 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(100));
    assert_true(world_status(world).next_change_utc <= UTC(150) + USEC_PER_SEC);
    assert_true(world_status(world).next_change_utc >= UTC(150) - USEC_PER_SEC);
    world_run_to(world, MINUTES(151));
    status = world_status(world);
    assert_false(world->key_live && world->key_expires_site > UTC(151));
    assert_int_equal(status.cause.kind, CAUSE_LIMIT);
    assert_false(status.goal_on);
    assert_true(status.agrees);
    assert_int_equal(status.continuous.limit / USEC_PER_MINUTE, 90);
    assert_in_range(status.continuous.used / USEC_PER_SEC, 90 * 60 - 1, 90 * 60 + 1);
    assert_true(status.continuous.until_utc == UTC(300));
    assert_int_equal(world_count_reports(world, REPORT_LIMIT_SPENT), 1);
    world_run_to(world, MINUTES(310));
    assert_true(on_minutes(world) > 89.9 && on_minutes(world) < 90.1);
    world_free(world);
}

/* Nothing is looked at while the machine sleeps. */
static void test_a_stretch_that_began_in_a_suspend_starts_anew(void **state)
{
    static const struct interval intervals[] = {
        {.from_wall = 10 * USEC_PER_MINUTE, .until_wall = 100 * USEC_PER_MINUTE},
        {.from_wall = 110 * USEC_PER_MINUTE, .until_wall = 200 * USEC_PER_MINUTE},
    };
    struct world *world = world_new(0, 1);

    (void)state;
    world_set_intervals(world, intervals, 2);
    world->site.limit_continuous = 30 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(45));
    assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
    world->utc += 75 * USEC_PER_MINUTE;
    world->boot += 75 * USEC_PER_MINUTE;
    world_wake(world);
    world_run_to(world, MINUTES(121));
    assert_true(world->key_live);
    world_free(world);
}

/* The ledger remembers a day, and the next start may be days later. */
static void test_a_day_that_is_over_at_the_start_is_over(void **state)
{
    static const struct interval intervals[] = {
        {.from_wall = 10 * USEC_PER_MINUTE, .until_wall = 400 * USEC_PER_MINUTE},
        {.from_wall = (1440 + 10) * USEC_PER_MINUTE, .until_wall = (1440 + 400) * USEC_PER_MINUTE},
    };
    struct world *world = world_new(0, 1);

    (void)state;
    world_set_intervals(world, intervals, 2);
    world->site.limit_per_day = 60 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(100));
    assert_int_equal(world_count_reports(world, REPORT_LIMIT_SPENT), 1);
    world_stop(world, false);
    world->utc += 1440 * USEC_PER_MINUTE;
    world->boot += 1440 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(1541));
    assert_true(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_LIMIT_SPENT), 1);
    world_free(world);
}

static void test_the_next_stretch_starts_anew(void **state)
{
    static const struct interval intervals[] = {
        {.from_wall = 10 * USEC_PER_MINUTE, .until_wall = 100 * USEC_PER_MINUTE},
        {.from_wall = 110 * USEC_PER_MINUTE, .until_wall = 200 * USEC_PER_MINUTE},
    };
    struct world *world = world_new(0, 1);

    (void)state;
    world_set_intervals(world, intervals, 2);
    world->site.limit_continuous = 30 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(39));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_run_to(world, MINUTES(41));
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_run_to(world, MINUTES(139));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_run_to(world, MINUTES(141));
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_free(world);
}

static void test_per_day_counts_a_local_day(void **state)
{
    struct world *world = world_new((MIDNIGHT - 180) * 60, (MIDNIGHT + 600) * 60);
    struct site_status status;

    (void)state;
    world->site.limit_per_day = 120 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(MIDNIGHT - 61));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_run_to(world, MINUTES(MIDNIGHT - 58));
    status = world_status(world);
    assert_int_equal(status.cause.kind, CAUSE_LIMIT);
    assert_true(status.next_change_utc == UTC(MIDNIGHT));
    assert_true(status.per_day.until_utc == UTC(MIDNIGHT));
    assert_in_range(status.per_day.used / USEC_PER_SEC, 120 * 60 - 1, 120 * 60 + 1);
    assert_int_equal(status.state, SITE_OFF);
    world_run_to(world, MINUTES(MIDNIGHT + 1));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_run_to(world, MINUTES(MIDNIGHT + 122));
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_run_to(world, MINUTES(MIDNIGHT + 610));
    assert_true(on_minutes(world) > 239.8 && on_minutes(world) < 240.2);
    world_free(world);
}

static void test_limits_outlive_restarts(void **state)
{
    struct world *world = world_new(60 * 60, 300 * 60);

    (void)state;
    world->site.limit_continuous = world->site.limit_per_day = 90 * USEC_PER_MINUTE;
    world_start(world);
    for (int at = 70; at < 300; at += 7) {
        world_run_to(world, MINUTES(at));
        world_start(world);
    }
    world_run_to(world, MINUTES(310));
    /* A restarted daemon counts from the grant's reply; so little is lost at each. */
    assert_true(on_minutes(world) > 89.5 && on_minutes(world) < 90.2);
    world_free(world);
}

/* A day begins when it has begun by both clocks, and not a day later. */
static void test_a_day_begins_with_the_later_of_the_clocks(void **state)
{
    for (int seconds = -10; seconds <= 10; seconds += 5) {
        struct world *world = world_new((MIDNIGHT - 180) * 60, (MIDNIGHT + 600) * 60);

        world->site.limit_per_day = 120 * USEC_PER_MINUTE;
        world->site_offset = seconds * USEC_PER_SEC;
        world_start(world);
        world_run_to(world, MINUTES(MIDNIGHT - 1));
        assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
        world_run_to(world, MINUTES(MIDNIGHT + 1));
        if (world_status(world).state != SITE_ON)
            fail_msg("with a site's clock %d s ahead the day has not begun", seconds);
        world_free(world);
    }
    (void)state;
}

static void hold(struct world *world, int minutes)
{
    world_ask(world,
              &(struct ask){
                  .what = ASK_HOLD, .kind = CAUSE_HOLD, .length = minutes * USEC_PER_MINUTE, .by = "ann"});
}

/* A clock that is set back over midnight, and right again, frees nothing. */
static void test_a_clock_set_back_and_forth_frees_no_day(void **state)
{
    struct world *world = world_new((MIDNIGHT + 5) * 60, (MIDNIGHT + 300) * 60);

    (void)state;
    world->site.limit_per_day = 60 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(MIDNIGHT + 100));
    assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
    world_set_clock(world, -2 * USEC_PER_HOUR);
    world_run_to(world, MINUTES(MIDNIGHT + 101));
    world_set_clock(world, 2 * USEC_PER_HOUR);
    world_run_to(world, MINUTES(MIDNIGHT + 290));
    assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
    world_run_to(world, MINUTES(MIDNIGHT + 301));
    assert_true(on_minutes(world) < 61);
    world_free(world);
}

/* A disable ends a stretch, for a restarted daemon as well. */
static void test_a_stretch_after_a_disable_is_another(void **state)
{
    struct world *world = world_new(0, 600 * 60);

    (void)state;
    world->site.limit_continuous = 90 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(60));
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = UTC(70)});
    world_run_to(world, MINUTES(100));
    world_start(world);
    world_run_to(world, MINUTES(159));
    assert_true(world->key_live);
    world_run_to(world, MINUTES(161));
    assert_false(world->key_live);
    world_start(world);
    world_run_to(world, MINUTES(200));
    assert_false(world->key_live);
    world_free(world);
}

/* The daemon need not have seen the end of it. */
static void test_a_disable_that_ended_while_nobody_looked_ends_a_stretch(void **state)
{
    struct world *world = world_new(0, 600 * 60);

    (void)state;
    world->site.limit_continuous = 90 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(60));
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = UTC(70)});
    world_run_to(world, MINUTES(61));
    world->utc += 20 * USEC_PER_MINUTE;
    world->boot += 20 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(81 + 89));
    assert_true(world->key_live);
    world_run_to(world, MINUTES(81 + 91));
    assert_false(world->key_live);
    world_free(world);
}

static struct world_fault no_delete(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world, (void)nth;
    return call == CONFLUENCE_DELETE ? (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED}
                                     : (struct world_fault){0};
}

/* What lives on across the end of a disable, for want of a DELETE, counts in the stretch that begins there.
 */
static void test_a_key_that_nobody_switched_off_counts_in_the_next_stretch(void **state)
{
    (void)state;
    for (int how = 0; how < 4; how++) {
        struct world *world = world_new(0, 600 * 60);
        bool gone = how / 2, again = how % 2;

        world->site.limit_continuous = 90 * USEC_PER_MINUTE;
        world_start(world);
        world_run_to(world, MINUTES(60));
        world->script = no_delete;
        world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = UTC(70)});
        world->utc += 20 * USEC_PER_MINUTE;
        world->boot += 20 * USEC_PER_MINUTE;
        world->script = NULL;
        if (gone) /* as the first read finds, until which it may have been on */
            world_other_actor(world, 0);
        world_start(world);
        if (again) {
            world_run_to(world, MINUTES(130));
            world_start(world);
        }
        world_run_to(world, MINUTES(159));
        assert_true(world->key_live);
        world_run_to(world, MINUTES(161));
        assert_false(world->key_live);
        world_free(world);
    }
}

/* Hours that a hold leads into go on with its stretch. */
static void test_a_hold_and_the_hours_are_one_stretch(void **state)
{
    struct world *world = world_new(60 * 60, 600 * 60);

    (void)state;
    world->site.limit_continuous = 90 * USEC_PER_MINUTE;
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    world_start(world);
    world_run_to(world, MINUTES(10));
    hold(world, 40);
    world_run_to(world, MINUTES(20));
    hold(world, 60);
    for (int at = 30; at < 100; at += 20) {
        world_run_to(world, MINUTES(at));
        world_start(world);
    }
    world_run_to(world, MINUTES(99));
    assert_true(world->key_live);
    world_run_to(world, MINUTES(102));
    assert_false(world->key_live);
    world_free(world);
}

/* Also where the hold is over by the time that the daemon starts. */
static void test_a_hold_that_is_over_has_led_into_the_hours(void **state)
{
    struct world *world = world_new(60 * 60, 600 * 60);

    (void)state;
    world->site.limit_continuous = 40 * USEC_PER_MINUTE;
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    world_start(world);
    world_run_to(world, MINUTES(10));
    hold(world, 60);
    world_run_to(world, MINUTES(300));
    world_start(world);
    world_run_to(world, MINUTES(301));
    assert_int_equal(world_status(world).cause.kind, CAUSE_LIMIT);
    assert_false(world->key_live);
    world_free(world);
}

/* Locked or not: where a hold leads into the hours, it is one stretch. */
static void test_a_locked_session_begins_no_stretch(void **state)
{
    struct world *world = world_new(60 * 60, 600 * 60);

    (void)state;
    world->site.limit_continuous = 90 * USEC_PER_MINUTE;
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    world->site.on_lock = POLICY_DISABLE;
    world_start(world);
    world_run_to(world, MINUTES(10));
    hold(world, 60);
    world_run_to(world, MINUTES(50));
    world_step(world, &(struct engine_event){.kind = ENGINE_LOCKED});
    world_run_to(world, MINUTES(75));
    world_step(world, &(struct engine_event){.kind = ENGINE_UNLOCKED});
    world_run_to(world, MINUTES(124));
    assert_true(world->key_live);
    world_run_to(world, MINUTES(126));
    assert_false(world->key_live);
    world_free(world);
}

/* What counts is the key, not the hours: an outage spends nothing. */
static struct world_fault unreachable(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)call, (void)nth;
    if (world_seconds(world, world->boot) < MINUTES(120))
        return (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    return (struct world_fault){0};
}

static void test_an_outage_spends_nothing(void **state)
{
    struct world *world = world_new(60 * 60, 300 * 60);

    (void)state;
    world->site.limit_per_day = 90 * USEC_PER_MINUTE;
    world->script = unreachable;
    world_start(world);
    world_run_to(world, MINUTES(310));
    assert_true(on_minutes(world) > 89.5 && on_minutes(world) < 90.2);
    world_free(world);
}

/* What is not known counts: the key of a lost reply, and one that cannot be read for a while. */
static struct world_fault lost_and_silent(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.transport = TRANSPORT_CUT, .acts = true};
    if ((call == CONFLUENCE_GET && at > MINUTES(60) && at < MINUTES(70)) ||
        (call == CONFLUENCE_POST && at > MINUTES(90) && at < MINUTES(110)))
        return (struct world_fault){.status = 503, .body = "", .headers = "Retry-After: 300\n"};
    return (struct world_fault){0};
}

static void test_what_is_not_known_counts(void **state)
{
    struct world *world = world_new(60 * 60, 300 * 60);

    (void)state;
    world->site.limit_continuous = 100 * USEC_PER_MINUTE;
    world->script = lost_and_silent;
    world_start(world);
    world_run_to(world, MINUTES(75));
    assert_in_range(world_status(world).continuous.used / USEC_PER_SEC, 15 * 60 - 3, 15 * 60 + 1);
    world_run_to(world, MINUTES(310));
    assert_true(on_minutes(world) > 90 && on_minutes(world) < 100.1);
    world_free(world);
}

/* Five hours of which the key may be on for 200 minutes. */
static struct world *begin_with_200_minutes(struct world_fault (*script)(struct world *world,
                                                                         enum confluence_call call,
                                                                         unsigned nth))
{
    struct world *world = world_new(60 * 60, 300 * 60);

    world->site.limit_per_day = 200 * USEC_PER_MINUTE;
    world->script = script;
    world_start(world);
    return world;
}

/* What came after the last record of that kind was not synced when the power went. */
static void lose_records_after(struct world *world, enum record_kind kind)
{
    while (world->records[world->n_records - 1].kind != kind)
        world->n_records--;
}

/* So many minutes of the day are used, or so many seconds less or more. */
static void assert_used(struct world *world, usec minutes, usec less_s, usec more_s)
{
    struct status_limit used = world_status(world).per_day;

    assert_in_range(used.used / USEC_PER_SEC, minutes * 60 - less_s, minutes * 60 + more_s);
}

/* After a crash what the ledger leaves open counts, and none of it twice. */
static void test_an_open_intent_counts_once(void **state)
{
    struct world *world = begin_with_200_minutes(NULL);

    (void)state;
    world_run_to(world, MINUTES(61));
    lose_records_after(world, RECORD_INTENT);
    world_run_to(world, MINUTES(80));
    world_start(world);
    world_run_to(world, MINUTES(90));
    assert_used(world, 30, 2, 2);
    world_free(world);
}

/* Nor is anything lost where a read had shown the key, and its record was not synced. */
static void test_an_outcome_that_says_nothing_counts_once_read(void **state)
{
    struct world *world = begin_with_200_minutes(lost_and_silent);

    (void)state;
    world_run_to(world, MINUTES(71));
    lose_records_after(world, RECORD_OUTCOME);
    world_run_to(world, MINUTES(80));
    world_start(world);
    world_run_to(world, MINUTES(85));
    assert_used(world, 25, 3, 2);
    world_free(world);
}

static struct world_fault garbled_for_a_while(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    (void)nth;
    return call != CONFLUENCE_DELETE && at > MINUTES(59) && at < MINUTES(75)
               ? (struct world_fault){.status = 200, .body = "{", .acts = true}
               : (struct world_fault){0};
}

/* Of many POSTs in a row whose replies say nothing, the first may have been granted: it counts from there. */
static void test_replies_that_say_nothing_count_from_the_first(void **state)
{
    struct world *world = begin_with_200_minutes(garbled_for_a_while);

    (void)state;
    world_run_to(world, MINUTES(77));
    assert_true(world_count_calls(world, CONFLUENCE_POST) > 3);
    assert_int_equal(world_status(world).state, SITE_ON);
    world_start(world);
    world_run_to(world, MINUTES(80));
    assert_used(world, 20, 3, 2);
    world_free(world);
}

static struct world_fault second_grant_unheard(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    return call == CONFLUENCE_POST && nth == 1
               ? (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .acts = true}
               : (struct world_fault){0};
}

/* The machine sleeps between a POST and its reply, for longer than either key lives. */
static void test_what_a_suspend_hid_counts(void **state)
{
    struct world *world = begin_with_200_minutes(second_grant_unheard);
    usec used;
    int at = 60;

    (void)state;
    world->site.duration_minutes = 21;
    while (world_count_calls(world, CONFLUENCE_POST) < 2)
        world_run_to(world, MINUTES(60) + at++);
    used = world->boot - world->from_boot + 21 * USEC_PER_MINUTE;
    world->utc += 25 * USEC_PER_MINUTE;
    world->boot += 25 * USEC_PER_MINUTE;
    world_wake(world);
    assert_used(world, 0, 0, used / USEC_PER_SEC + 35);
    assert_used(world, used / USEC_PER_MINUTE, 0, 100);
    world_free(world);
}

/* A POST whose reply was lost, then an outage for longer than its key lives. */
static struct world_fault lost_and_never_read(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.transport = TRANSPORT_CUT, .acts = true};
    if (at > MINUTES(59) && at < MINUTES(130))
        return call == CONFLUENCE_GET ? (struct world_fault){.status = 503, .body = ""}
                                      : (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    return (struct world_fault){0};
}

/* And one that did nothing, as a read had shown before the outage. */
static struct world_fault lost_and_read(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.transport = TRANSPORT_CUT};
    if (at > MINUTES(61) && at < MINUTES(130))
        return (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    if (call == CONFLUENCE_POST && at < MINUTES(130))
        return (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    return (struct world_fault){0};
}

/* The ledger begins anew, and the daemon with it. */
static void start_from_open_records(struct world *world)
{
    world->n_records = engine_open_records(world->engine, world->records);
    world_start(world);
}

/* What may have been on counts, and what a read has shown to be off does not: for the daemon that asked, for
 * one that takes its place, and for one that finds a ledger begun anew. */
static void test_what_was_doubted_counts_the_same_after_a_crash(void **state)
{
    static const struct {
        struct world_fault (*script)(struct world *world, enum confluence_call call, unsigned nth);
        int restart; /* and once more at 125 */
        usec used_minutes, less_s;
    } rows[] = {{lost_and_never_read, 80, 60, 3}, {lost_and_read, 125, 0, 0}};
    static void (*const starts[])(struct world * world) = {NULL, world_start, start_from_open_records};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (size_t k = 0; k < ARRAY_SIZE(starts); k++) {
            struct world *world = begin_with_200_minutes(rows[i].script);

            for (int at = rows[i].restart; starts[k] && at <= 125; at += 45) {
                world_run_to(world, MINUTES(at));
                starts[k](world);
            }
            world_run_to(world, MINUTES(129));
            /* Where nobody has noted when it was given up, it may have acted for half a minute. */
            assert_used(world, rows[i].used_minutes, rows[i].less_s, 35);
            world_free(world);
        }
}

static void test_a_ledger_that_begins_anew_counts_nothing_twice(void **state)
{
    struct world *world = begin_with_200_minutes(lost_and_silent);

    (void)state;
    for (int at = 61; at < 120; at += 10) {
        world_run_to(world, MINUTES(at));
        start_from_open_records(world);
    }
    world_run_to(world, MINUTES(120));
    assert_used(world, 60, 12, 12);
    world_free(world);
}

static struct world_fault no_second_key(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    (void)nth;
    return call == CONFLUENCE_POST && at > MINUTES(100) && at < MINUTES(140)
               ? (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED}
               : (struct world_fault){0};
}

/* Nor does it move a grant into a stretch that has seen none; and POSTs that surely did nothing are no grants
 * to the breaker of a daemon that starts. */
static void test_what_did_nothing_holds_nothing_up_after_a_restart(void **state)
{
    static const struct interval intervals[] = {
        {.from_wall = 10 * USEC_PER_MINUTE, .until_wall = 90 * USEC_PER_MINUTE},
        {.from_wall = 110 * USEC_PER_MINUTE, .until_wall = 300 * USEC_PER_MINUTE},
    };

    (void)state;
    for (int anew = 0; anew < 2; anew++) {
        struct world *world = world_new(0, 1);

        world_set_intervals(world, intervals, 2);
        assert_int_equal(calendar_new(NULL, 0, &world->site.renewal_windows), 0);
        world->site.renewal_mode = POLICY_RENEWAL_ONLY;
        world->script = no_second_key;
        world_start(world);
        world_run_to(world, MINUTES(138));
        assert_true(world_count_calls(world, CONFLUENCE_POST) > 20);
        if (anew)
            start_from_open_records(world);
        else
            world_start(world);
        world_run_to(world, MINUTES(142));
        assert_true(world->key_live);
        world->site.renewal_windows = calendar_free(world->site.renewal_windows);
        world_free(world);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_continuous_ends_the_stretch),
        cmocka_unit_test(test_a_stretch_that_began_in_a_suspend_starts_anew),
        cmocka_unit_test(test_a_day_that_is_over_at_the_start_is_over),
        cmocka_unit_test(test_the_next_stretch_starts_anew),
        cmocka_unit_test(test_per_day_counts_a_local_day),
        cmocka_unit_test(test_limits_outlive_restarts),
        cmocka_unit_test(test_a_day_begins_with_the_later_of_the_clocks),
        cmocka_unit_test(test_a_clock_set_back_and_forth_frees_no_day),
        cmocka_unit_test(test_a_stretch_after_a_disable_is_another),
        cmocka_unit_test(test_a_disable_that_ended_while_nobody_looked_ends_a_stretch),
        cmocka_unit_test(test_a_key_that_nobody_switched_off_counts_in_the_next_stretch),
        cmocka_unit_test(test_a_hold_and_the_hours_are_one_stretch),
        cmocka_unit_test(test_a_hold_that_is_over_has_led_into_the_hours),
        cmocka_unit_test(test_a_locked_session_begins_no_stretch),
        cmocka_unit_test(test_an_outage_spends_nothing),
        cmocka_unit_test(test_what_is_not_known_counts),
        cmocka_unit_test(test_an_open_intent_counts_once),
        cmocka_unit_test(test_an_outcome_that_says_nothing_counts_once_read),
        cmocka_unit_test(test_replies_that_say_nothing_count_from_the_first),
        cmocka_unit_test(test_what_a_suspend_hid_counts),
        cmocka_unit_test(test_what_was_doubted_counts_the_same_after_a_crash),
        cmocka_unit_test(test_a_ledger_that_begins_anew_counts_nothing_twice),
        cmocka_unit_test(test_what_did_nothing_holds_nothing_up_after_a_restart),
    };

    return cmocka_run_group_tests_name("engine/limits", tests, NULL, NULL);
}
