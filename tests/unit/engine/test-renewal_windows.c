// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rule 21: renewals inside the policy's renewal windows only, or by preference. Times are minutes after the
 * start of the world.
 */
#include "engine/engine.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "world.h"

#define MINUTES(n) ((double)(n)*60)

/* Renewal windows of so many minutes at each of the given minutes. */
static void set_windows(struct world *world, enum policy_renewal_mode mode, const int *minutes, size_t n,
                        int length)
{
    struct interval *windows = calloc(n, sizeof(*windows));

    assert_non_null(windows);
    for (size_t i = 0; i < n; i++)
        windows[i] = (struct interval){
            .kind = INTERVAL_RENEWAL_WINDOW,
            .zone = world->site.zone,
            .absolute = true,
            .from_wall = WORLD_START_UTC + minutes[i] * USEC_PER_MINUTE,
            .until_wall = WORLD_START_UTC + (minutes[i] + length) * USEC_PER_MINUTE,
        };
    world->site.renewal_mode = mode;
    world->site.renewal_spread = 0;
    assert_int_equal(calendar_new(windows, n, &world->site.renewal_windows), 0);
}

/* The POSTs so far went out at these minutes and no others. */
static void assert_posts(const struct world *world, const double *minutes, size_t n)
{
    size_t seen = 0;

    for (size_t i = 0; i < world->n_calls; i++) {
        double at = world_seconds(world, world->calls[i].sent_boot) / 60;

        if (world->calls[i].call != CONFLUENCE_POST)
            continue;
        if (seen == n || fabs(at - minutes[seen]) > 0.02)
            fail_msg("POST %zu went out at minute %.3f, not %.3f", seen, at, seen < n ? minutes[seen] : -1);
        seen++;
    }
    assert_int_equal(seen, n);
}

static void test_only_keeps_a_key_alive_from_window_to_window(void **state)
{
    static const int windows[] = {30, 75, 130, 190};
    static const double posts[] = {1, 34, 75, 79, 130, 134};
    struct world *world = world_new(60, 241 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 4, 5);
    world_start(world);
    world_run_to(world, MINUTES(180));
    /* 60-minute keys: due 20 minutes before the end. Each goes a minute before the window closes that is the
     * last one before it is due. At 74 and at 119 it is due and the next window comes later: its first
     * instant.
     */
    assert_posts(world, posts, 6);
    assert_true(world->site_gap <= 3 * world->latency);
    world_free(world);
}

static void test_only_lets_a_key_lapse_as_wished(void **state)
{
    static const int windows[] = {100};
    static const double posts[] = {1, 100, 104};
    struct world *world = world_new(60, 200 * 60);
    struct site_status status;

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(30));
    assert_true(world_status(world).renews_utc == WORLD_START_UTC + 100 * USEC_PER_MINUTE ||
                world_status(world).renews_utc == STATUS_NEVER);
    assert_true(world_status(world).outage_tolerated_until_utc <= world_status(world).expires_utc);
    world_run_to(world, MINUTES(70));
    status = world_status(world);
    assert_true(status.goal_on);
    assert_true(status.agrees);
    assert_int_equal(status.state, SITE_OFF);
    assert_true(status.proved_off_utc != STATUS_NEVER);
    world_run_to(world, MINUTES(110));
    assert_posts(world, posts, 3);
    assert_int_equal(world_status(world).state, SITE_ON);
    world_free(world);
}

static void test_a_lapse_outlives_a_restart(void **state)
{
    static const int windows[] = {100};
    static const double posts[] = {1};
    struct world *world = world_new(60, 200 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(70));
    world_start(world);
    world_run_to(world, MINUTES(80));
    assert_posts(world, posts, 1);
    assert_true(world_status(world).agrees);
    world_free(world);
}

static void test_the_next_stretch_needs_no_window(void **state)
{
    static const int windows[] = {500};
    static const double posts[] = {1};
    struct world *world = world_new(60, 90 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    /* Granted in a stretch of yesterday: says nothing about this one. */
    world->records[world->n_records++] = (struct record){
        .kind = RECORD_OUTCOME,
        .site = "acme",
        .at_utc = WORLD_START_UTC - USEC_PER_DAY,
        .id = UINT64_C(1) << 40,
        .verdict = VERDICT_DONE,
        .has_expiry = true,
        .expires_site = WORLD_START_UTC - USEC_PER_DAY + USEC_PER_HOUR,
    };
    world_start(world);
    world_run_to(world, MINUTES(50));
    assert_posts(world, posts, 1);
    world_free(world);
}

static struct world_fault fail_the_second_post(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth == 1)
        return (struct world_fault){.status = 500, .body = ""};
    return (struct world_fault){0};
}

