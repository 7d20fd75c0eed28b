// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The parts of the world: clocks, disk, site; and the world as a whole, on a scenario of its own.
 */
#include "sim/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"
#include "os/zone_file.h"
#include "sim/clocks.h"
#include "sim/disk.h"
#include "sim/scenario.h"

#define NOW (INT64_C(1795420800) * USEC_PER_SEC)
#define S   USEC_PER_SEC
#define M   USEC_PER_MINUTE

static const struct zone_reader zones = {.read = zone_file_read};

static void test_clocks(void **state)
{
    struct clocks clocks;
    usec boot;

    (void)state;
    clocks_begin(&clocks, NOW, 5 * S);
    boot = clocks_boot(&clocks, NOW);
    assert_int_equal(clocks_utc(&clocks, NOW), NOW + 5 * S);
    clocks_step(&clocks, -5 * S);
    assert_int_equal(clocks_error(&clocks, NOW), 0);
    assert_int_equal(clocks_boot(&clocks, NOW + M), boot + M);

    clocks_sleep(&clocks, NOW + M);
    assert_int_equal(clocks_boot(&clocks, NOW + 3 * M), boot + 3 * M);
    assert_int_equal(clocks_monotonic(&clocks, NOW + 3 * M), boot + M);
    clocks_resume(&clocks, NOW + 3 * M);
    assert_int_equal(clocks_monotonic(&clocks, NOW + 4 * M), boot + 2 * M);

    clocks_drift(&clocks, NOW + 4 * M, 100);
    assert_int_equal(clocks_error(&clocks, NOW + 4 * M + 10000 * S), S);
    for (usec at = boot + 5 * M; at < boot + 5 * M + 100; at++) {
        usec when = clocks_when(&clocks, at);

        assert_true(clocks_boot(&clocks, when) >= at);
        assert_true(clocks_boot(&clocks, when - 1) < at);
    }
    assert_int_equal(clocks_when(&clocks, USEC_INFINITY), USEC_INFINITY);
}

static void count_record(void *context, const struct record *record)
{
    unsigned *n = context;

    assert_string_equal(record->site, "acme");
    (*n)++;
}

static void test_disk(void **state)
{
    struct record record = {.kind = RECORD_INTENT, .site = "acme", .at_utc = NOW, .id = 7, .minutes = 60};
    struct random random = {.state = 1};
    struct disk disk;
    size_t damaged;
    unsigned n = 0;

    (void)state;
    disk_init(&disk);
    assert_int_equal(disk_append(&disk, &record, true), 0);
    assert_int_equal(disk.synced_intent, 7);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(disk_append(&disk, &record, false), 0);
        disk_fail_power(&disk, &random);
        n = 0;
        assert_int_equal(disk_replay(&disk, count_record, &n, &damaged), 0);
        assert_in_range(n, 1, i + 2); /* what was synced is there */
        assert_int_equal(damaged, 0); /* a torn line is dropped */
    }
    disk.full = true;
    assert_int_equal(disk_append(&disk, &record, true), -ENOSPC);
    assert_int_equal(disk_rotate(&disk, &record, 1), -ENOSPC);
    disk.full = false;
    assert_int_equal(disk_rotate(&disk, &record, 1), 0);
    disk_damage(&disk, &random);
    n = 0;
    assert_int_equal(disk_replay(&disk, count_record, &n, &damaged), 0);
    assert_int_equal(n, 0);
    assert_int_equal(damaged, 1);
    disk_lose(&disk);
    assert_int_equal(disk_replay(&disk, count_record, &n, &damaged), 0);
    assert_int_equal(damaged, 0);
    disk_done(&disk);
}

