// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The engine's rules, one after the other, in a small world (world.h). Times are seconds after its start.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/breaker.h"
#include "world.h"

static void assert_kept_the_rules(const struct world *world)
{
    for (size_t i = 0; i < world->n_calls; i++) {
        const struct world_call *call = &world->calls[i];

        if (call->call != CONFLUENCE_POST)
            continue;
        assert_in_range(call->minutes, 1, 60);
        /* No POST moves the expiry earlier. */
        assert_true(call->site_expires_before == 0 || call->sent_boot + world->true_minus_boot +
                                                              world->site_offset + world->latency +
                                                              (usec)call->minutes * USEC_PER_MINUTE >=
                                                          call->site_expires_before);
    }
}

/* Rules 3 to 7: two-minute keys in a three-minute stretch. */
static void test_before_its_first_step_nothing_is_known(void **state)
{
    struct world *world = world_new(0, 3600);
    _cleanup_(engine_freep) struct engine *engine = NULL;
    struct instant now = {.utc = world->utc, .boot = world->boot};
    struct site_status status;

    (void)state;
    assert_int_equal(engine_new(&world->site, &engine), 0);
    engine_status(engine, &now, &status);
    assert_int_equal(status.state, SITE_UNKNOWN);
    assert_true(status.next_change_utc == STATUS_NEVER);
    assert_true(status.expires_utc == STATUS_NEVER);
    assert_int_equal(status.cause.kind, CAUSE_NONE);
    assert_false(engine_is_settled(engine));
    world_free(world);
}

static void test_three_minutes_of_two_minute_keys(void **state)
{
    struct world *world = world_new(10, 190);

    (void)state;
    world->site.duration_minutes = 2;
    world_start(world);
    world_run_to(world, 400);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 2);
    assert_near(world_call_at(world, CONFLUENCE_POST, 0), 10, 0.001);
    assert_near(world_call_at(world, CONFLUENCE_POST, 1), 70, 0.001);
    assert_near(usec_seconds(world->site_gap), 0.050, 0.001); /* the first request's latency */
    assert_true(world->site_exposure <= 100 * USEC_PER_MSEC);
    assert_int_equal(world_status(world).state, SITE_OFF);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    assert_true(world_status(world).agrees);
    assert_kept_the_rules(world);
    world_free(world);
}

/* Rule 19: a healthy day's calls. */
static void test_nine_hours_of_sixty_minute_keys(void **state)
{
    struct world *world = world_new(60, 60 + 9 * 3600);
    unsigned posts, deletes_before, gets_before;

    (void)state;
    world_start(world);
    world_run_to(world, 59);
    deletes_before = world_count_calls(world, CONFLUENCE_DELETE);
    gets_before = world_count_calls(world, CONFLUENCE_GET);
    world_run_to(world, 60 + 9 * 3600 + 3600);
    posts = world_count_calls(world, CONFLUENCE_POST);
    assert_in_range(posts, 13, 14);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE) - deletes_before, 1);
    /* A read 15 minutes after each reply that told of the key, and one at the end. */
    assert_in_range(world_count_calls(world, CONFLUENCE_GET) - gets_before, 20, 37);
    assert_near(usec_seconds(world->site_gap), 0.050, 0.001);
    assert_true(world->site_exposure <= 100 * USEC_PER_MSEC);
    assert_kept_the_rules(world);
    world_free(world);
}

/* Rules 3 to 6 over all stretches from 65 s to 2 h and all durations: no gap, no shortening, no overrun
 * beyond the latency. */
static void test_every_stretch_and_duration(void **state)
{
    (void)state;
    for (unsigned duration = 1; duration <= 60; duration += duration < 10 ? 1 : 7) {
        for (int64_t length = 65; length <= 7200; length += length < 400 ? 1 : 37) {
            struct world *world = world_new(5, 5 + length);

            world->site.duration_minutes = duration;
            world->random.state = (uint64_t)length;
            world_start(world);
            world_run_to(world, 5 + (double)length + 120);
            if (world->site_gap > world->latency + 1000 ||
                world->site_exposure > 3 * world->latency) /* the GET, and the way of the DELETE */
                fail_msg("duration %u min, stretch %lld s: gap %.3f s, exposure %.3f s", duration,
                         (long long)length, usec_seconds(world->site_gap),
                         usec_seconds(world->site_exposure));
            assert_kept_the_rules(world);
            world_free(world);
        }
    }
}

/* Rule 3: below a minute nothing is sent. */
static void test_less_than_a_minute_left(void **state)
{
    struct world *world = world_new(10, 60);

    (void)state;
    world_start(world);
    world_run_to(world, 200);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_free(world);
}

/* Rule 4: the machine loses power, and the key ends with the stretch at the latest. */
static void test_power_loss_leaves_no_key_beyond_the_stretch(void **state)
{
    (void)state;
    for (int64_t off = 11; off < 3000; off += 61) {
        struct world *world = world_new(10, 3010);

        world_start(world);
        world_run_to(world, (double)off);
        assert_true(world->key_expires_site <=
                    world->until_boot + world->true_minus_boot + USEC_PER_SEC + world->latency);
        world_free(world);
    }
}

