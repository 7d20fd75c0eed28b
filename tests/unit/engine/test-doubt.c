// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the engine does about what it cannot know: POSTs that act after they were given up, replies that say
 * nothing, keys that somebody else put in the place of ours, clocks that were set. Times are seconds after
 * the world's start (world.h).
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

/* Rule 15: what yesterday's replies said of the clock is asked for anew before it costs a short window. */
static void test_an_old_offset_is_read_anew(void **state)
{
    struct interval windows[2] = {0};
    struct world *world = world_new(10, 130);
    unsigned posts;

    (void)state;
    for (int i = 0; i < 2; i++) {
        windows[i] = world->interval;
        windows[i].from_wall = 10 * USEC_PER_SEC + i * 20 * USEC_PER_HOUR;
        windows[i].until_wall = windows[i].from_wall + 2 * USEC_PER_MINUTE;
    }
    world_set_intervals(world, windows, 2);
    world_start(world);
    world_run_to(world, 100);
    world->site_offset = 45 * USEC_PER_SEC;
    world_run_to(world, 600);
    assert_int_equal(world_count_reports(world, REPORT_CLOCK_OFF), 1);
    world->site_offset = 0;
    posts = world_count_calls(world, CONFLUENCE_POST);
    world_run_to(world, 20 * 3600 + 20);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), posts + 1);
    assert_near(world_call_at(world, CONFLUENCE_POST, posts), 20 * 3600 + 10, 0.2);
    assert_int_equal(world_call_of(world, CONFLUENCE_POST, posts)->minutes, 2);
    world_free(world);
}

/* Nor does it hold back a window until the next read that `verify` asks for. */
static void test_an_old_distrust_is_read_anew(void **state)
{
    (void)state;
    for (int foreign = 0; foreign < 2; foreign++) {
        struct world *world = world_new(3000, 7200);

        world->site.verify = 3 * USEC_PER_HOUR;
        world->site_offset = -3600 * USEC_PER_SEC;
        if (foreign)
            world_other_actor(world, 55);
        world_start(world);
        world_run_to(world, 120);
        assert_int_equal(world_count_reports(world, REPORT_CLOCK_OFF), 1);
        world->site_offset = 0;
        if (foreign)
            world->key_expires_site += 3600 * USEC_PER_SEC; /* it lives on as it would have */
        world_run_to(world, 3005);
        assert_true(world_status(world).goal_on);
        assert_int_equal(world_status(world).state, SITE_ON);
        assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1 - foreign);
        world_free(world);
    }
}

/* Where they still disagree, the next one is due by `verify`. */
static void test_a_distrust_that_stays_costs_one_read(void **state)
{
    struct world *world = world_new(3000, 7200);
    unsigned reads;

    (void)state;
    world->site.verify = 30 * USEC_PER_MINUTE;
    world->site_offset = -3600 * USEC_PER_SEC;
    world_start(world);
    world_run_to(world, 2999);
    reads = world_count_calls(world, CONFLUENCE_GET);
    world_run_to(world, 4700);
    assert_int_equal(world_count_calls(world, CONFLUENCE_GET), reads + 1);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    world_run_to(world, 4900);
    assert_int_equal(world_count_calls(world, CONFLUENCE_GET), reads + 2);
    world_free(world);
}

/* Rule 15: whether the clocks agree again is asked for beside somebody else's key, too. */
static void test_clocks_are_read_beside_a_foreign_key(void **state)
{
    struct world *world = world_new(10, 4 * 3600);

    (void)state;
    world->site.verify = 10 * USEC_PER_MINUTE;
    world->site_offset = -3600 * USEC_PER_SEC;
    world_other_actor(world, 55);
    world_start(world);
    world_run_to(world, 60);
    assert_true(world_status(world).foreign_expires_utc != STATUS_NEVER);
    assert_false(world_status(world).goal_on);
    world->site_offset = 0;
    world->key_expires_site += 3600 * USEC_PER_SEC; /* it lives on as it would have */
    world_run_to(world, 11 * 60);
    assert_true(world_status(world).goal_on);
    world_free(world);
}