static void test_site(void **state)
{
    struct site site = {.offset = 3 * S};
    struct site_answer answer = site_act(&site, NOW, CONFLUENCE_GET, 0, 0, 0);

    (void)state;
    assert_int_equal(answer.status, 404);
    answer = site_act(&site, NOW, CONFLUENCE_POST, 60, 0, 1);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.expires_site, NOW + 3 * S + 60 * M);
    assert_int_equal(site_key_ends(&site), NOW + 60 * M);
    answer = site_act(&site, NOW + 30 * M, CONFLUENCE_POST, 5, 0, 1); /* a later POST replaces the key */
    assert_int_equal(site_key_ends(&site), NOW + 35 * M);
    site.guesses.keeps_longer = true;
    site_act(&site, NOW + 31 * M, CONFLUENCE_POST, 1, 0, 2);
    assert_int_equal(site_key_ends(&site), NOW + 35 * M);
    assert_int_equal(site.issuer, 1);
    answer = site_act(&site, NOW + 31 * M, CONFLUENCE_POST, 0, 0, 1); /* 0 means ten minutes */
    assert_int_equal(site_key_ends(&site), NOW + 41 * M);
    assert_int_equal(site_act(&site, NOW + 31 * M, CONFLUENCE_POST, 61, 0, 1).status, 400);
    site.guesses.clamps = true;
    site_act(&site, NOW + 31 * M, CONFLUENCE_POST, 61, 0, 1);
    assert_int_equal(site_key_ends(&site), NOW + 91 * M);
    site.guesses.rounding = SITE_ROUNDS_UP;
    site_act(&site, NOW + 40 * M + 1, CONFLUENCE_POST, 60, 0, 1);
    assert_int_equal(site_key_ends(&site), NOW + 100 * M + S);
    assert_int_equal(site_act(&site, NOW + 41 * M, CONFLUENCE_DELETE, 0, 0, 1).status, 204);
    assert_int_equal(site_act(&site, NOW + 41 * M, CONFLUENCE_DELETE, 0, 0, 1).status, 204);
    assert_int_equal(site_key_ends(&site), USEC_INFINITY);

    site_act(&site, NOW, CONFLUENCE_POST, 10, 0, 1); /* what has expired stays so */
    site_set_clock(&site, NOW, 3600 * S);
    site_set_clock(&site, NOW, -3600 * S);
    assert_false(site.live);
}

static void test_two_runs_are_alike_byte_for_byte(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        _cleanup_(scenario_freep) struct scenario *scenario = NULL;
        struct trace first = {.digests = true}, second = {.digests = true}, other = {.digests = true};

        assert_int_equal(scenario_draw(seed, FAULTS_HARSH, &zones, &scenario), 0);
        assert_int_equal(scenario_run(scenario, NULL, &first, NULL, NULL), 0);
        assert_int_equal(scenario_run(scenario, NULL, &second, NULL, NULL), 0);
        assert_true(first.digest == second.digest);
        scenario->seed++;
        assert_int_equal(scenario_run(scenario, NULL, &other, NULL, NULL), 0);
        assert_true(first.digest != other.digest);
    }
}

/* One site, and the world that runs it from NOW on, which is 2026-11-23 08:00 UTC. */
static void run_policy(const char *keys, const struct faults *faults, usec lasts, struct tally *ret_tally)
{
    _cleanup_(world_freep) struct world *world = NULL;
    struct problems problems = PROBLEMS_INIT;
    struct world_settings settings = {
        .n_policies = 1, .n_daemons = 1, .faults = faults, .from_true = NOW, .until_true = NOW + lasts};
    struct policy *policy;
    char yaml[1024];

    snprintf(yaml, sizeof(yaml),
             "version: 1\ntimezone: UTC\nsites:\n  acme:\n    url: https://acme.example\n"
             "    user: admin@acme.example\n    token: acme\n%s",
             keys);
    assert_int_equal(policy_parse(yaml, strlen(yaml), &zones, &problems, &policy), 0);
    settings.policies[0] = &policy->sites[0];
    assert_int_equal(world_new(&settings, &world), 0);
    assert_int_equal(world_run(world, settings.until_true), 0);
    *ret_tally = *world_tally(world);
    problems_done(&problems);
    policy_free(policy);
}

/* A POST whose reply is lost, a power loss five seconds later, and a boot in the night: the key lived on
 * without anybody to keep it, and ended with its window. */
static void test_power_loss_and_a_boot_a_day_later(void **state)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    static const char text[] = "2026-11-23T09:59:00Z lost-reply for 2m calls post\n"
                               "2026-11-23T10:00:05Z power-loss for 17h\n";
    struct tally tally;

    (void)state;
    assert_int_equal(faults_parse(text, strlen(text), &faults, NULL), 0);
    run_policy("    active_hours: [{every_day: true, times: ['10:00-10:30']}]\n", &faults, 20 * USEC_PER_HOUR,
               &tally);
    assert_true(tally.unattended > 29 * M && tally.unattended < 30 * M);
    assert_true(tally.exposure.longest < 2 * S);
    assert_int_equal(tally.calls[CONFLUENCE_POST], 1);
}

/* What limits leave of the hours is what is wanted: a working week of them. */
static void test_limits_are_told_to_the_minute(void **state)
{
    static const struct faults none = {0};
    static const struct {
        const char *limit;
        usec wanted;
    } rows[] = {
        {"continuous: 1h", 5 * 60 * M},
        {"continuous: 3h", 5 * 180 * M},
        {"per_day: 30m", 5 * 30 * M},
        {"continuous: 10h", 5 * 540 * M},
        {"continuous: 2h, per_day: 1h", 5 * 60 * M},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct tally tally;
        char keys[256];

        snprintf(keys, sizeof(keys),
                 "    active_hours: [{weekdays: ['monday:friday'], times: ['09:00-18:00']}]\n"
                 "    limits: {%s}\n",
                 rows[i].limit);
        run_policy(keys, &none, 7 * USEC_PER_DAY, &tally);
        if (tally.wanted < rows[i].wanted - M || tally.wanted > rows[i].wanted + M ||
            tally.on_wanted < tally.wanted - M)
            fail_msg("%s: wanted %.1f minutes, on %.1f", rows[i].limit, (double)tally.wanted / M,
                     (double)tally.on_wanted / M);
    }
}