/* Rule 6: the due instant depends on the granted life, not on the one asked for; said once. */
static struct world_fault grants_ten_minutes(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return (struct world_fault){.minutes = call == CONFLUENCE_POST ? 10 : 0};
}

static void test_shorter_grant_is_renewed_earlier_and_told_once(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->script = grants_ten_minutes;
    world_start(world);
    world_run_to(world, 3600);
    assert_near(usec_seconds(world->site_gap), 0.050, 0.001);
    assert_int_equal(world_count_reports(world, REPORT_KEY_SHORTENED), 1);
    assert_near(world_call_at(world, CONFLUENCE_POST, 1), 10 + 400, 31); /* E - L/3 - U(0, L/20) */
    world_free(world);
}

/* Rule 7: stopped inside the window: DELETE at once, retried on its own clock until 204. */
static struct world_fault first_three_deletes_fail(struct world *world, enum confluence_call call,
                                                   unsigned nth)
{
    if (call == CONFLUENCE_DELETE && world->boot > WORLD_START_BOOT + 60 * USEC_PER_SEC && nth <= 3)
        return (struct world_fault){.status = 500};
    return (struct world_fault){0};
}

static void test_stop_switches_off_and_retries(void **state)
{
    struct world *world = world_new(10, 7200);
    unsigned before;

    (void)state;
    world->script = first_three_deletes_fail;
    world_start(world);
    world_run_to(world, 100);
    assert_true(world->key_live);
    before = world_count_calls(world, CONFLUENCE_DELETE);
    world_stop(world, false);
    world_run_to(world, 100.2);
    assert_near(world_call_at(world, CONFLUENCE_DELETE, before), 100, 0.001);
    world_run_to(world, 125);
    assert_true(world->stopped);
    assert_false(world->key_live);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    world_free(world);
}

static struct world_fault deletes_time_out(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_DELETE && world->boot > WORLD_START_BOOT + 60 * USEC_PER_SEC)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    return (struct world_fault){0};
}

static void test_stop_gives_up_after_20_s_and_says_when_the_key_ends(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->script = deletes_time_out;
    world_start(world);
    world_run_to(world, 100);
    world_stop(world, false);
    world_run_to(world, 119);
    assert_false(world->stopped);
    world_run_to(world, 121);
    assert_true(world->stopped);
    assert_int_equal(world_count_reports(world, REPORT_KEY_LEFT), 1);
    world_free(world);
}

/* Rule 13: a restart keeps the key, and the new process takes it up without a POST. */
static void test_restart_keeps_the_key(void **state)
{
    struct world *world = world_new(10, 7200);
    unsigned posts;

    (void)state;
    world_start(world);
    world_run_to(world, 100);
    world_stop(world, true);
    assert_true(world->stopped);
    assert_true(world->key_live);
    posts = world_count_calls(world, CONFLUENCE_POST);
    world_start(world);
    world_run_to(world, 200);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), posts);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_true(world_status(world).foreign_expires_utc == STATUS_NEVER);
    world_free(world);
}

/* Rule 13: on_stop: keep. */
static void test_on_stop_keep(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->site.on_stop = POLICY_KEEP;
    world_start(world);
    world_run_to(world, 100);
    world_stop(world, false);
    assert_true(world->stopped);
    assert_true(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_KEY_LEFT), 1);
    world_free(world);
}

/* Rule 8: the reply to the first POST is lost after the site acted. */
static struct world_fault first_post_loses_its_reply(struct world *world, enum confluence_call call,
                                                     unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .acts = true};
    return (struct world_fault){0};
}

static void test_lost_reply_is_settled_by_a_read_and_the_key_is_ours(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->script = first_post_loses_its_reply;
    world_start(world);
    world_run_to(world, 39);
    assert_int_equal(world_status(world).state, SITE_ENABLING);
    world_run_to(world, 40.2);
    assert_int_equal(world_status(world).state, SITE_UNKNOWN);
    world_run_to(world, 60);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 0);
    assert_true(world_status(world).foreign_expires_utc == STATUS_NEVER);
    world_free(world);
}

/* Rules 8, 18: the reply lost after the site acted, then a crash; the next process, in hours, knows it as
 * ours. */
static void test_crash_after_a_lost_reply(void **state)
{
    struct world *world = world_new(10, 1200);

    (void)state;
    world->site.duration_minutes = 10;
    world->script = first_post_loses_its_reply;
    world_start(world);
    world_run_to(world, 20);
    world_start(world);
    world_run_to(world, 30);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_true(world_status(world).foreign_expires_utc == STATUS_NEVER);
    world_run_to(world, 1400);
    assert_int_equal(world_status(world).state, SITE_OFF);
    assert_true(world->site_exposure <= 2 * world->latency);
    world_free(world);
}