static struct world_fault lose_the_first_post(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    if (call == CONFLUENCE_GET && nth >= 1 && world_seconds(world, world->boot) < 90)
        return (struct world_fault){.status = 503};
    return (struct world_fault){0};
}

/* Rule 18: a POST may act until the last DELETE against it; what it makes then is ours. */
static void test_what_a_given_up_post_makes_late_is_ours(void **state)
{
    struct world *world = world_new(10, 3610);

    (void)state;
    world->script = lose_the_first_post;
    world_start(world);
    world_run_to(world, 75);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1);
    world_other_actor(world, world_call_of(world, CONFLUENCE_POST, 0)->minutes);
    world_run_to(world, 160);
    assert_true(world_status(world).state == SITE_ON);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 0);
    world_free(world);
}

static struct world_fault time_out_the_first_post(struct world *world, enum confluence_call call,
                                                  unsigned nth)
{
    (void)world;
    return (struct world_fault){.transport = call == CONFLUENCE_POST && nth == 0 ? TRANSPORT_TIMED_OUT : 0};
}

/* Rules 8 and 12: a foreign key is left alone, but a POST of ours may replace it as long as it may act. */
static void test_what_replaces_a_foreign_key_late_is_switched_off(void **state)
{
    struct world *world = world_new(10, 3610);
    unsigned deletes;

    (void)state;
    world->script = time_out_the_first_post;
    world_start(world);
    world_run_to(world, 35);
    deletes = world_count_calls(world, CONFLUENCE_DELETE);
    world_other_actor(world, 5);
    world_run_to(world, 45);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    world_other_actor(world,
                      world_call_of(world, CONFLUENCE_POST, 0)->minutes); /* this is what it comes to */
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 69);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), deletes);
    world_run_to(world, 72);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), deletes + 1);
    assert_false(world->key_live);
    world_free(world);
}

static struct world_fault hang_and_throttle_reads(struct world *world, enum confluence_call call,
                                                  unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > 10)
        return (struct world_fault){.status = 503, .headers = "Retry-After: 600\n"};
    return (struct world_fault){0};
}

/* Rules 7, 8 and 10: no read, and nothing that a read was answered, holds up a DELETE against a late POST. */
static void test_no_read_holds_up_a_delete(void **state)
{
    struct world *world = world_new(10, 3610);
    unsigned deletes;

    (void)state;
    world->script = hang_and_throttle_reads;
    world_start(world);
    world_run_to(world, 12);
    deletes = world_count_calls(world, CONFLUENCE_DELETE);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 150);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), deletes + 3);
    assert_near(world_call_at(world, CONFLUENCE_DELETE, deletes), 14, 0.2);
    assert_near(world_call_at(world, CONFLUENCE_DELETE, deletes + 1), 14 + 30, 0.2);
    assert_near(world_call_at(world, CONFLUENCE_DELETE, deletes + 2), 14 + 120, 0.2);
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_free(world);
}

static struct world_fault refuse_deletes_slowly(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_DELETE && world_seconds(world, world->boot) > 40)
        return (struct world_fault){.status = 400, .hang = 20 * USEC_PER_SEC};
    return (struct world_fault){0};
}

/* A DELETE that is not wanted any more, once its reply comes, blocks nothing: here one of before a sleep. */
static void test_a_refusal_that_comes_too_late_blocks_nothing(void **state)
{
    struct world *world = world_new(60, 3600);
    unsigned deletes;

    (void)state;
    world->site.on_sleep = POLICY_KEEP;
    world->script = refuse_deletes_slowly;
    world_start(world);
    world_run_to(world, 45);
    deletes = world_count_calls(world, CONFLUENCE_DELETE);
    world_step(world, &(struct engine_event){.kind = ENGINE_SLEEP});
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), deletes + 1);
    world_other_actor(world, 60); /* so that no POST is needed that would show that the site lets it in */
    world_run_to(world, 62);
    world_step(world, &(struct engine_event){.kind = ENGINE_AWAKE});
    world_run_to(world, 100);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_status(world).failures, 0);
    world_free(world);
}