/* A timer that was set while the clock was slow fires when the clock says, though it has been fast since:
 * here it is right again by then. */
static void test_a_timer_waits_for_its_clock(void **state)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    static const char text[] = "2026-11-23T08:00:01Z drift -150 for 11h\n"
                               "2026-11-23T14:00:00Z drift 150 for 11h\n";
    struct tally tally;

    (void)state;
    assert_int_equal(faults_parse(text, strlen(text), &faults, NULL), 0);
    run_policy("    active_hours: [{every_day: true, times: ['09:00-09:10', '20:00-20:30']}]\n", &faults,
               14 * USEC_PER_HOUR, &tally);
    assert_true(tally.wanted > 39 * M);
    assert_true(tally.gap.longest < 2 * S);
}

/* The session is locked for an hour, day and night, where the policy wants no key then. */
static void test_a_locked_session(void **state)
{
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    _cleanup_(faults_donep) struct faults faults = {0};
    struct tally kept, locked;

    (void)state;
    assert_int_equal(scenario_draw(2, FAULTS_NONE, &zones, &scenario), 0);
    for (usec at = scenario->from_true; at < scenario->until_true; at += 5 * USEC_PER_HOUR) {
        struct fault lock = {FAULT_LOCK, at, USEC_PER_HOUR, 0, FAULT_ALL_CALLS, 0};

        assert_int_equal(faults_add(&faults, &lock), 0);
    }
    assert_int_equal(scenario_run(scenario, &faults, NULL, &kept, NULL), 0);
    for (size_t i = 0; i < SCENARIO_POLICIES; i++)
        scenario->policies[i]->sites[0].on_lock = POLICY_DISABLE;
    assert_int_equal(scenario_run(scenario, &faults, NULL, &locked, NULL), 0);
    assert_true(locked.wanted < kept.wanted - kept.wanted / 10);
    assert_true(locked.calls[CONFLUENCE_DELETE] > kept.calls[CONFLUENCE_DELETE]);
    assert_true(locked.on_wanted > locked.wanted - locked.wanted / 100);
}

static uint64_t calls_of(struct scenario *scenario, unsigned n_daemons, struct tally *ret_tally)
{
    uint64_t calls = 0;

    scenario->n_daemons = n_daemons;
    assert_int_equal(scenario_run(scenario, NULL, NULL, ret_tally, NULL), 0);
    for (int call = 0; call < N_CONFLUENCE_CALLS; call++)
        calls += ret_tally->calls[call];
    return calls;
}

/* Two daemons on one account make no more calls than two that are alone, and few over. */
static void test_two_daemons_do_not_quarrel(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        _cleanup_(scenario_freep) struct scenario *scenario = NULL;
        struct tally tally;
        uint64_t alone, both;

        assert_int_equal(scenario_draw(seed, FAULTS_NONE, &zones, &scenario), 0);
        alone = calls_of(scenario, 1, &tally);
        both = calls_of(scenario, 2, &tally);
        assert_in_range(both, alone, 2 * alone + alone / 4 + 10);
        assert_true(tally.exposure.longest < 3 * S);
    }
}

static void test_no_memory(void **state)
{
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    unsigned n = 1;

    (void)state;
    assert_int_equal(scenario_draw(1, FAULTS_HARSH, &zones, &scenario), 0);
    for (; n < 40; n++) { /* each body is one: the first of all kinds are enough */
        int r;

        allocation_fail_at(n);
        r = scenario_run(scenario, NULL, NULL, NULL, NULL);
        assert_true(allocation_failed());
        assert_true(r == -ENOMEM || r == 0);
        if (n <= 2)
            assert_int_equal(r, -ENOMEM);
    }
    allocation_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_disk),
        cmocka_unit_test(test_site),
        cmocka_unit_test(test_two_runs_are_alike_byte_for_byte),
        cmocka_unit_test(test_power_loss_and_a_boot_a_day_later),
        cmocka_unit_test(test_limits_are_told_to_the_minute),
        cmocka_unit_test(test_a_timer_waits_for_its_clock),
        cmocka_unit_test(test_a_locked_session),
        cmocka_unit_test(test_two_daemons_do_not_quarrel),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests_name("sim/world", tests, NULL, NULL);
}
