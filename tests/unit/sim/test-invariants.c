// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Each invariant, held against a history made by hand that breaks it, and against one that comes near.
 */
#include "sim/invariants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START (INT64_C(1795420800) * USEC_PER_SEC)
#define S     USEC_PER_SEC
#define M     USEC_PER_MINUTE
#define H     USEC_PER_HOUR

static struct invariants invariants;
static struct facts facts;
static struct truth truth;
static struct engine_effects effects;
static struct site_status status;

static void pass(usec at)
{
    invariants_pass(&invariants, START + at);
}

static void wanted(bool required, bool allowed)
{
    facts.required = required;
    facts.allowed = allowed;
    invariants_facts(&invariants, 1, &facts);
}

static void key(bool live, unsigned issuer, usec ends)
{
    truth = (struct truth){.live = live,
                           .issuer = issuer,
                           .granted_true = invariants.now_true,
                           .ends_true = START + ends,
                           .stretch_ends_true = USEC_INFINITY};
    invariants_key(&invariants, &truth);
}

/* A daemon that enforces, the goal on for nine hours, no key. */
static int set_up(void **state)
{
    (void)state;
    invariants_init(&invariants, 1, START);
    facts = (struct facts){.up = true,
                           .enforces = true,
                           .required_until_true = START + 9 * H,
                           .allowed_from_true = USEC_INFINITY,
                           .end_slack = S / 2,
                           .duration_minutes = 60};
    memset(&effects, 0, sizeof(effects));
    effects.due_boot = USEC_INFINITY;
    status = (struct site_status){.proved_off_utc = STATUS_NEVER, .state = SITE_ON};
    wanted(true, true);
    key(false, 0, 0);
    return 0;
}

static void assert_breach(enum invariant invariant)
{
    assert_int_equal(invariants.breach.invariant, invariant);
    memset(&invariants.breach, 0, sizeof(invariants.breach));
}

static void assert_none(void)
{
    if (invariants.breach.invariant != 0)
        fail_msg("I%d: %s", (int)invariants.breach.invariant, invariants.breach.text);
}

static void test_i1_a_key_outside_the_goal(void **state)
{
    (void)state;
    key(true, 1, H);
    pass(10 * M);
    wanted(false, false);
    pass(10 * M + INVARIANTS_GRACE);
    assert_none();
    pass(10 * M + INVARIANTS_GRACE + 1);
    assert_breach(INVARIANT_EXPOSURE);
}

static void test_i1_an_outage_excuses_no_longer_than_it_lasts(void **state)
{
    (void)state;
    key(true, 1, H);
    wanted(false, false);
    invariants_excuse_exposure(&invariants, 1, START + 5 * M);
    pass(5 * M + INVARIANTS_GRACE);
    assert_none();
    pass(6 * M);
    assert_breach(INVARIANT_EXPOSURE);
}

static void test_i1_keys_of_others_are_their_own_matter(void **state)
{
    (void)state;
    key(true, 0, H);
    wanted(false, false);
    pass(30 * M);
    assert_none();
}

static void test_i1_a_grant_beyond_the_stretch(void **state)
{
    struct grant grant = {.daemon = 1, .sent_true = START, .stretch_ends_true = START + 9 * H};

    (void)state;
    pass(2 * S);
    grant.ends_true = START + 9 * H + 3 * S; /* a second, and the request's two */
    invariants_grant(&invariants, &grant);
    assert_none();
    grant.ends_true += 1;
    invariants_grant(&invariants, &grant);
    assert_breach(INVARIANT_EXPOSURE);
}

static void test_i1_a_post_outside_the_goal(void **state)
{
    (void)state;
    wanted(false, false);
    invariants_post(&invariants, 1, 60, true);
    assert_breach(INVARIANT_EXPOSURE);
}

static void test_i1_a_stop_that_leaves_a_key(void **state)
{
    (void)state;
    key(true, 1, H);
    pass(10 * S);
    invariants_stopped(&invariants, 1);
    assert_breach(INVARIANT_EXPOSURE);
}