static struct world_fault garble_all(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.body = "{", .minutes = 30};
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > 14)
        return (struct world_fault){.status = 429, .headers = "Retry-After: 600\n"};
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > 10)
        return (struct world_fault){.status = 200, .body = "{"};
    return (struct world_fault){0};
}

/* Rules 7 and 8: where nothing could be read of what a POST has made, the end of the goal means DELETE. */
static void test_what_may_be_on_is_deleted_at_once(void **state)
{
    struct world *world = world_new(10, 3610);
    unsigned deletes;
    double now;

    (void)state;
    world->script = garble_all;
    world_start(world);
    world_run_to(world, 20);
    assert_true(world->key_live);
    deletes = world_count_calls(world, CONFLUENCE_DELETE);
    now = world_seconds(world, world->boot);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, now + 2);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), deletes + 1);
    assert_false(world->key_live);
    world_free(world);
}

/* Rule 8: it may act, and end the key sooner than was read; so the key is read until it no longer may. */
static void test_a_given_up_post_is_watched_while_the_goal_is_on(void **state)
{
    struct world *world = world_new(10, 490);
    usec gap;

    (void)state;
    world->script = lose_the_first_post;
    world_start(world);
    world_run_to(world, 150);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 2);
    gap = world->site_gap;
    world_other_actor(world, 3); /* at the site, the first of the two acts only now */
    world_run_to(world, 495);
    assert_true(world->site_gap == gap);
    world_free(world);
}

/* Rule 12: our own key ended when somebody else's took its place, whatever it was granted until. */
static void test_a_shorter_foreign_key_is_renewed_to_where_ours_reached(void **state)
{
    struct world *world = world_new(10, 2410);

    (void)state;
    world->site.verify = 2 * USEC_PER_MINUTE;
    world_start(world);
    world_run_to(world, 100);
    assert_int_equal(world_call_of(world, CONFLUENCE_POST, 0)->minutes, 40);
    world_other_actor(world, 39);
    world_run_to(world, 2420);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    assert_near((double)world->site_gap / USEC_PER_SEC, 0, 0.2);
    world_free(world);
}

static struct world_fault time_out_posts(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return call == CONFLUENCE_POST ? (struct world_fault){.transport = TRANSPORT_TIMED_OUT}
                                   : (struct world_fault){0};
}

/* Rules 15 and 18: an intent is dated by a clock that nobody can set. */
static void test_a_clock_that_is_set_changes_no_owner(void **state)
{
    struct world *world = world_new(10, 3610);

    (void)state;
    world->script = time_out_posts;
    world_start(world);
    world_run_to(world, 41);
    world_set_clock(world, -3600 * USEC_PER_SEC);
    world_run_to(world, 45);
    world_other_actor(world, world_call_of(world, CONFLUENCE_POST, 0)->minutes);
    world_run_to(world, 200);
    assert_false(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 0);
    world_free(world);
}

static struct world_fault grant_without_expiry(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.no_expiry = true};
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) > 10)
        return (struct world_fault){.status = 200, .body = "{"};
    return (struct world_fault){0};
}

/* Rules 3 and 9: it is taken to live until the reply and its minutes, and nothing moves that earlier. */
static void test_a_grant_of_which_nothing_can_be_read_is_not_cut_short(void **state)
{
    struct world *world = world_new(10, 1030);

    (void)state;
    world->script = grant_without_expiry;
    world_start(world);
    world_run_to(world, 60);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1);
    assert_true(world_status(world).state == SITE_ON);
    world_free(world);
}