/* Rule 8: a POST that was given up acts late, when the goal is off: the later DELETEs catch it. */
static struct world_fault post_acts_a_minute_late(struct world *world, enum confluence_call call,
                                                  unsigned nth)
{
    (void)world;
    if (call == CONFLUENCE_POST && nth == 0)
        return (struct world_fault){.delay = 20 * USEC_PER_SEC};
    return (struct world_fault){0};
}

static void test_no_proof_while_a_post_may_still_act(void **state)
{
    struct world *world = world_new(10, 7200);
    struct policy_site off;
    struct calendar *calendar;
    unsigned before;

    (void)state;
    world->script = post_acts_a_minute_late;
    world_start(world);
    world_run_to(world, 15);
    before = world_count_calls(world, CONFLUENCE_DELETE);
    assert_int_equal(calendar_new(NULL, 0, &calendar), 0);
    off = world->site;
    off.calendar = calendar;
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &off});
    world_run_to(world, 18); /* given up after two seconds, DELETE at once, 204: but it proves nothing */
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 1);
    assert_int_equal(world_status(world).state, SITE_UNKNOWN);
    assert_true(world_status(world).proved_off_utc == STATUS_NEVER);
    world_other_actor(world, 60); /* the late POST acts after all */
    world_run_to(world, 49);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 2);
    assert_false(world->key_live);
    assert_true(world_status(world).proved_off_utc == STATUS_NEVER);
    world_run_to(world, 140);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 3);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_run_to(world, 2000);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 3);
    engine_free(world->engine);
    world->engine = NULL;
    calendar_free(calendar);
    world_free(world);
}

/* Rule 9: doubtful statuses become verdicts only when seen three times over their time. */
static int always_status;
static const char *always_headers;

static struct world_fault always(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)call;
    (void)nth;
    return (struct world_fault){.status = always_status, .headers = always_headers, .body = ""};
}

static struct world_fault always_to_post(struct world *world, enum confluence_call call, unsigned nth)
{
    return call == CONFLUENCE_GET ? (struct world_fault){0} : always(world, call, nth);
}

static void test_verdicts_are_confirmed_over_time(void **state)
{
    static const struct {
        int status;
        const char *headers;
        bool to_get_too;
        double blocked_from, blocked_by; /* seconds after the window opened; blocked_by 0: never */
        enum verdict verdict;
    } rows[] = {
        {401, NULL, true, 60, 130, VERDICT_CREDENTIAL},
        {401, "X-Seraph-LoginReason: AUTHENTICATED_FAILED\n", true, 0, 1, VERDICT_CREDENTIAL},
        {404, "X-Seraph-LoginReason: AUTHENTICATED_FAILED\n", true, 0, 1, VERDICT_CREDENTIAL},
        {403, NULL, false, 120, 250, VERDICT_NOT_ELIGIBLE},
        {404, NULL, false, 120, 250, VERDICT_NOT_ELIGIBLE},
        {400, NULL, false, 0, 1, VERDICT_REFUSED},
        {500, NULL, false, 0, 0, VERDICT_TRANSIENT},
        {302, NULL, false, 0, 0, VERDICT_TRANSIENT},
        {408, NULL, false, 0, 0, VERDICT_TRANSIENT},
        {429, NULL, false, 0, 0, VERDICT_THROTTLED},
        {503, "Retry-After: 30\n", false, 0, 0, VERDICT_THROTTLED},
        {503, NULL, false, 0, 0, VERDICT_TRANSIENT},
        {200, NULL, true, 0, 0, VERDICT_IMPLAUSIBLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world *world = world_new(10, 36000);
        double blocked = -1;

        always_status = rows[i].status;
        always_headers = rows[i].headers;
        world_start(world);
        world_run_to(world, 9.9);
        world->script = rows[i].to_get_too ? always : always_to_post;
        for (double at = 10.5; at < 900 && blocked < 0; at += 0.5) {
            world_run_to(world, at);
            if (world_status(world).state == SITE_BLOCKED)
                blocked = at - 10;
        }
        print_message("# HTTP %d: blocked after %.1f s\n", rows[i].status, blocked);
        assert_true(world_status(world).failures > 0);
        assert_int_equal(world_status(world).last_error.verdict, rows[i].verdict);
        if (rows[i].blocked_by == 0) {
            assert_true(blocked < 0);
        } else {
            assert_true(blocked >= rows[i].blocked_from);
            assert_true(blocked <= rows[i].blocked_by);
            assert_int_equal(world_count_reports(world, REPORT_SITE_BLOCKED), 1);
        }
        world_free(world);
    }
}

/* Rule 10: blocked sites are asked again every 5 to 15 minutes, and at once when the policy changes. */
static void test_blocked_is_retried_rarely_and_at_once_with_a_new_policy(void **state)
{
    struct world *world = world_new(10, 36000);
    size_t before;

    (void)state;
    always_status = 400;
    always_headers = NULL;
    world->script = always_to_post;
    world_start(world);
    world_run_to(world, 20);
    assert_int_equal(world_status(world).state, SITE_BLOCKED);
    before = world_count_calls(world, CONFLUENCE_POST);
    world_run_to(world, 20 + 3600);
    assert_in_range(world_count_calls(world, CONFLUENCE_POST) - before, 4, 12);
    world->script = NULL;
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &world->site});
    world_run_to(world, 20 + 3601);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_count_reports(world, REPORT_SITE_RECOVERED), 1);
    world_free(world);
}