static void test_i2_no_key_inside_the_goal(void **state)
{
    (void)state;
    pass(INVARIANTS_GRACE);
    assert_none();
    pass(INVARIANTS_GRACE + 1);
    assert_breach(INVARIANT_COVERAGE);
}

static void test_i2_a_gap_after_cover_has_no_grace(void **state)
{
    (void)state;
    key(true, 1, H);
    pass(H);
    key(false, 1, H);
    pass(H + 1);
    assert_breach(INVARIANT_COVERAGE);
}

static void test_i2_a_last_minute_is_no_gap(void **state)
{
    (void)state;
    facts.required_until_true = START + M;
    wanted(true, true);
    pass(M);
    assert_none();
}

static void test_i2_excuses(void **state)
{
    (void)state;
    invariants_excuse_gap(&invariants, 1, START + 10 * M);
    pass(10 * M);
    assert_none();
    facts.confined = true;
    wanted(true, true);
    pass(H);
    assert_none();
    facts.confined = false;
    facts.up = false;
    wanted(true, true);
    pass(2 * H);
    assert_none();
}

/* Rule 11 holds the next POST back until less than a minute is left, and the key ends before that. */
static void test_i2_a_last_minute_that_the_breaker_took(void **state)
{
    (void)state;
    invariants.wards[1].memory_since = START - 2 * H;
    facts.required_until_true = START + 10 * M;
    wanted(true, true);
    key(true, 1, 10 * M - 20 * S);
    pass(9 * M - 10 * S);
    invariants_post(&invariants, 1, 1, true);
    invariants_post(&invariants, 1, 1, true);
    pass(10 * M - 20 * S);
    key(false, 1, 0);
    pass(10 * M - 15 * S);
    assert_breach(INVARIANT_COVERAGE); /* two are no throng */
    invariants_post(&invariants, 1, 1, true);
    pass(10 * M);
    assert_none();
}

/* It is wanted for less than a minute, and somebody else's key ends before. */
static void test_i2_less_than_a_minute(void **state)
{
    (void)state;
    key(true, 0, 30 * S);
    wanted(false, false);
    pass(10 * S);
    facts.required_until_true = START + 70 * S - 1;
    wanted(true, true);
    pass(30 * S);
    key(false, 0, 0);
    pass(60 * S);
    assert_none();
}

/* A machine that slept heard late of what its POSTs came to: rule 11 counts from then on. */
static void test_i2_the_breaker_counts_what_was_heard(void **state)
{
    (void)state;
    invariants.wards[1].memory_since = START - 2 * H;
    for (int i = 0; i < 12; i++) {
        pass(i * S);
        invariants_post(&invariants, 1, 60, true);
        memset(&invariants.breach, 0, sizeof(invariants.breach));
    }
    invariants.now_true = START + 10 * M;
    invariants_heard(&invariants, 1);
    invariants.now_true = START + 61 * M;
    pass(61 * M);
    assert_breach(INVARIANT_COVERAGE); /* eleven were long ago */
    for (size_t i = 0; i < INVARIANTS_POSTS_MAX; i++)
        if (invariants.wards[1].posts[i].sent_true != 0)
            invariants.wards[1].posts[i].heard_true = START + 10 * M;
    pass(62 * M);
    assert_none();
}

static void test_i3_minutes(void **state)
{
    static const unsigned rows[] = {0, 61};

    (void)state;
    invariants_post(&invariants, 1, 1, true);
    invariants_post(&invariants, 1, 60, true);
    assert_none();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        invariants_post(&invariants, 1, rows[i], true);
        assert_breach(INVARIANT_MINUTES);
    }
}

static void test_i3_an_earlier_expiry(void **state)
{
    struct grant grant = {.daemon = 1, .sent_true = START, .stretch_ends_true = USEC_INFINITY};

    (void)state;
    key(true, 1, H);
    grant.before = truth;
    grant.ends_true = START + H - 2 * S;
    invariants_grant(&invariants, &grant);
    assert_none();
    grant.late = true;
    grant.ends_true = START + H / 2;
    invariants_grant(&invariants, &grant);
    assert_none();
    grant.late = false;
    invariants_grant(&invariants, &grant);
    assert_breach(INVARIANT_MINUTES);
}