static struct world_fault garble_and_say_no_expiry(struct world *world, enum confluence_call call,
                                                   unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST || (call == CONFLUENCE_GET && world_seconds(world, world->boot) < 900))
        return (struct world_fault){.status = 200, .body = "{", .acts = true};
    return (struct world_fault){.no_expiry = true};
}

/* Rules 9 and 12: what a POST without a reply to read may have made is ours, also where a read that could
 * not be read led on to the next POST, and the first one that can be read does not say until when it lives.
 */
static void test_what_unread_posts_made_is_ours(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->script = garble_and_say_no_expiry;
    world_start(world);
    world_run_to(world, 1000);
    assert_true(world->key_live);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 0);
    assert_true(world_status(world).foreign_expires_utc == STATUS_NEVER);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 1002);
    assert_false(world->key_live);
    world_free(world);
}

static struct world_fault refuse_for_a_while(struct world *world, enum confluence_call call, unsigned nth)
{
    double now = world_seconds(world, world->boot);

    (void)nth;
    return call != CONFLUENCE_DELETE && now > 9 && now < 1300 ? (struct world_fault){.status = 400}
                                                              : (struct world_fault){0};
}

/* Rule 10: blocked is tried again every 5 to 15 minutes, with the goal off ... */
static void test_blocked_outside_the_hours_is_not_for_good(void **state)
{
    struct world *world = world_new(36000, 46800);

    (void)state;
    world->script = refuse_for_a_while;
    world_start(world);
    world_run_to(world, 20);
    world_set_clock(world, 36100 * USEC_PER_SEC); /* the hours, but not by the site's clock: it is read */
    world_run_to(world, 1200);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_set_clock(world, -36100 * USEC_PER_SEC);
    world_run_to(world, 1300 + 15 * 60 + 1);
    assert_true(world_status(world).state == SITE_OFF);
    world_free(world);
}

/* ... and where somebody else's key is live. */
static void test_blocked_beside_a_foreign_key_is_not_for_good(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = refuse_for_a_while;
    world_start(world);
    world_run_to(world, 1290);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_other_actor(world, 55);
    world_run_to(world, 1300 + 15 * 60 + 1);
    assert_true(world_status(world).state == SITE_ON);
    world_free(world);
}

/* ... and where it outlives the hours, and is left alone. */
static struct world_fault refuse_reads_for_a_while(struct world *world, enum confluence_call call,
                                                   unsigned nth)
{
    double at = world_seconds(world, world->boot);

    (void)nth;
    return call == CONFLUENCE_GET && at > 60 && at < 1300 ? (struct world_fault){.status = 401}
                                                          : (struct world_fault){0};
}

static void test_blocked_after_the_hours_is_not_for_good(void **state)
{
    struct world *world = world_new(10, 1200);

    (void)state;
    world->site.verify = 5 * USEC_PER_MINUTE;
    world->script = refuse_reads_for_a_while;
    world_other_actor(world, 60);
    world_start(world);
    world_run_to(world, 1250);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_run_to(world, 1300 + 15 * 60 + 1);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), 0);
    world_free(world);
}

static struct world_fault refuse_deletes(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world, (void)nth;
    return call == CONFLUENCE_DELETE ? (struct world_fault){.status = 400} : (struct world_fault){0};
}

/* Nor is a DELETE that was refused, once the key is somebody else's. */
static void test_a_refused_delete_is_forgotten_beside_a_foreign_key(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->site.duration_minutes = 10;
    world->script = refuse_deletes;
    world_start(world);
    world_run_to(world, 100);
    world_other_actor(world, 59);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 600);
    assert_int_equal(world_status(world).state, SITE_BLOCKED);
    world_run_to(world, 700);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_true(world_count_calls(world, CONFLUENCE_GET) < 5);
    world_free(world);
}

