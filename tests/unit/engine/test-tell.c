// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the journal hears: trouble is told the louder, the worse it gets, and the same trouble once a minute
 * at most. Times are seconds after the world's start (world.h).
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/breaker.h"
#include "world.h"

#define HOUR 3600.0

/* Calls of this kind fail, from that second on. */
static double fails_from;
static enum confluence_call fails;

static struct world_fault fail_from_then_on(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == fails && world_seconds(world, world->boot) >= fails_from)
        return (struct world_fault){.status = 500};
    return (struct world_fault){0};
}

static struct world_fault fail_every_other(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)world;
    return (struct world_fault){.status = call == CONFLUENCE_GET && nth % 2 ? 502 : 0};
}

/* The highest priority, that is the lowest number, of failures told from that report on. */
static enum report_priority loudest(const struct world *world, size_t from)
{
    enum report_priority loudest = PRIORITY_INFO;

    for (size_t i = from; i < world->n_reports; i++)
        if (world->reports[i].kind == REPORT_CALL_FAILED && world->reports[i].priority < loudest)
            loudest = world->reports[i].priority;
    return loudest;
}

static void test_louder_as_the_end_nears(void **state)
{
    static const struct {
        double until;
        enum report_priority loudest;
    } rows[] = {
        {HOUR - 15 * 60 - 65, PRIORITY_WARNING}, /* due at 20 minutes before the end, a spread earlier */
        {HOUR - 65, PRIORITY_ERROR},             /* a quarter is left */
        {HOUR - 1, PRIORITY_CRITICAL},           /* a minute is */
        {HOUR + 120, PRIORITY_CRITICAL},         /* and there is none any more */
    };
    struct world *world = world_new(0, 10 * 3600);
    size_t from = 0;

    (void)state;
    fails_from = 60;
    fails = CONFLUENCE_POST;
    world->script = fail_from_then_on;
    world_start(world);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        world_run_to(world, rows[i].until);
        if (loudest(world, from) != rows[i].loudest)
            fail_msg("up to %.0f s the loudest was %d", rows[i].until, (int)loudest(world, from));
        from = world->n_reports;
    }
    assert_non_null(strstr(world->reports[world->n_reports - 1].message, "restricted pages are missing"));
    world_free(world);
}

static void test_louder_where_the_first_key_does_not_come(void **state)
{
    struct world *world = world_new(10, 10 * 3600);
    size_t from;

    (void)state;
    fails_from = 0;
    fails = CONFLUENCE_POST;
    world->script = fail_from_then_on;
    world_start(world);
    world_run_to(world, 60);
    assert_int_equal(loudest(world, 0), PRIORITY_WARNING);
    from = world->n_reports;
    world_run_to(world, 300);
    assert_int_equal(loudest(world, from), PRIORITY_ERROR);
    world_free(world);
}

static void test_louder_where_the_key_stays_on(void **state)
{
    struct world *world = world_new(0, 10 * 3600);
    size_t from;

    (void)state;
    fails_from = 60;
    fails = CONFLUENCE_DELETE;
    world->script = fail_from_then_on;
    world_start(world);
    world_run_to(world, 100);
    world_ask(world, &(struct ask){.what = ASK_DISABLE, .until_utc = USEC_INFINITY});
    world_run_to(world, 150);
    assert_int_equal(loudest(world, 0), PRIORITY_WARNING);
    from = world->n_reports;
    world_run_to(world, 400);
    assert_int_equal(loudest(world, from), PRIORITY_ERROR);
    world_free(world);
}

/* Failed calls, as far as they were told in these words. */
static unsigned count_failures(const struct world *world, const char *words)
{
    unsigned n = 0;

    for (size_t i = 0; i < world->n_reports; i++)
        n += world->reports[i].kind == REPORT_CALL_FAILED && strstr(world->reports[i].message, words);
    return n;
}

/* A site that comes and goes, and somebody who switches off what is switched on, as long as the breaker lets.
 */
static void test_the_same_trouble_once_a_minute(void **state)
{
    struct world *world = world_new(0, 10 * 3600);
    double told[WORLD_REPORTS_MAX] = {0};
    size_t seen = 0;

    (void)state;
    world->site.verify = 10 * USEC_PER_SEC;
    world->script = fail_every_other;
    world_start(world);
    for (int second = 0; second < 1200; second++) {
        if (second % 20 == 7)
            world_other_actor(world, 0);
        world_run_to(world, second);
        for (; seen < world->n_reports; seen++) {
            told[seen] = second;
            if (!report_kind_row(world->reports[seen].kind)->repeats)
                continue;
            for (size_t i = seen; i-- > 0 && second - told[i] < 59;)
                if (strcmp(world->reports[i].message, world->reports[seen].message) == 0 &&
                    world->reports[i].priority == world->reports[seen].priority)
                    fail_msg("at %.0f s and %d s: %s", told[i], second, world->reports[i].message);
        }
    }
    /* Each key has its own end, until the breaker lets no more come; then only reads go out, and fail. */
    assert_in_range(count_failures(world, "The admin key ends at"), 10, BREAKER_GRANTS_PER_HOUR);
    assert_in_range(count_failures(world, "There may be no admin key"), 10, 21);
    assert_int_equal(world_count_reports(world, REPORT_CALL_FAILED),
                     count_failures(world, "The admin key ends at") +
                         count_failures(world, "There may be no admin key"));
    assert_in_range(world_count_reports(world, REPORT_KEY_LOST), 2, 21);
    world_free(world);
}