/* What is beyond the end of the stretch is missed by nobody: a slow request made a key that lives for longer
 * than it was wanted. */
static void test_i3_an_expiry_beyond_the_end(void **state)
{
    struct grant grant = {.daemon = 1, .sent_true = START, .stretch_ends_true = START + H - 30 * S};

    (void)state;
    key(true, 1, H);
    grant.before = truth;
    grant.ends_true = START + H - 30 * S;
    invariants_grant(&invariants, &grant);
    assert_none();
    grant.ends_true -= 4 * S;
    invariants_grant(&invariants, &grant);
    assert_breach(INVARIANT_MINUTES);
}

/* So many POSTs, each granted at once, so far apart. */
static void post_all(unsigned n, usec apart)
{
    for (unsigned i = 0; i < n && invariants.breach.invariant == 0; i++) {
        struct grant grant = {.daemon = 1, .stretch_ends_true = USEC_INFINITY};

        grant.sent_true = invariants.now_true;
        grant.ends_true = invariants.now_true + H;
        invariants_post(&invariants, 1, 60, true);
        invariants_grant(&invariants, &grant);
        key(true, 1, grant.ends_true - START);
        invariants_pass(&invariants, invariants.now_true + apart);
    }
}

static void test_i4_grants_in_a_minute(void **state)
{
    (void)state;
    invariants.wards[1].memory_since = START - H;
    post_all(3, 10 * S);
    assert_none();
    post_all(1, 10 * S);
    assert_breach(INVARIANT_RATE);
}

static void test_i4_grants_in_an_hour(void **state)
{
    (void)state;
    pass(0);
    invariants.wards[1].memory_since = START - 2 * H;
    post_all(12, 4 * M);
    assert_none();
    post_all(1, 4 * M);
    assert_breach(INVARIANT_RATE);
}

static void test_i4_posts_in_an_hour(void **state)
{
    (void)state;
    invariants.wards[1].memory_since = START - 2 * H;
    key(true, 1, 9 * H);
    for (unsigned i = 0; i < 150; i++) {
        invariants_post(&invariants, 1, 60, true);
        pass((i + 1) * 20 * S);
    }
    assert_none();
    invariants_post(&invariants, 1, 60, true);
    assert_breach(INVARIANT_RATE);
}

static struct stepped stepped_by(const struct engine_event *event)
{
    return (struct stepped){
        .daemon = 1, .event = event, .effects = &effects, .status = &status, .secret = "canary"};
}

static void test_i5_a_proof_that_is_none(void **state)
{
    struct engine_event event = {.kind = ENGINE_WAKE};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    status.proved_off_utc = START;
    invariants_step(&invariants, &stepped);
    assert_none();
    key(true, 1, H);
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_PROOF);
    key(true, 0, H); /* somebody else's, enabled after the proof */
    stepped.proof_true = START - S;
    invariants_step(&invariants, &stepped);
    assert_none();
    stepped.proof_true = START + S;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_PROOF);
}

/* Of a POST that was sent before the ledger was lost nobody knows; of those after it the daemon does. */
static void test_i5_a_post_that_the_ledger_has_lost(void **state)
{
    struct engine_event event = {.kind = ENGINE_WAKE};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    status.proved_off_utc = START;
    pass(S);
    invariants_lost(&invariants, 1);
    pass(2 * S);
    key(true, 1, H);
    truth.sent_true = START;
    invariants_key(&invariants, &truth);
    invariants_step(&invariants, &stepped);
    assert_none();
    truth.sent_true = START + 2 * S;
    invariants_key(&invariants, &truth);
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_PROOF);
}