/* A POST acts unheard, a read lies, and then reads are told to wait. */
static struct world_fault deny_and_throttle(struct world *world, enum confluence_call call, unsigned nth)
{
    if (call == CONFLUENCE_POST)
        return nth == 0 ? (struct world_fault){.transport = TRANSPORT_CUT, .acts = true}
                        : (struct world_fault){.transport = TRANSPORT_NOT_CONNECTED};
    if (call == CONFLUENCE_DELETE)
        return (struct world_fault){0};
    return world_seconds(world, world->boot) < 20
               ? (struct world_fault){.status = 404, .body = ""}
               : (struct world_fault){.status = 429, .body = "", .headers = "Retry-After: 1200\n"};
}

/* Rules 8 and 10: no read that has to wait holds up a DELETE against a POST that may have acted. */
static void test_no_throttled_read_holds_up_a_delete(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = deny_and_throttle;
    world_start(world);
    world_run_to(world, 20);
    assert_true(world->key_live);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 60);
    assert_false(world->key_live);
    world_free(world);
}

/* A POST and a DELETE act unheard; then keys are short. */
static struct world_fault act_unheard(struct world *world, enum confluence_call call, unsigned nth)
{
    double at = world_seconds(world, world->boot);

    if ((call == CONFLUENCE_DELETE && at > 40) || (call == CONFLUENCE_POST && nth == 0))
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .acts = true};
    return call == CONFLUENCE_POST ? (struct world_fault){.minutes = 1} : (struct world_fault){0};
}

/* Rule 11: what a DELETE may have switched off was a grant all the same. */
static void test_a_grant_that_was_switched_off_unheard_counts(void **state)
{
    struct world *world = world_new(10, 36000);
    unsigned posts = 0;

    (void)state;
    world->script = act_unheard;
    world_start(world);
    world_run_to(world, 40.3);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = world->utc + 29 * USEC_PER_SEC});
    world_run_to(world, 3600);
    for (unsigned i = 0; i < world_count_calls(world, CONFLUENCE_POST); i++)
        posts += world_call_at(world, CONFLUENCE_POST, i) < 3600;
    assert_int_equal(posts, 12);
    world_free(world);
}

static struct world_fault refuse_the_last_proof(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    return call == CONFLUENCE_DELETE && world_seconds(world, world->boot) > 150
               ? (struct world_fault){.status = 400}
               : (struct world_fault){0};
}

/* ... nor once nothing is left that it could switch off. */
static void test_a_refused_delete_is_forgotten_when_it_is_of_no_use(void **state)
{
    struct world *world = world_new(10, 100);

    (void)state;
    world->script = refuse_the_last_proof;
    world_start(world);
    world_run_to(world, 1000);
    assert_int_equal(world_status(world).state, SITE_BLOCKED);
    world_run_to(world, 7200);
    assert_int_equal(world_status(world).state, SITE_OFF);
    assert_true(world_count_calls(world, CONFLUENCE_GET) < 20);
    world_free(world);
}

/* A POST acts when its reply is hardly waited for any more, and nothing can be read. */
static struct world_fault act_late_unread(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){
            .transport = TRANSPORT_TIMED_OUT, .acts = true, .delay = 29 * USEC_PER_SEC};
    return call == CONFLUENCE_GET && nth > 0 ? (struct world_fault){.status = 200, .body = "{"}
                                             : (struct world_fault){0};
}

/* Rule 3: its key ends so much later, and no POST in its place may end before it. */
static void test_no_post_cuts_short_what_was_made_late(void **state)
{
    struct world *world = world_new(10, 10 + 11 * 60 + 20);

    (void)state;
    world->script = act_late_unread;
    world_start(world);
    world_run_to(world, 700);
    for (unsigned i = 0; i < world_count_calls(world, CONFLUENCE_POST); i++) {
        const struct world_call *call = world_call_of(world, CONFLUENCE_POST, i);
        usec expires_site = call->sent_boot + world->true_minus_boot + call->minutes * USEC_PER_MINUTE;

        if (expires_site + USEC_PER_SEC < call->site_expires_before)
            fail_msg("POST %u cuts the key short", i);
    }
    world_free(world);
}

