// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the ledger brings back: which POSTs of an earlier run may still have made a key.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../calendar/given.h"

#define UTC     (INT64_C(1795419000) * USEC_PER_SEC)
#define EXPIRES (UTC + 30 * USEC_PER_MINUTE)

static struct policy_site site = {.name = (char *)"acme"};

static int set_up(void **state)
{
    (void)state;
    site.zone = given_zone("UTC");
    return calendar_new(NULL, 0, &site.calendar);
}

static int tear_down(void **state)
{
    (void)state;
    site.calendar = calendar_free(site.calendar);
    zone_free((struct zone *)site.zone);
    return 0;
}

static void remember(struct engine *engine, struct record record, usec minutes_later)
{
    struct instant now = {.utc = UTC + minutes_later * USEC_PER_MINUTE, .boot = USEC_PER_HOUR};

    strcpy(record.site, site.name);
    record.at_utc = UTC;
    engine_remember(engine, &record, &now);
}

static void test_which_outcomes_settle_a_post(void **state)
{
    static const struct {
        enum verdict verdict;
        bool has_expiry, not_acted, settles;
    } rows[] = {
        {VERDICT_DONE, true, false, true},
        {VERDICT_DONE, false, false, false},      /* a key of unknown end */
        {VERDICT_THROTTLED, false, false, false}, /* a 503 may come from in between, after the site acted */
        {VERDICT_THROTTLED, false, true, true},   /* a 429 does not */
        {VERDICT_TRANSIENT, false, false, false},
        {VERDICT_TRANSIENT, false, true, true}, /* no connection */
        {VERDICT_CREDENTIAL, false, true, true},
        {VERDICT_IMPLAUSIBLE, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(engine_freep) struct engine *engine = NULL;
        struct record outcome = {.kind = RECORD_OUTCOME, .id = 7, .verdict = rows[i].verdict};
        struct record open[ENGINE_OPEN_RECORDS_MAX];
        size_t n;

        outcome.has_expiry = rows[i].has_expiry;
        outcome.not_acted = rows[i].not_acted;
        outcome.expires_site = EXPIRES;
        assert_int_equal(engine_new(&site, &engine), 0);
        remember(engine, (struct record){.kind = RECORD_INTENT, .id = 7, .minutes = 30}, 1);
        remember(engine, outcome, 1);
        n = engine_open_records(engine, open);
        if (n != (size_t)rows[i].has_expiry + !rows[i].settles)
            fail_msg("%s: %zu records are open", verdict_name(rows[i].verdict), n);
        if (rows[i].has_expiry) {
            assert_int_equal(open[0].kind, RECORD_SEEN);
            assert_true(open[0].ours && open[0].has_expiry && open[0].expires_site == EXPIRES);
        } else if (n > 0) {
            assert_int_equal(open[0].kind, RECORD_INTENT);
            assert_int_equal(open[0].id, 7);
            assert_int_equal(open[0].minutes, 30);
            assert_string_equal(open[0].site, "acme");
        }
    }
}

static void test_off_settles_everything(void **state)
{
    _cleanup_(engine_freep) struct engine *engine = NULL;
    struct record open[ENGINE_OPEN_RECORDS_MAX];

    (void)state;
    assert_int_equal(engine_new(&site, &engine), 0);
    remember(engine,
             (struct record){.kind = RECORD_SEEN, .ours = true, .has_expiry = true, .expires_site = EXPIRES},
             1);
    remember(engine, (struct record){.kind = RECORD_INTENT, .id = 7, .minutes = 30}, 1);
    remember(engine, (struct record){.kind = RECORD_INTENT, .id = 8, .minutes = 30}, 1);
    assert_int_equal(engine_open_records(engine, open), 3);
    remember(engine, (struct record){.kind = RECORD_OFF}, 1);
    assert_int_equal(engine_open_records(engine, open), 0);
}

static void test_a_post_that_was_given_up_stays_open_for_an_hour(void **state)
{
    _cleanup_(engine_freep) struct engine *engine = NULL;
    struct record open[ENGINE_OPEN_RECORDS_MAX];

    (void)state;
    assert_int_equal(engine_new(&site, &engine), 0);
    remember(engine, (struct record){.kind = RECORD_INTENT, .id = 7, .minutes = 30}, 61);
    remember(engine, (struct record){.kind = RECORD_GIVEN_UP, .id = 7}, 61);
    assert_int_equal(engine_open_records(engine, open), 1);
    remember(engine, (struct record){.kind = RECORD_GIVEN_UP, .id = 7}, 63);
    assert_int_equal(engine_open_records(engine, open), 0);
}

/* A machine that has just booted: what was on record then was so before its boot clock began. */
static void test_a_doubt_outlives_a_boot(void **state)
{
    _cleanup_(engine_freep) struct engine *engine = NULL;
    const struct engine_event wake = {.kind = ENGINE_WAKE};
    struct engine_effects effects;
    struct site_status status;
    struct instant now = {.utc = UTC + 10 * USEC_PER_MINUTE, .boot = 5 * USEC_PER_SEC};
    struct record record = {.kind = RECORD_INTENT, .id = 7, .minutes = 30, .at_utc = UTC, .site = "acme"};

    (void)state;
    assert_int_equal(engine_new(&site, &engine), 0);
    engine_remember(engine, &record, &now);
    record.kind = RECORD_OUTCOME;
    record.verdict = VERDICT_TRANSIENT;
    engine_remember(engine, &record, &now);
    engine_step(engine, &now, &wake, &effects);
    now.utc += 15 * USEC_PER_MINUTE;
    now.boot += 15 * USEC_PER_MINUTE;
    engine_step(engine, &now, &wake, &effects);
    engine_status(engine, &now, &status);
    assert_int_equal(status.per_day.used / USEC_PER_MINUTE, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_outcomes_settle_a_post),
        cmocka_unit_test(test_off_settles_everything),
        cmocka_unit_test(test_a_post_that_was_given_up_stays_open_for_an_hour),
        cmocka_unit_test(test_a_doubt_outlives_a_boot),
    };

    return cmocka_run_group_tests_name("engine/memory", tests, set_up, tear_down);
}