static void test_i6_records(void **state)
{
    struct confluence_reply reply = {.verdict = VERDICT_DONE, .has_expiry = true};
    struct engine_event event = {.kind = ENGINE_REPLY, .id = 7, .reply = &reply};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    invariants_post(&invariants, 1, 60, false);
    assert_breach(INVARIANT_RECORD);
    stepped.call = CONFLUENCE_POST;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_RECORD); /* no outcome */
    effects.n = 1;
    effects.list[0].kind = ENGINE_EFFECT_RECORD;
    effects.list[0].record.record = (struct record){.kind = RECORD_OUTCOME, .id = 7};
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_RECORD); /* no report */
    effects.n = 2;
    effects.list[1].kind = ENGINE_EFFECT_REPORT;
    effects.list[1].report.kind = REPORT_KEY_ENABLED;
    invariants_step(&invariants, &stepped);
    assert_none();
    stepped.call = CONFLUENCE_DELETE;
    status.proved_off_utc = START;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_RECORD); /* a proof, and no report */
}

/* I1 and I6 where somebody asks for a key: an hour was asked for, half an hour may be had for ten minutes. */
static void test_the_door(void **state)
{
    struct ask ask = {.what = ASK_HOLD, .kind = CAUSE_HOLD, .length = H};
    struct engine_event event = {.kind = ENGINE_ASK, .ask = &ask};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    stepped.door = (struct door){.now_utc = START, .most = H / 2, .until_utc = START + H / 6};
    effects.answer = (struct ask_answer){.outcome = ASK_TAKEN, .id = 7, .until_utc = START + H / 6};
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_RECORD);
    effects.n = 1;
    effects.list[0] =
        (struct engine_effect){.kind = ENGINE_EFFECT_RECORD, .record.record = {.kind = RECORD_HOLD, .id = 7}};
    invariants_step(&invariants, &stepped);
    assert_none();
    effects.answer.until_utc = START + H / 6 + 1;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_EXPOSURE);
    ask.kind = CAUSE_BREAK_GLASS; /* passes the hours, and not the limit */
    invariants_step(&invariants, &stepped);
    assert_none();
    effects.answer.until_utc = START + H / 2 + 1;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_EXPOSURE);
    effects.answer.outcome = ASK_ON_DEMAND;
    invariants_step(&invariants, &stepped);
    assert_none();
    ask.what = ASK_DISABLE;
    effects.answer.outcome = ASK_TAKEN;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_RECORD);
}

static void test_i7_a_secret_comes_up(void **state)
{
    struct engine_event event = {.kind = ENGINE_WAKE};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    effects.n = 1;
    effects.list[0].kind = ENGINE_EFFECT_REPORT;
    strcpy(effects.list[0].report.message, "all is well");
    invariants_step(&invariants, &stepped);
    assert_none();
    strcpy(effects.list[0].report.message, "the token is canary");
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_SECRETS);
    effects.list[0].kind = ENGINE_EFFECT_RECORD;
    effects.list[0].record.record = (struct record){.request_id = "canary"};
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_SECRETS);
}

static void test_i8_calm_and_not_where_it_should_be(void **state)
{
    (void)state;
    key(true, 1, 2 * H);
    assert_true(invariants_progress(&invariants, 1, &status) == START + INVARIANTS_PROGRESS);
    pass(INVARIANTS_PROGRESS);
    assert_true(invariants_progress(&invariants, 1, &status) == USEC_INFINITY);
    assert_none();
    status.state = SITE_ENABLING;
    invariants_progress(&invariants, 1, &status);
    assert_breach(INVARIANT_PROGRESS);

    wanted(false, false);
    key(false, 1, 0);
    pass(2 * INVARIANTS_PROGRESS);
    status.state = SITE_OFF;
    invariants_progress(&invariants, 1, &status);
    assert_none();
    status.state = SITE_DISABLING;
    invariants.wards[1].state_true = invariants.now_true - S; /* it has just begun to look */
    assert_true(invariants_progress(&invariants, 1, &status) > invariants.now_true);
    assert_none();
    pass(3 * INVARIANTS_PROGRESS);
    invariants_progress(&invariants, 1, &status);
    assert_breach(INVARIANT_PROGRESS);
}