/* Rule 10: delays double up to a minute; Retry-After is a floor; one beyond a day is ignored. */
static void test_delays_double_to_a_minute(void **state)
{
    struct world *world = world_new(10, 36000);
    double last = 0;

    (void)state;
    always_status = 500;
    always_headers = NULL;
    world_start(world);
    world_run_to(world, 9);
    world->script = always;
    world_run_to(world, 1200);
    last = world_call_at(world, CONFLUENCE_POST, 0);
    for (unsigned n = 0; n + 1 < world_count_calls(world, CONFLUENCE_GET) - 1; n++) {
        double at = world_call_at(world, CONFLUENCE_GET, n + 1), most = n < 6 ? (double)(1 << n) : 60;

        assert_true(at - last >= most / 2);
        assert_true(at - last <= most + 0.2);
        last = at;
    }
    world_free(world);
}

static void test_retry_after_is_a_floor(void **state)
{
    struct world *world = world_new(10, 36000);
    unsigned posts;

    (void)state;
    always_status = 429;
    always_headers = "Retry-After: 1847\n";
    world_start(world);
    world_run_to(world, 9);
    world->script = always_to_post;
    world_run_to(world, 1800);
    posts = world_count_calls(world, CONFLUENCE_POST);
    assert_int_equal(posts, 1);
    world->script = NULL;
    world_run_to(world, 10 + 1847 + 61);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 2);
    assert_true(world_call_at(world, CONFLUENCE_POST, 1) >= 10 + 1847);
    world_free(world);
}

static void test_absurd_retry_after_is_ignored(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    always_status = 429;
    always_headers = "Retry-After: 9223372036854775807\n";
    world_start(world);
    world_run_to(world, 9);
    world->script = always_to_post;
    world_run_to(world, 200);
    assert_true(world_count_calls(world, CONFLUENCE_POST) > 3);
    assert_non_null(strstr(world->reports[world->n_reports - 1].message, "beyond a day"));
    world_free(world);
}

/* Rule 10: one from a POST never holds the first DELETE. */
static void test_throttled_post_does_not_hold_the_delete(void **state)
{
    struct world *world = world_new(10, 36000);
    unsigned before;

    (void)state;
    always_status = 429;
    always_headers = "Retry-After: 1847\n";
    world_start(world);
    world_run_to(world, 3000);
    assert_true(world->key_live);
    world->script = always_to_post; /* the next renewal, and the first DELETE */
    while (world_status(world).failures == 0)
        world_run_to(world, world_seconds(world, world->boot) + 1);
    world->script = NULL;
    before = world_count_calls(world, CONFLUENCE_DELETE);
    world_stop(world, false);
    world_run_to(world, world_seconds(world, world->boot) + 0.2);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 1);
    assert_true(world->stopped);
    world_free(world);
}

/* Rule 11: somebody else switches the key off again and again. */
static void test_breaker(void **state)
{
    struct world *world = world_new(10, 36000);
    unsigned posts;

    (void)state;
    world->site.verify = USEC_PER_MINUTE;
    world_start(world);
    for (int at = 11; at < 3611; at++) {
        world_run_to(world, at);
        world_other_actor(world, 0);
    }
    posts = world_count_calls(world, CONFLUENCE_POST);
    assert_in_range(posts, 2, 12);
    assert_true(world_count_reports(world, REPORT_RATE_LIMITED) >= 1);
    assert_true(world_count_reports(world, REPORT_KEY_LOST) >= 1);
    world_free(world);
}

/* Rule 12, its default: a foreign key outside the goal is reported and left alone. */
static void test_foreign_key_is_left_alone(void **state)
{
    struct world *world = world_new(36000, 36100);

    (void)state;
    world_other_actor(world, 30);
    world_start(world);
    world_run_to(world, 60);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), 0);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_false(world_status(world).agrees);
    assert_true(world_status(world).foreign_expires_utc != STATUS_NEVER);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 1);
    world_stop(world, false);
    assert_true(world->stopped);
    assert_true(world->key_live);
    world_free(world);
}