/* Always on, and never yet: nothing is lost that was there. */
static void test_no_louder_where_no_key_was_yet(void **state)
{
    static const struct interval always = {.from_wall = -WORLD_START_UTC - USEC_PER_DAY,
                                           .until_wall = 100000 * USEC_PER_DAY};
    struct world *world = world_new(0, 10 * 3600);
    size_t from;

    (void)state;
    fails_from = 0;
    fails = CONFLUENCE_GET;
    world->script = fail_from_then_on;
    world_set_intervals(world, &always, 1);
    world_start(world);
    world_run_to(world, 50);
    assert_int_equal(loudest(world, 0), PRIORITY_WARNING);
    from = world->n_reports;
    world_run_to(world, 300);
    assert_int_equal(loudest(world, from), PRIORITY_ERROR);
    world_free(world);
}

/* At the end of the daemon no key is wanted any more, whatever the hours say. */
static void test_a_stop_that_fails_tells_of_a_key_that_is_not_to_be(void **state)
{
    struct world *world = world_new(0, 10 * 3600);
    size_t from;

    (void)state;
    fails_from = 3000;
    fails = CONFLUENCE_DELETE;
    world->script = fail_from_then_on;
    world_start(world);
    world_run_to(world, 3550);
    from = world->n_reports;
    world_stop(world, false);
    world_run_to(world, 3590);
    for (size_t i = from; i < world->n_reports; i++) {
        assert_null(strstr(world->reports[i].message, "restricted pages are missing"));
        assert_null(strstr(world->reports[i].message, " The admin key ends at "));
    }
    assert_in_range(loudest(world, from), PRIORITY_ERROR, PRIORITY_WARNING);
    world_free(world);
}

static struct world_fault grant_without_an_end(struct world *world, enum confluence_call call, unsigned nth)
{
    (void)nth;
    if (call == CONFLUENCE_POST)
        return (struct world_fault){.no_expiry = true};
    if (world_seconds(world, world->boot) < 30)
        return (struct world_fault){0};
    return (struct world_fault){.status = 500};
}

/* A key just granted, whose end nobody told, lives for as long as was asked. */
static void test_no_louder_beside_a_key_without_a_told_end(void **state)
{
    struct world *world = world_new(60, 10 * 3600);

    (void)state;
    world->script = grant_without_an_end;
    world_start(world);
    world_run_to(world, 300);
    assert_int_equal(loudest(world, 0), PRIORITY_WARNING);
    world_free(world);
}

static struct world_fault fail_in_two_spells(struct world *world, enum confluence_call call, unsigned nth)
{
    double second = world_seconds(world, world->boot);

    (void)nth;
    if (call == CONFLUENCE_GET && ((second > 95 && second < 105) || (second > 115 && second < 125)))
        return (struct world_fault){.status = second < 105 ? 502 : 503};
    return (struct world_fault){0};
}

/* Every trouble that is told has its end in the journal. */
static void test_each_trouble_that_is_told_is_told_to_be_over(void **state)
{
    struct world *world = world_new(0, 10 * 3600);
    enum report_kind last = N_REPORT_KINDS;

    (void)state;
    world->site.verify = 10 * USEC_PER_SEC;
    world->script = fail_in_two_spells;
    world_start(world);
    world_run_to(world, 150);
    for (size_t i = 0; i < world->n_reports; i++)
        if (world->reports[i].kind == REPORT_CALL_FAILED || world->reports[i].kind == REPORT_SITE_RECOVERED)
            last = world->reports[i].kind;
    assert_true(world_count_reports(world, REPORT_CALL_FAILED) >= 2);
    assert_int_equal(last, REPORT_SITE_RECOVERED);
    assert_int_equal(world_count_reports(world, REPORT_SITE_RECOVERED), 2);
    world_free(world);
}

static void test_each_loss_of_the_key_leaves_a_line(void **state)
{
    struct world *world = world_new(0, 10 * 3600);

    (void)state;
    world->site.verify = 10 * USEC_PER_SEC;
    world_start(world);
    world_run_to(world, 105);
    world_other_actor(world, 0);
    world_run_to(world, 125);
    world_other_actor(world, 0);
    world_run_to(world, 145);
    assert_int_equal(world_count_reports(world, REPORT_KEY_LOST), 2);
    world_free(world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_louder_as_the_end_nears),
        cmocka_unit_test(test_louder_where_the_first_key_does_not_come),
        cmocka_unit_test(test_louder_where_the_key_stays_on),
        cmocka_unit_test(test_the_same_trouble_once_a_minute),
        cmocka_unit_test(test_no_louder_where_no_key_was_yet),
        cmocka_unit_test(test_a_stop_that_fails_tells_of_a_key_that_is_not_to_be),
        cmocka_unit_test(test_no_louder_beside_a_key_without_a_told_end),
        cmocka_unit_test(test_each_trouble_that_is_told_is_told_to_be_over),
        cmocka_unit_test(test_each_loss_of_the_key_leaves_a_line),
    };

    return cmocka_run_group_tests_name("engine/tell", tests, NULL, NULL);
}