/* Room is left for a second try inside the window. */
static void test_only_repeats_a_lost_renewal_inside_its_window(void **state)
{
    static const int windows[] = {30};
    struct world *world = world_new(60, 241 * 60);
    double last = 0;
    unsigned n = 0;

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world->script = fail_the_second_post;
    world_start(world);
    world_run_to(world, MINUTES(60));
    for (size_t i = 0; i < world->n_calls; i++)
        if (world->calls[i].call == CONFLUENCE_POST) {
            n++;
            last = world_seconds(world, world->calls[i].sent_boot) / 60;
        }
    assert_int_equal(n, 3);
    assert_true(last > 34 && last < 35);
    world_free(world);
}

static struct world_fault fail_every_post_but_the_first(struct world *world, enum confluence_call call,
                                                        unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth > 0)
        return (struct world_fault){.status = 500, .body = ""};
    return (struct world_fault){0};
}

static void test_only_never_posts_outside_whatever_fails(void **state)
{
    static const int windows[] = {30, 50, 80};
    struct world *world = world_new(60, 241 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 3, 5);
    world->script = fail_every_post_but_the_first;
    world_start(world);
    world_run_to(world, MINUTES(240));
    for (size_t i = 0; i < world->n_calls; i++) {
        double at = world_seconds(world, world->calls[i].sent_boot) / 60;

        if (world->calls[i].call == CONFLUENCE_POST && at > 2)
            assert_true((at >= 30 && at < 35) || (at >= 50 && at < 55) || (at >= 80 && at < 85));
    }
    world_free(world);
}

static void test_prefer_goes_to_the_last_instant_inside(void **state)
{
    static const int windows[] = {30};
    /* Granted at 1: due at 41. The window's last second instead; then when due, for there is none: 35 + 40.
     * From 115 on the end at 160 can be reached by an aligned renewal. */
    static const double posts[] = {1, 34.98, 74.98, 114};
    struct world *world = world_new(60, 160 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_PREFER, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(165));
    assert_posts(world, posts, 4);
    assert_true(world->site_gap <= 3 * world->latency);
    assert_true(world->site_exposure <= USEC_PER_SEC + 3 * world->latency);
    world_free(world);
}

static void test_prefer_without_a_window_in_reach_goes_when_due(void **state)
{
    static const int windows[] = {45};
    static const double posts[] = {1, 41};
    struct world *world = world_new(60, 241 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_PREFER, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(44));
    assert_posts(world, posts, 2);
    world_free(world);
}

static void ask_hold(struct world *world, int minutes)
{
    struct ask ask = {.what = ASK_HOLD, .kind = CAUSE_HOLD, .length = minutes * USEC_PER_MINUTE, .by = "ann"};

    assert_int_equal(world_ask(world, &ask).outcome, ASK_TAKEN);
}

static struct world_fault fail_the_second_key(struct world *world, enum confluence_call call, unsigned nth)
{
    double minutes = world_seconds(world, world->boot) / 60;

    (void)nth;
    if (call == CONFLUENCE_POST && minutes > 20 && minutes < 32)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    return (struct world_fault){0};
}

/* Two holds between the hours: the second one's first key has not come when the daemon starts again. */
static void test_the_first_key_of_a_hold_waits_for_no_window_after_a_restart(void **state)
{
    static const int windows[] = {500};
    struct world *world = world_new(300 * 60, 400 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    world->script = fail_the_second_key;
    world_start(world);
    world_run_to(world, MINUTES(1));
    ask_hold(world, 10);
    world_run_to(world, MINUTES(30));
    assert_int_equal(world_status(world).state, SITE_OFF);
    ask_hold(world, 30);
    world_run_to(world, MINUTES(31));
    assert_int_equal(world_status(world).failures > 0, 1);
    world_start(world);
    world_run_to(world, MINUTES(34));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_free(world);
}

/* Whoever stops the daemon switches the key off; whoever starts it again wants one. */
static void test_a_start_after_a_stop_waits_for_no_window(void **state)
{
    static const int windows[] = {100};
    static const double posts[] = {1, 20};
    struct world *world = world_new(60, 200 * 60);

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(10));
    world_stop(world, false);
    world_run_to(world, MINUTES(20));
    assert_false(world->key_live);
    world_start(world);
    world_run_to(world, MINUTES(30));
    assert_posts(world, posts, 2);
    world_free(world);
}