/* Rule 15: this machine's clock jumps into the hours; the site's does not. */
static void test_a_wrong_clock_opens_nothing(void **state)
{
    struct world *world = world_new(36000, 39600);

    (void)state;
    world_start(world);
    world_run_to(world, 5);
    world_set_clock(world, 36500 * USEC_PER_SEC);
    world_run_to(world, 600);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    assert_int_equal(world_count_reports(world, REPORT_CLOCK_OFF), 1);
    world_set_clock(world, -36500 * USEC_PER_SEC);
    world_run_to(world, 36100);
    assert_true(world->key_live);
    assert_near(usec_seconds(world->site_gap), 0.05, 0.01);
    world_free(world);
}

static void test_a_clock_set_back_prolongs_nothing(void **state)
{
    struct world *world = world_new(10, 1810);

    (void)state;
    world_start(world);
    world_run_to(world, 900);
    world_set_clock(world, -600 * USEC_PER_SEC);
    world_run_to(world, 4000);
    assert_true(world->site_exposure <= USEC_PER_SEC + 2 * world->latency);
    assert_true(world->site_gap <= 3 * USEC_PER_SEC);
    world_free(world);
}

static void test_what_opens_is_not_early_by_the_sites_clock(void **state)
{
    struct world *world = world_new(36000, 46800);

    (void)state;
    world_start(world);
    world_run_to(world, 5);
    world_set_clock(world, 3600 * USEC_PER_SEC);
    world_run_to(world, 36060);
    assert_true(world_call_at(world, CONFLUENCE_POST, 0) >= 36000);
    world_free(world);
}

static void test_clocks_that_agree_again_are_noticed(void **state)
{
    struct world *world = world_new(10, 7210);

    (void)state;
    world->site_offset = 2 * 3600 * USEC_PER_SEC;
    world_start(world);
    world_run_to(world, 600);
    assert_false(world->key_live);
    world->site_offset = 0;
    world_run_to(world, 600 + 15 * 60 + 5);
    assert_true(world->key_live);
    world_free(world);
}

/* Twenty seconds are no reason for distrust, but the stretch ends with the first of the clocks, and for good.
 */
static void test_a_clock_that_is_a_little_behind_prolongs_nothing(void **state)
{
    struct world *world = world_new(10, 1810);

    (void)state;
    world_start(world);
    world_run_to(world, 900);
    world_set_clock(world, -20 * USEC_PER_SEC);
    world_run_to(world, 1900);
    assert_kept_the_rules(world);
    assert_true(world->site_exposure <= USEC_PER_SEC + 2 * world->latency);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    world_free(world);
}

static struct world_fault find_no_key(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_GET && world_seconds(world, world->boot) >= 190)
        return (struct world_fault){.status = 404, .body = ""};
    return (struct world_fault){0};
}

/* Rule 8: an expiry that has not passed, and a read that finds no key, prove nothing together. */
static void test_a_read_before_the_expiry_is_no_proof(void **state)
{
    struct world *world = world_new(10, 190);

    (void)state;
    world->latency = 400 * USEC_PER_MSEC;
    world->script = find_no_key;
    world_start(world);
    world_run_to(world, 100);
    world->latency = 10 * USEC_PER_MSEC;
    world_run_to(world, 190.025);
    assert_true(world->key_live);
    assert_true(world_status(world).proved_off_utc == STATUS_NEVER);
    world_run_to(world, 190.1);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    world_free(world);
}

static struct world_fault lose_posts(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST && world_seconds(world, world->boot) < 1200)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT};
    return (struct world_fault){0};
}

/* Rule 11 counts grants: what a read has shown to be none holds nothing back. */
static void test_lost_requests_do_not_trip_the_breaker(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = lose_posts;
    world_start(world);
    world_run_to(world, 1300);
    assert_true(world->key_live);
    assert_int_equal(world_count_reports(world, REPORT_RATE_LIMITED), 0);
    world_free(world);
}

static struct world_fault refuse_deletes(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_DELETE && world_seconds(world, world->boot) < 5000)
        return (struct world_fault){.status = 400, .body = ""};
    return (struct world_fault){0};
}

/* Rule 10: what is blocked is tried again every 5 to 15 minutes, a DELETE of courtesy too. */
static void test_blocked_is_not_for_good(void **state)
{
    struct world *world = world_new(10, 130);

    (void)state;
    world->site_offset = -USEC_PER_SEC; /* so that the expiry passes before the end, and proves off */
    world->script = refuse_deletes;
    world_start(world);
    world_run_to(world, 4900);
    assert_int_equal(world_status(world).state, SITE_BLOCKED);
    world_run_to(world, 5000 + 15 * 60 + 1);
    assert_int_equal(world_status(world).state, SITE_OFF);
    world_free(world);
}

static struct world_fault lose_the_first_delete(struct world *world, enum confluence_call call, unsigned nth)
{
    if (call == CONFLUENCE_DELETE && world_seconds(world, world->boot) > 100 && nth == 1)
        return (struct world_fault){.transport = TRANSPORT_TIMED_OUT, .acts = true};
    return (struct world_fault){0};
}