/* As in I2: less than a minute was left when rule 11 let the next POST go. */
static void test_i8_a_last_minute_that_the_breaker_took(void **state)
{
    (void)state;
    invariants.wards[1].memory_since = START - 2 * H;
    facts.required_until_true = START + 20 * M;
    wanted(true, true);
    key(false, 1, 0);
    invariants.now_true = START + 18 * M + 10 * S;
    invariants_post(&invariants, 1, 1, true);
    invariants_post(&invariants, 1, 1, true);
    invariants.now_true = START + 20 * M - 6 * S;
    invariants_progress(&invariants, 1, &status);
    assert_breach(INVARIANT_PROGRESS); /* two are no throng */
    invariants.now_true = START + 18 * M + 10 * S;
    invariants_post(&invariants, 1, 1, true);
    invariants.now_true = START + 20 * M - 6 * S;
    assert_true(invariants_progress(&invariants, 1, &status) == USEC_INFINITY);
    assert_none();
}

static void test_i10_steps(void **state)
{
    struct engine_event event = {.kind = ENGINE_WAKE};
    struct stepped stepped = stepped_by(&event);

    (void)state;
    stepped.now_boot = 5;
    effects.due_boot = 6;
    invariants_step(&invariants, &stepped);
    assert_none();
    effects.due_boot = 5;
    invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_BOUNDED);
    effects.due_boot = 6;
    for (unsigned i = 0; i < 20; i++)
        invariants_step(&invariants, &stepped);
    assert_breach(INVARIANT_BOUNDED);
    key(true, 1, H);
    for (unsigned i = 0; i < 200; i++) {
        pass(S + i * S / 10);
        invariants_step(&invariants, &stepped);
    }
    assert_breach(INVARIANT_BOUNDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_i1_a_key_outside_the_goal, set_up),
        cmocka_unit_test_setup(test_i1_an_outage_excuses_no_longer_than_it_lasts, set_up),
        cmocka_unit_test_setup(test_i1_keys_of_others_are_their_own_matter, set_up),
        cmocka_unit_test_setup(test_i1_a_grant_beyond_the_stretch, set_up),
        cmocka_unit_test_setup(test_i1_a_post_outside_the_goal, set_up),
        cmocka_unit_test_setup(test_i1_a_stop_that_leaves_a_key, set_up),
        cmocka_unit_test_setup(test_i2_no_key_inside_the_goal, set_up),
        cmocka_unit_test_setup(test_i2_a_gap_after_cover_has_no_grace, set_up),
        cmocka_unit_test_setup(test_i2_a_last_minute_is_no_gap, set_up),
        cmocka_unit_test_setup(test_i2_excuses, set_up),
        cmocka_unit_test_setup(test_i2_a_last_minute_that_the_breaker_took, set_up),
        cmocka_unit_test_setup(test_i2_less_than_a_minute, set_up),
        cmocka_unit_test_setup(test_i2_the_breaker_counts_what_was_heard, set_up),
        cmocka_unit_test_setup(test_i3_minutes, set_up),
        cmocka_unit_test_setup(test_i3_an_earlier_expiry, set_up),
        cmocka_unit_test_setup(test_i3_an_expiry_beyond_the_end, set_up),
        cmocka_unit_test_setup(test_i4_grants_in_a_minute, set_up),
        cmocka_unit_test_setup(test_i4_grants_in_an_hour, set_up),
        cmocka_unit_test_setup(test_i4_posts_in_an_hour, set_up),
        cmocka_unit_test_setup(test_i5_a_proof_that_is_none, set_up),
        cmocka_unit_test_setup(test_i5_a_post_that_the_ledger_has_lost, set_up),
        cmocka_unit_test_setup(test_i6_records, set_up),
        cmocka_unit_test_setup(test_the_door, set_up),
        cmocka_unit_test_setup(test_i7_a_secret_comes_up, set_up),
        cmocka_unit_test_setup(test_i8_calm_and_not_where_it_should_be, set_up),
        cmocka_unit_test_setup(test_i8_a_last_minute_that_the_breaker_took, set_up),
        cmocka_unit_test_setup(test_i10_steps, set_up),
    };

    return cmocka_run_group_tests_name("sim/invariants", tests, NULL, NULL);
}