static struct world_fault garble_reads(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    return call == CONFLUENCE_GET && world_seconds(world, world->boot) > 600
               ? (struct world_fault){.status = 200, .body = "{"}
               : (struct world_fault){0};
}

/* Reads that keep failing hold up no renewal, however late the timers are. */
static void test_garbled_reads_hold_up_no_renewal(void **state)
{
    struct world *world = world_new(10, 4 * 3600);

    (void)state;
    world->script = garble_reads;
    world->late = USEC_PER_MSEC;
    world_start(world);
    world_run_to(world, 4 * 3600);
    assert_true(world->site_gap < USEC_PER_SEC);
    world_free(world);
}

static bool delete_acts;

static struct world_fault lose_delete_and_garble(struct world *world, enum confluence_call call, unsigned nth)
{
    double now = world_seconds(world, world->boot);

    (void)nth;
    if (call == CONFLUENCE_DELETE && now > 100 && now < 110)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .acts = delete_acts};
    if (call == CONFLUENCE_GET && now > 100)
        return (struct world_fault){.status = 200, .body = "{"};
    return (struct world_fault){0};
}

/* A DELETE of which no reply came may have acted: what the ledger says was granted may be gone. */
static void test_what_a_lost_delete_may_have_switched_off_is_asked_for_anew(void **state)
{
    (void)state;
    for (int acts = 0; acts < 2; acts++) {
        struct world *world = world_new(10, 1810);

        delete_acts = acts;
        world->site.on_sleep = POLICY_DISABLE;
        world->script = lose_delete_and_garble;
        world_start(world);
        world_run_to(world, 105);
        world_step(world, &(struct engine_event){.kind = ENGINE_SLEEP});
        world_run_to(world, 112);
        assert_true(world->sleep_ready);
        assert_int_equal(world->key_live, !acts);
        world_step(world, &(struct engine_event){.kind = ENGINE_AWAKE});
        world_run_to(world, 112 + 62);
        assert_true(world->key_live);
        assert_near((double)world->key_expires_site, (double)world->utc + (1810 - 174) * (double)USEC_PER_SEC,
                    (double)USEC_PER_SEC);
        assert_true(world_status(world).state == SITE_ON);
        world_stop(world, false);
        world_run_to(world, 200);
        assert_false(world->key_live);
        world_free(world);
    }
}

static struct world_fault refuse_posts(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return call == CONFLUENCE_POST ? (struct world_fault){.status = 400} : (struct world_fault){0};
}

/* What is asked for no more is refused no more: off is wanted, and another's key is not ours to switch. */
static void test_a_refused_post_blocks_nothing_once_none_is_wanted(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = refuse_posts;
    world_start(world);
    world_run_to(world, 20);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_other_actor(world, 10);
    world_ask(world,
              &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY, .by = "bob", .reason = ""});
    world_run_to(world, 40);
    assert_true(world_status(world).state == SITE_ON && world_status(world).failures == 0);
    assert_true(world_status(world).foreign_expires_utc != STATUS_NEVER);
    world_run_to(world, 20 + 10 * 60 + 60);
    assert_true(world_status(world).state == SITE_OFF);
    world_free(world);
}

/* Nor where somebody else's key does what one of ours would: a POST now could gain nothing. */
static void test_a_refused_post_blocks_nothing_beside_a_key_that_reaches_the_end(void **state)
{
    struct world *world = world_new(10, 2400);
    size_t posts;

    (void)state;
    world->site.foreign_keys = POLICY_FOREIGN_ADOPT;
    world->script = refuse_posts;
    world_start(world);
    world_run_to(world, 20);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_other_actor(world, 60);
    world_run_to(world, 1800);
    assert_true(world_status(world).state == SITE_ON && world_status(world).failures == 0);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    posts = world_count_calls(world, CONFLUENCE_POST);
    world_run_to(world, 2300);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), posts);
    assert_true(world_status(world).state == SITE_ON);
    world_free(world);
}

