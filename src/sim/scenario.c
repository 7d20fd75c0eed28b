// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/network.h"

#define YAML_MAX   8192
#define FIRST_DAY  INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define DAYS_AHEAD 1500

struct scenario *scenario_free(struct scenario *scenario)
{
    if (scenario) {
        for (size_t i = 0; i < SCENARIO_POLICIES; i++) {
            bytes_done(&scenario->yaml[i]);
            policy_free(scenario->policies[i]);
        }
        faults_done(&scenario->faults);
        free(scenario);
    }
    return NULL;
}

/* policies */

static bool chance(struct random *random, unsigned percent)
{
    return random_below(random, 100) < percent;
}

static const char *choose(struct random *random, const char *const *words, size_t n)
{
    return words[random_below(random, n)];
}
#define CHOOSE(random, ...)                                                                                  \
    choose((random), (const char *const[]){__VA_ARGS__},                                                     \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* A stretch of the day, past midnight now and then; to the minute, and seldom a short one. */
static int write_times(struct bytes *yaml, struct random *random)
{
    int64_t start = chance(random, 50) ? 60 * random_between(random, 0, 23) : random_between(random, 0, 1439);
    int64_t length = chance(random, 10) ? random_between(random, 1, 20) : random_between(random, 20, 660);
    int64_t end = (start + length) % 1440;

    return bytes_printf(yaml, "        times: ['%02d:%02d-%02d:%02d']\n", (int)start / 60, (int)start % 60,
                        (int)end / 60, (int)end % 60);
}

static int write_days(struct bytes *yaml, struct random *random)
{
    const char *days =
        CHOOSE(random, "every_day: true", "weekdays: ['monday:friday']", "weekdays: ['monday:friday']",
               "weekdays: [saturday, sunday]", "weekdays: [wednesday]", "days_of_month: ['1:7', '-1']",
               "months: ['march:october']", "weekdays: ['friday:monday']");

    return bytes_printf(yaml, "      - %s\n", days);
}

static int write_list(struct bytes *yaml, struct random *random, const char *name, unsigned most,
                      bool whole_days)
{
    int r = bytes_printf(yaml, "    %s:\n", name);

    for (int64_t i = random_between(random, 1, most); i > 0 && r == 0; i--) {
        r = write_days(yaml, random);
        if (r == 0 && text_equal(name, "maintenance_windows"))
            r = bytes_printf(yaml, "        name: window %d\n", (int)i);
        if (r == 0 && !(whole_days && chance(random, 50)))
            r = write_times(yaml, random);
    }
    return r;
}

static int draw_duration(struct random *random)
{
    if (chance(random, 40))
        return 60;
    if (chance(random, 10))
        return (int)random_between(random, 1, 9);
    return (int)random_between(random, 10, 60);
}

static int write_renewal(struct bytes *yaml, struct random *random)
{
    int r;

    if (chance(random, 40))
        return 0;
    r = bytes_printf(yaml, "    renewal:\n      before: %dm\n      spread: %ds\n",
                     (int)random_between(random, 1, 30), (int)random_between(random, 0, 600));
    if (r == 0 && chance(random, 10))
        r = bytes_printf(
            yaml, "      mode: %s\n      windows:\n        - {every_day: true, times: ['%02d:10-%02d:40']}\n",
            CHOOSE(random, "only", "prefer"), (int)random_between(random, 0, 11),
            (int)random_between(random, 12, 23));
    return r;
}

static int write_site(struct bytes *yaml, struct random *random)
{
    int r = bytes_printf(yaml, "    duration: %dm\n    verify: %dm\n    on_stop: %s\n    enforce: %s\n",
                         draw_duration(random), (int)random_between(random, 2, chance(random, 80) ? 30 : 240),
                         CHOOSE(random, "disable", "disable", "disable", "keep"),
                         chance(random, 98) ? "yes" : "no");

    if (r == 0)
        r = write_renewal(yaml, random);
    if (r == 0)
        r = write_list(yaml, random, "active_hours", 2, false);
    if (r == 0 && chance(random, 30))
        r = write_list(yaml, random, "maintenance_windows", 2, false);
    if (r == 0 && chance(random, 25))
        r = write_list(yaml, random, "exclude", 1, true);
    return r;
}

/* What few policies have. Drawn apart from the rest, so that the rest of a seed's world stays as it is. */
static int write_rarities(struct bytes *yaml, struct random *random)
{
    int r = 0;

    if (chance(random, 25))
        r = bytes_printf(yaml, "    foreign_keys: %s\n", CHOOSE(random, "disable", "adopt"));
    if (r == 0 && chance(random, 20))
        r = bytes_printf(yaml, "    on_lock: disable\n");
    if (r == 0 && chance(random, 10))
        r = bytes_printf(yaml, "    on_sleep: keep\n");
    if (r == 0 && chance(random, 10))
        r = bytes_printf(yaml, "    limits: {continuous: %dm}\n", (int)random_between(random, 30, 360));
    else if (r == 0 && chance(random, 10))
        r = bytes_printf(yaml, "    limits: {per_day: %dm}\n", (int)random_between(random, 30, 600));
    return r;
}

static int write_policy(struct bytes *yaml, struct random *random, struct random *rarities)
{
    int r = bytes_printf(yaml,
                         "version: 1\ntimezone: %s\nsites:\n  acme:\n    url: https://acme.example\n"
                         "    user: admin@acme.example\n    token: " NETWORK_CANARY "\n",
                         CHOOSE(random, "UTC", "Europe/Berlin", "Europe/Berlin", "America/New_York",
                                "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"));

    if (r == 0)
        r = write_site(yaml, random);
    return r < 0 ? r : write_rarities(yaml, rarities);
}

/* Into the values: the reader of policies does not take the key yet. In the text it is a comment. */
static int draw_on_demand(struct policy_site *site, struct bytes *yaml, struct random *random)
{
    if (!chance(random, 40))
        return 0;
    site->on_demand_limit = random_between(random, 10, 600) * USEC_PER_MINUTE;
    site->on_demand_outside_hours = chance(random, 70);
    return bytes_printf(yaml, "    # on_demand: {limit: %dm, outside_hours: %s}\n",
                        (int)(site->on_demand_limit / USEC_PER_MINUTE),
                        site->on_demand_outside_hours ? "yes" : "no");
}

static int draw_policy(struct scenario *scenario, size_t index, const struct zone_reader *zones,
                       struct random *random, struct random *rarities)
{
    struct problems problems = PROBLEMS_INIT;
    struct bytes *yaml = &scenario->yaml[index];
    int r;

    *yaml = BYTES_INIT(YAML_MAX);
    r = write_policy(yaml, random, rarities);
    if (r == 0)
        r = policy_parse(bytes_text(yaml), yaml->size, zones, &problems, &scenario->policies[index]);
    problems_done(&problems);
    if (r == 0)
        r = draw_on_demand(&scenario->policies[index]->sites[0], yaml, rarities);
    return r > 0 ? -EBADMSG : r;
}

/* scenarios */

/* Short keys make many calls: such a scenario covers less time. */
static int64_t draw_days(const struct scenario *scenario, struct random *random)
{
    unsigned shortest = 60;

    for (size_t i = 0; i < SCENARIO_POLICIES; i++)
        if (scenario->policies[i]->sites[0].duration_minutes < shortest)
            shortest = scenario->policies[i]->sites[0].duration_minutes;
    return shortest < 10 ? random_between(random, 1, 6) : random_between(random, 7, 60);
}

static int draw_all(struct scenario *scenario, enum faults_profile profile, const struct zone_reader *zones)
{
    struct random random = {.state = scenario->seed}, rarities = {.state = ~scenario->seed};
    struct faults_range range;
    int r = 0;

    for (size_t i = 0; i < SCENARIO_POLICIES && r == 0; i++)
        r = draw_policy(scenario, i, zones, &random, &rarities);
    if (r < 0)
        return r;
    scenario->n_daemons = chance(&random, 8) ? 2 : 1;
    scenario->guesses = (struct site_guesses){
        .keeps_longer = chance(&random, 30),
        .clamps = chance(&random, 50),
        .rounding = (enum site_rounding)random_below(&random, 3),
    };
    scenario->from_true = FIRST_DAY + random_between(&random, 0, DAYS_AHEAD * 24) * USEC_PER_HOUR +
                          random_between(&random, 0, USEC_PER_HOUR - 1);
    scenario->until_true = scenario->from_true + draw_days(scenario, &random) * USEC_PER_DAY;
    range = (struct faults_range){
        .from_true = scenario->from_true,
        .until_true = scenario->until_true,
        .n_daemons = scenario->n_daemons,
        .n_policies = SCENARIO_POLICIES,
        .site = &scenario->policies[0]->sites[0],
        .people = true,
    };
    return faults_draw(&scenario->faults, profile, &range, &random);
}

int scenario_draw(uint64_t seed, enum faults_profile profile, const struct zone_reader *zones,
                  struct scenario **ret_scenario)
{
    _cleanup_(scenario_freep) struct scenario *scenario = calloc(1, sizeof(*scenario));
    int r;

    if (!scenario)
        return -ENOMEM;
    scenario->seed = seed;
    r = draw_all(scenario, profile, zones);
    if (r == 0)
        *ret_scenario = steal_pointer(&scenario);
    return r;
}

int scenario_run(const struct scenario *scenario, const struct faults *faults, struct trace *trace,
                 struct tally *ret_tally, struct breach *ret_breach)
{
    _cleanup_(world_freep) struct world *world = NULL;
    struct world_settings settings = {
        .policies = {&scenario->policies[0]->sites[0], &scenario->policies[1]->sites[0]},
        .n_policies = SCENARIO_POLICIES,
        .n_daemons = scenario->n_daemons,
        .faults = faults ? faults : &scenario->faults,
        .guesses = scenario->guesses,
        .seed = scenario->seed,
        .from_true = scenario->from_true,
        .until_true = scenario->until_true,
    };
    int r;

    if (trace)
        settings.trace = *trace;
    r = world_new(&settings, &world);
    if (r < 0)
        return r;
    r = world_run(world, settings.until_true);
    if (trace)
        trace->digest = world_digest(world);
    if (ret_tally)
        *ret_tally = *world_tally(world);
    if (ret_breach)
        *ret_breach = *world_breach(world);
    return r;
}

/* the shortest list */

/* Whether all but n faults from `at` on still break that invariant. 1, 0, -ENOMEM. */
static int breaks_without(const struct scenario *scenario, enum invariant invariant,
                          const struct faults *faults, size_t at, size_t n, struct faults *ret_rest)
{
    _cleanup_(faults_donep) struct faults rest = {0};
    struct breach breach;
    int r = 0;

    for (size_t i = 0; i < faults->n && r == 0; i++)
        if (i < at || i >= at + n)
            r = faults_add(&rest, &faults->list[i]);
    if (r == 0)
        r = scenario_run(scenario, &rest, NULL, NULL, &breach);
    if (r != WORLD_BROKEN || breach.invariant != invariant)
        return r < 0 ? r : 0;
    *ret_rest = rest;
    rest = (struct faults){0};
    return 1;
}

int scenario_shrink(const struct scenario *scenario, enum invariant invariant, struct faults *ret_faults)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    int r = 0;

    for (size_t i = 0; i < scenario->faults.n && r == 0; i++)
        r = faults_add(&faults, &scenario->faults.list[i]);
    for (size_t chunk = faults.n; chunk > 0 && r == 0; chunk = chunk > 1 ? (chunk + 1) / 2 : 0)
        for (size_t at = 0; at < faults.n && r == 0;) {
            struct faults rest;

            r = breaks_without(scenario, invariant, &faults, at, chunk, &rest);
            if (r > 0) {
                faults_done(&faults);
                faults = rest;
                r = 0;
            } else {
                at += chunk;
            }
        }
    if (r < 0)
        return r;
    *ret_faults = faults;
    faults = (struct faults){0};
    return 0;
}