/* Rule 8: a DELETE without a reply may have switched off what is wanted on by the time that it fails. */
static void test_a_lost_delete_is_not_taken_for_a_live_key(void **state)
{
    struct world *world = world_new(10, 7210);
    struct policy_site off, on;

    (void)state;
    world->script = lose_the_first_delete;
    world_start(world);
    world_run_to(world, 200);
    on = off = world->site;
    assert_int_equal(calendar_new(NULL, 0, &off.calendar), 0);
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &off});
    world_run_to(world, 210);
    assert_false(world->key_live);
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &on});
    world_run_to(world, 300);
    assert_true(world->key_live);
    calendar_free(off.calendar);
    world_free(world);
}

/* Rule 11: what short keys of an earlier policy needed holds no longer one back. */
static void test_a_longer_duration_is_not_held_back(void **state)
{
    struct world *world = world_new(10, 7210);
    struct policy_site longer;

    (void)state;
    world->site.duration_minutes = 2;
    world_start(world);
    world_run_to(world, 1800);
    longer = world->site;
    longer.duration_minutes = 60;
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &longer});
    world_run_to(world, 2400);
    assert_true(world->key_live);
    assert_near(usec_seconds(world->site_gap), 0.05, 0.01);
    world_free(world);
}

static struct world_fault withhold_the_expiry(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return (struct world_fault){.no_expiry = call == CONFLUENCE_POST};
}

/* Rule 9: the read that follows a grant without an expiry reads a key of ours. */
static void test_what_was_granted_without_an_expiry_is_ours(void **state)
{
    struct world *world = world_new(10, 7210);

    (void)state;
    world->script = withhold_the_expiry;
    world_start(world);
    world_run_to(world, 60);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), 0);
    world_free(world);
}

static struct world_fault fail_posts(struct world *world, enum confluence_call call, unsigned nth)
{
    if (call == CONFLUENCE_POST && world_seconds(world, world->boot) > 20 &&
        world_seconds(world, world->boot) < 3200)
        return nth % 2 ? (struct world_fault){.status = 408, .body = ""}
                       : (struct world_fault){.status = 503, .headers = "Retry-After: 5\n", .body = ""};
    return (struct world_fault){0};
}

/* Rule 11 counts grants: a key that is still the one of before was not granted anew. */
static void test_failed_renewals_do_not_trip_the_breaker(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = fail_posts;
    world_start(world);
    world_run_to(world, 4000);
    assert_true(world->key_live);
    assert_near(usec_seconds(world->site_gap), 0.05, 0.01);
    assert_int_equal(world_count_reports(world, REPORT_RATE_LIMITED), 0);
    world_free(world);
}

static struct world_fault hang_posts(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return (struct world_fault){.hang = call == CONFLUENCE_POST ? 20 * USEC_PER_SEC : 0};
}

/* Rule 19: a goal that was off for a moment leaves no deadline behind that is past. */
static void test_a_moment_of_off_does_not_busy_the_engine(void **state)
{
    struct world *world = world_new(10, 7210);

    (void)state;
    world->script = hang_posts;
    world_start(world);
    world_run_to(world, 12);
    world_step(world, &(struct engine_event){.kind = ENGINE_SLEEP});
    world_run_to(world, 12.5);
    world_step(world, &(struct engine_event){.kind = ENGINE_AWAKE});
    assert_true(world->effects.due_boot > world->boot + USEC_PER_MINUTE);
    world_run_to(world, 40);
    assert_true(world->key_live);
    world_free(world);
}

/* Nobody tells of it when its owner prolongs it. */
static void test_a_foreign_key_that_lives_on_is_left_alone(void **state)
{
    struct world *world = world_new(36000, 36100);

    (void)state;
    world->site_offset = 20 * USEC_PER_SEC; /* of which a reply tells to half a second or so */
    world_other_actor(world, 30);
    world_start(world);
    world_run_to(world, 600);
    world_other_actor(world, 60);
    world_run_to(world, 2400);
    assert_true(world->key_live);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), 0);
    assert_true(world_status(world).foreign_expires_utc != STATUS_NEVER);
    world_free(world);
}

/* A foreign key that lives longer than ours would: ours comes just before its end, not after it. */
static void test_a_long_foreign_key_is_renewed_in_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) { /* as far ahead as the jitter may draw it */
        struct world *world = world_new(10, 7210);

        world->random.state = seed;
        world->site.duration_minutes = 2;
        world->site.renewal_spread = 225 * USEC_PER_SEC;
        world_other_actor(world, 54);
        world_start(world);
        world_run_to(world, 3600);
        assert_int_equal(world->site_gap, 0);
        assert_kept_the_rules(world);
        world_free(world);
    }
}

static struct world_fault garble(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)nth;
    return call == CONFLUENCE_DELETE ? (struct world_fault){0} : (struct world_fault){.body = "<html>"};
}