static struct world_fault refuse_renewals(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    return call == CONFLUENCE_POST && nth > 0 ? (struct world_fault){.status = 400} : (struct world_fault){0};
}

/* Rule 12: what others do is looked for at each `verify`, also while renewals fail. */
static void test_refused_renewals_hold_up_no_read(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->site.verify = 5 * USEC_PER_MINUTE;
    world->script = refuse_renewals;
    world_start(world);
    world_run_to(world, 51 * 60);
    assert_int_equal(world_status(world).state, SITE_BLOCKED);
    world_other_actor(world, 0);
    world_run_to(world, 58 * 60);
    assert_int_equal(world_count_reports(world, REPORT_KEY_LOST), 1);
    world_free(world);
}

/* But where the key ends before, blocked is what the site is: a renewal is refused, and a gap will come. */
static void test_a_refused_post_blocks_beside_a_key_that_ends_before(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = refuse_posts;
    world_start(world);
    world_run_to(world, 20);
    world_other_actor(world, 35);
    world_run_to(world, 2000);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    assert_true(world_status(world).state == SITE_BLOCKED);
    world_free(world);
}

/* Rule 18: a ledger that begins anew has the intent whose POST is about to be sent. */
static void test_an_intent_that_is_written_is_open(void **state)
{
    struct world *world = world_new(10, 3610);
    struct record open[ENGINE_OPEN_RECORDS_MAX];
    struct engine_effects effects;
    struct instant now;
    size_t n, intents = 0;

    (void)state;
    world_start(world);
    world_run_to(world, 9);
    now = (struct instant){.utc = world->utc + USEC_PER_SEC, .boot = world->boot + USEC_PER_SEC};
    engine_step(world->engine, &now, &(struct engine_event){.kind = ENGINE_WAKE}, &effects);
    n = engine_open_records(world->engine, open);
    for (size_t i = 0; i < n; i++)
        intents += open[i].kind == RECORD_INTENT && open[i].minutes == 60;
    assert_int_equal(intents, 1);
    world_free(world);
}

/* Rule 18: what was written before a suspend dates no POST that would go out after it. */
static void test_an_intent_that_is_old_is_written_anew(void **state)
{
    static const struct {
        usec later;
        bool sent;
    } rows[] = {{USEC_PER_SEC, true}, {30 * USEC_PER_SEC, true}, {USEC_PER_HOUR, false}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct world *world = world_new(10, 7210);
        struct engine_event recorded = {.kind = ENGINE_RECORDED, .ok = true};
        struct engine_effects effects;
        struct instant now;
        bool sent = false, anew = false;

        world_start(world);
        world_run_to(world, 9);
        now = (struct instant){.utc = world->utc + USEC_PER_SEC, .boot = world->boot + USEC_PER_SEC};
        engine_step(world->engine, &now, &(struct engine_event){.kind = ENGINE_WAKE}, &effects);
        for (size_t k = 0; k < effects.n; k++)
            if (effects.list[k].kind == ENGINE_EFFECT_RECORD)
                recorded.id = effects.list[k].record.record.id;
        assert_true(recorded.id != 0);
        now.utc += rows[i].later;
        now.boot += rows[i].later;
        engine_step(world->engine, &now, &recorded, &effects);
        for (size_t k = 0; k < effects.n; k++) {
            sent |= effects.list[k].kind == ENGINE_EFFECT_REQUEST &&
                    effects.list[k].request.call == CONFLUENCE_POST;
            anew |= effects.list[k].kind == ENGINE_EFFECT_RECORD &&
                    effects.list[k].record.record.kind == RECORD_INTENT;
        }
        assert_int_equal(sent, rows[i].sent);
        assert_int_equal(anew, !rows[i].sent);
        world_free(world);
    }
}