/* Stopped in one night's hours, and started in the next: nobody saw the end of the first. */
static void test_a_stretch_that_began_unseen_waits_for_no_window(void **state)
{
    static const struct interval intervals[] = {
        {.kind = INTERVAL_ACTIVE_HOURS, .from_wall = USEC_PER_MINUTE, .until_wall = 30 * USEC_PER_MINUTE},
        {.kind = INTERVAL_ACTIVE_HOURS,
         .from_wall = 40 * USEC_PER_MINUTE,
         .until_wall = 99 * USEC_PER_MINUTE},
    };
    static const int windows[] = {500};
    static const double posts[] = {1, 50};
    struct world *world = world_new(60, 30 * 60);

    (void)state;
    world_set_intervals(world, intervals, 2);
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world_start(world);
    world_run_to(world, MINUTES(20));
    world->boot += 30 * USEC_PER_MINUTE; /* nobody told it of the suspend */
    world->utc += 30 * USEC_PER_MINUTE;
    world_wake(world);
    world_run_to(world, MINUTES(60));
    assert_posts(world, posts, 2);
    world_free(world);
}

static struct world_fault lose_the_network(struct world *world, enum confluence_call call, unsigned nth)
{
    double minutes = world_seconds(world, world->boot) / 60;

    (void)call, (void)nth;
    return (struct world_fault){.transport = minutes > 4 && minutes < 70 ? TRANSPORT_NOT_CONNECTED
                                                                         : TRANSPORT_REPLIED};
}

/* A job's hold, for which nobody came back after a restart, ended then, and not when its record says: the
 * hours that begin in between are a stretch of their own, for a daemon that starts in them, too. */
static void test_a_hold_that_a_restart_ended_bridges_nothing(void **state)
{
    static const int windows[] = {500};
    struct world *world = world_new(60 * 60, 200 * 60);
    struct ask run = {.what = ASK_HOLD, .kind = CAUSE_RUN, .length = 2 * USEC_PER_HOUR, .by = "ann"};

    (void)state;
    set_windows(world, POLICY_RENEWAL_ONLY, windows, 1, 5);
    world->site.on_demand_limit = 2 * USEC_PER_HOUR;
    world->site.on_demand_outside_hours = true;
    world_start(world);
    world_run_to(world, MINUTES(1));
    assert_int_equal(world_ask(world, &run).outcome, ASK_TAKEN);
    world_run_to(world, MINUTES(5));
    assert_true(world->key_live);
    world->script = lose_the_network;
    world_start(world);
    world_run_to(world, MINUTES(10));
    assert_false(world_status(world).goal_on);
    world->engine = engine_free(world->engine); /* nobody is there when the hours begin */
    world->boot += 60 * USEC_PER_MINUTE;
    world->utc += 60 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, MINUTES(71));
    assert_int_equal(world_status(world).state, SITE_ON);
    world_free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_keeps_a_key_alive_from_window_to_window),
        cmocka_unit_test(test_only_lets_a_key_lapse_as_wished),
        cmocka_unit_test(test_a_lapse_outlives_a_restart),
        cmocka_unit_test(test_the_next_stretch_needs_no_window),
        cmocka_unit_test(test_only_repeats_a_lost_renewal_inside_its_window),
        cmocka_unit_test(test_only_never_posts_outside_whatever_fails),
        cmocka_unit_test(test_the_first_key_of_a_hold_waits_for_no_window_after_a_restart),
        cmocka_unit_test(test_a_start_after_a_stop_waits_for_no_window),
        cmocka_unit_test(test_a_stretch_that_began_unseen_waits_for_no_window),
        cmocka_unit_test(test_prefer_goes_to_the_last_instant_inside),
        cmocka_unit_test(test_prefer_without_a_window_in_reach_goes_when_due),
        cmocka_unit_test(test_a_hold_that_a_restart_ended_bridges_nothing),
    };

    return cmocka_run_group_tests_name("engine/renewal_windows", tests, NULL, NULL);
}