/* Rule 11: a grant that could not be read is one after a crash, too. */
static void test_the_breaker_outlives_a_crash(void **state)
{
    struct world *world = world_new(10, 36000);

    (void)state;
    world->script = garble;
    world_start(world);
    world_run_to(world, 700);
    world_start(world);
    world_run_to(world, 3500);
    assert_in_range(world_count_calls(world, CONFLUENCE_POST), 10, BREAKER_GRANTS_PER_HOUR);
    world_free(world);
}

/* Rule 18: no durable intent, no POST. */
static void test_no_intent_no_post(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->ledger_fails = true;
    world_start(world);
    world_run_to(world, 60);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    assert_true(world_count_reports(world, REPORT_LEDGER_FAILED) >= 1);
    world->ledger_fails = false;
    world_run_to(world, 130);
    assert_true(world->key_live);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1);
    world_free(world);
}

/* Every POST has its intent before it and its outcome behind it, under one id. */
static void test_intents_have_outcomes(void **state)
{
    struct world *world = world_new(10, 7200);
    unsigned intents = 0, outcomes = 0;

    (void)state;
    world_start(world);
    world_run_to(world, 7300);
    for (size_t i = 0; i < world->n_records; i++) {
        if (world->records[i].kind == RECORD_INTENT) {
            intents++;
            assert_int_equal(world->records[i + 1].kind, RECORD_OUTCOME);
            assert_true(world->records[i + 1].id == world->records[i].id);
            assert_int_equal(world->records[i].cause, CAUSE_ACTIVE_HOURS);
        }
        outcomes += world->records[i].kind == RECORD_OUTCOME;
    }
    assert_int_equal(intents, world_count_calls(world, CONFLUENCE_POST));
    assert_int_equal(outcomes, intents);
    world_free(world);
}

/* Rule 9: a 200 without expirationTime leads to one GET; if that has none either, reply + minutes. */
static struct world_fault says_no_expiry(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    (void)call;
    (void)nth;
    return (struct world_fault){.no_expiry = true};
}

static void test_missing_expiry_is_assumed(void **state)
{
    struct world *world = world_new(10, 3610);

    (void)state;
    world->site.duration_minutes = 10;
    world->script = says_no_expiry;
    world_start(world);
    world_run_to(world, 20);
    assert_int_equal(world_status(world).state, SITE_ON);
    assert_near(usec_seconds(world_status(world).expires_utc - WORLD_START_UTC), 610, 1);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1);
    world_run_to(world, 3700);
    assert_true(world->site_gap <= USEC_PER_SEC);
    assert_true(world->site_exposure <= 2 * USEC_PER_SEC);
    world_free(world);
}

static struct world_fault reads_without_expiry(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    return (struct world_fault){.no_expiry =
                                    call == CONFLUENCE_GET && world_seconds(world, world->boot) > 60};
}

/* A read without it changes nothing of what is known: our key stays ours, and another's lasts no shorter. */
static void test_a_read_without_expiry_changes_no_owner(void **state)
{
    (void)state;
    for (int foreign = 0; foreign < 2; foreign++) {
        struct world *world = world_new(10, 3610);

        world->site.verify = 2 * USEC_PER_MINUTE;
        world->site.duration_minutes = 20;
        world->script = reads_without_expiry;
        if (foreign)
            world_other_actor(world, 50);
        world_start(world);
        world_run_to(world, 400);
        assert_int_equal(world_status(world).state, SITE_ON);
        assert_int_equal(world_count_reports(world, REPORT_KEY_FOREIGN), foreign);
        assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 1 - foreign);
        world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
        world_run_to(world, 410);
        assert_int_equal(world->key_live, foreign);
        world_free(world);
    }
}

/* Rule 22. */
static void test_not_enforced_switches_nothing(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    world->site.enforce = false;
    world_start(world);
    world_run_to(world, 8000);
    assert_int_equal(world_count_calls(world, CONFLUENCE_POST), 0);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), 0);
    assert_in_range(world_count_calls(world, CONFLUENCE_GET), 8, 12);
    assert_int_equal(world_count_reports(world, REPORT_NOT_ENFORCED), 1);
    world_stop(world, false);
    assert_true(world->stopped);
    world_free(world);
}

/* Rule 20: the reply to a POST that was given up comes after all: knowledge changes, the goal does not. */
static void test_late_reply_changes_knowledge_only(void **state)
{
    struct world *world = world_new(10, 7200);
    struct confluence_reply late = {.verdict = VERDICT_DONE, .has_key = true, .has_expiry = true};
    uint64_t id;
    struct policy_site off;
    struct calendar *calendar;
    unsigned before;

    (void)state;
    world->script = post_acts_a_minute_late;
    world_start(world);
    world_run_to(world, 15);
    id = world->flight.id;
    assert_int_equal(calendar_new(NULL, 0, &calendar), 0);
    off = world->site;
    off.calendar = calendar;
    world_step(world, &(struct engine_event){.kind = ENGINE_POLICY, .site = &off});
    world_run_to(world, 18);
    before = world_count_calls(world, CONFLUENCE_DELETE);
    world_other_actor(world, 60);
    late.expires_site = world->key_expires_site;
    world_step(world, &(struct engine_event){.kind = ENGINE_REPLY, .id = id, .reply = &late});
    world_run_to(world, 19);
    assert_int_equal(world_count_calls(world, CONFLUENCE_DELETE), before + 1);
    assert_false(world->key_live);
    assert_true(world_status(world).proved_off_utc != STATUS_NEVER);
    engine_free(world->engine);
    world->engine = NULL;
    calendar_free(calendar);
    world_free(world);
}