/* Rule 11: what a clock dated that ran ahead, and was set back since, does not count as one crowd of now. */
static void test_a_clock_set_back_holds_up_no_key_after_a_restart(void **state)
{
    struct world *world = world_new(10, 12 * 3600);
    unsigned posts;

    (void)state;
    world->site.duration_minutes = 10;
    world_start(world);
    world_set_clock(world, 2 * USEC_PER_HOUR);
    world_run_to(world, 4 * 3600);
    world_set_clock(world, -2 * USEC_PER_HOUR);
    world_other_actor(world, 0);
    world_start(world);
    posts = world_count_calls(world, CONFLUENCE_POST);
    assert_true(posts > 18);
    world_run_to(world, 4 * 3600 + 5);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), posts + 1);
    assert_int_equal(world_count_reports(world, REPORT_RATE_LIMITED), 0);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_old_offset_is_read_anew),
        cmocka_unit_test(test_an_old_distrust_is_read_anew),
        cmocka_unit_test(test_a_distrust_that_stays_costs_one_read),
        cmocka_unit_test(test_clocks_are_read_beside_a_foreign_key),
        cmocka_unit_test(test_what_a_given_up_post_makes_late_is_ours),
        cmocka_unit_test(test_what_replaces_a_foreign_key_late_is_switched_off),
        cmocka_unit_test(test_no_read_holds_up_a_delete),
        cmocka_unit_test(test_a_refusal_that_comes_too_late_blocks_nothing),
        cmocka_unit_test(test_what_may_be_on_is_deleted_at_once),
        cmocka_unit_test(test_a_given_up_post_is_watched_while_the_goal_is_on),
        cmocka_unit_test(test_a_shorter_foreign_key_is_renewed_to_where_ours_reached),
        cmocka_unit_test(test_a_clock_that_is_set_changes_no_owner),
        cmocka_unit_test(test_a_grant_of_which_nothing_can_be_read_is_not_cut_short),
        cmocka_unit_test(test_what_unread_posts_made_is_ours),
        cmocka_unit_test(test_blocked_outside_the_hours_is_not_for_good),
        cmocka_unit_test(test_blocked_beside_a_foreign_key_is_not_for_good),
        cmocka_unit_test(test_blocked_after_the_hours_is_not_for_good),
        cmocka_unit_test(test_no_throttled_read_holds_up_a_delete),
        cmocka_unit_test(test_a_grant_that_was_switched_off_unheard_counts),
        cmocka_unit_test(test_a_refused_delete_is_forgotten_when_it_is_of_no_use),
        cmocka_unit_test(test_no_post_cuts_short_what_was_made_late),
        cmocka_unit_test(test_a_refused_delete_is_forgotten_beside_a_foreign_key),
        cmocka_unit_test(test_garbled_reads_hold_up_no_renewal),
        cmocka_unit_test(test_what_a_lost_delete_may_have_switched_off_is_asked_for_anew),
        cmocka_unit_test(test_a_refused_post_blocks_nothing_once_none_is_wanted),
        cmocka_unit_test(test_a_refused_post_blocks_nothing_beside_a_key_that_reaches_the_end),
        cmocka_unit_test(test_refused_renewals_hold_up_no_read),
        cmocka_unit_test(test_a_refused_post_blocks_beside_a_key_that_ends_before),
        cmocka_unit_test(test_an_intent_that_is_written_is_open),
        cmocka_unit_test(test_an_intent_that_is_old_is_written_anew),
        cmocka_unit_test(test_a_clock_set_back_holds_up_no_key_after_a_restart),
    };

    return cmocka_run_group_tests_name("engine/doubt", tests, NULL, NULL);
}