/* READY: answered, or failed once. */
static void test_settled_by_the_first_reply_or_failure(void **state)
{
    struct world *world = world_new(10, 7200);

    (void)state;
    always_status = 500;
    always_headers = NULL;
    world->script = always;
    world_start(world);
    assert_false(engine_is_settled(world->engine));
    world_run_to(world, 1);
    assert_true(engine_is_settled(world->engine));
    world_free(world);
}

/* Rule 19: nothing is due between the real events. */
static void test_silence_costs_nothing(void **state)
{
    struct world *world = world_new(86400, 86500);
    size_t calls;

    (void)state;
    world_start(world);
    world_run_to(world, 10);
    calls = world->n_calls;
    assert_true(world->effects.due_boot >= WORLD_START_BOOT + 86399 * USEC_PER_SEC);
    world_run_to(world, 80000);
    assert_int_equal(world->n_calls, calls);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_its_first_step_nothing_is_known),
        cmocka_unit_test(test_three_minutes_of_two_minute_keys),
        cmocka_unit_test(test_nine_hours_of_sixty_minute_keys),
        cmocka_unit_test(test_every_stretch_and_duration),
        cmocka_unit_test(test_less_than_a_minute_left),
        cmocka_unit_test(test_power_loss_leaves_no_key_beyond_the_stretch),
        cmocka_unit_test(test_shorter_grant_is_renewed_earlier_and_told_once),
        cmocka_unit_test(test_stop_switches_off_and_retries),
        cmocka_unit_test(test_stop_gives_up_after_20_s_and_says_when_the_key_ends),
        cmocka_unit_test(test_restart_keeps_the_key),
        cmocka_unit_test(test_on_stop_keep),
        cmocka_unit_test(test_lost_reply_is_settled_by_a_read_and_the_key_is_ours),
        cmocka_unit_test(test_crash_after_a_lost_reply),
        cmocka_unit_test(test_no_proof_while_a_post_may_still_act),
        cmocka_unit_test(test_verdicts_are_confirmed_over_time),
        cmocka_unit_test(test_blocked_is_retried_rarely_and_at_once_with_a_new_policy),
        cmocka_unit_test(test_delays_double_to_a_minute),
        cmocka_unit_test(test_retry_after_is_a_floor),
        cmocka_unit_test(test_absurd_retry_after_is_ignored),
        cmocka_unit_test(test_throttled_post_does_not_hold_the_delete),
        cmocka_unit_test(test_breaker),
        cmocka_unit_test(test_foreign_key_is_left_alone),
        cmocka_unit_test(test_a_foreign_key_that_lives_on_is_left_alone),
        cmocka_unit_test(test_a_wrong_clock_opens_nothing),
        cmocka_unit_test(test_a_clock_set_back_prolongs_nothing),
        cmocka_unit_test(test_what_opens_is_not_early_by_the_sites_clock),
        cmocka_unit_test(test_clocks_that_agree_again_are_noticed),
        cmocka_unit_test(test_a_clock_that_is_a_little_behind_prolongs_nothing),
        cmocka_unit_test(test_a_read_before_the_expiry_is_no_proof),
        cmocka_unit_test(test_lost_requests_do_not_trip_the_breaker),
        cmocka_unit_test(test_blocked_is_not_for_good),
        cmocka_unit_test(test_a_lost_delete_is_not_taken_for_a_live_key),
        cmocka_unit_test(test_a_longer_duration_is_not_held_back),
        cmocka_unit_test(test_what_was_granted_without_an_expiry_is_ours),
        cmocka_unit_test(test_failed_renewals_do_not_trip_the_breaker),
        cmocka_unit_test(test_a_moment_of_off_does_not_busy_the_engine),
        cmocka_unit_test(test_a_long_foreign_key_is_renewed_in_time),
        cmocka_unit_test(test_the_breaker_outlives_a_crash),
        cmocka_unit_test(test_no_intent_no_post),
        cmocka_unit_test(test_intents_have_outcomes),
        cmocka_unit_test(test_missing_expiry_is_assumed),
        cmocka_unit_test(test_a_read_without_expiry_changes_no_owner),
        cmocka_unit_test(test_not_enforced_switches_nothing),
        cmocka_unit_test(test_late_reply_changes_knowledge_only),
        cmocka_unit_test(test_settled_by_the_first_reply_or_failure),
        cmocka_unit_test(test_silence_costs_nothing),
    };

    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
