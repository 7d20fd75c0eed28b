// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The same years once more for each that could keep the key: adminkeyd, and what people would set up without
 * it. The same site, policy, seeds and faults; told by the site's truth. And how fast a year passes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "peers.h"
#include "policies.h"
#include "sim/world.h"

#define FROM     INT64_C(1798761600000000) /* 2027-01-01T00:00:00Z */
#define YEAR     (365 * USEC_PER_DAY)
#define YEARS    10 /* of each kind of faults; the seeds are 1 to so many */
#define ROWS_MAX 16

/* None of it near the hour in which clocks are changed: what each makes of that is another question. */
static void write_hours(struct bytes *yaml, size_t n)
{
    (void)n;
    bytes_printf(yaml, "    duration: 60m\n"
                       "    active_hours:\n      - {weekdays: ['monday:friday'], times: ['09:00-18:00']}\n"
                       "    maintenance_windows:\n"
                       "      - {name: nightly, every_day: true, times: ['22:00-23:30']}\n");
}

static _Noreturn void give_up(const char *what, int r)
{
    fprintf(stderr, "bench-peers: %s: %s\n", what, strerror(-r));
    exit(EXIT_FAILURE);
}

/* Whether nothing was broken; what was is told. */
static bool live(const struct policy_site *site, uint64_t seed, const struct faults *faults,
                 const struct strategy *strategy, struct tally *tally)
{
    struct world_settings settings = {
        .policies = {site},
        .n_policies = 1,
        .n_daemons = 1,
        .strategy = strategy,
        .faults = faults,
        .seed = seed,
        .from_true = FROM,
        .until_true = FROM + YEAR,
    };
    _cleanup_(world_freep) struct world *world = NULL;
    int r = world_new(&settings, &world);

    if (r == 0)
        r = world_run(world, settings.until_true);
    if (r < 0)
        give_up("the world", r);
    if (r == WORLD_BROKEN)
        fprintf(stderr, "bench-peers: seed %d is left out, invariant I%d is broken: %s\n", (int)seed,
                (int)world_breach(world)->invariant, world_breach(world)->text);
    else
        tally_add(tally, world_tally(world));
    return r == 0;
}

static void draw_faults(struct faults *faults, enum faults_profile profile, uint64_t seed,
                        const struct policy_site *site)
{
    struct faults_range range = {
        .from_true = FROM,
        .until_true = FROM + YEAR,
        .n_daemons = 1,
        .n_policies = 1,
        .site = site,
    };
    struct random random = {.state = seed};
    int r = faults_draw(faults, profile, &range, &random);

    if (r < 0)
        give_up("the faults", r);
}

/* One year of each, or of none where adminkeyd's has no end. */
static bool add_year(struct tally tallies[static ROWS_MAX], enum faults_profile profile, uint64_t seed,
                     const struct policy_site *site)
{
    _cleanup_(faults_donep) struct faults faults = {0};

    draw_faults(&faults, profile, seed, site);
    if (!live(site, seed, &faults, NULL, &tallies[0]))
        return false;
    for (size_t i = 0; peer_kinds[i].name; i++) {
        struct peer peer;
        struct strategy strategy = peer_strategy(&peer);

        peer_init(&peer, &peer_kinds[i], site);
        (void)live(site, seed, &faults, &strategy, &tallies[1 + i]);
    }
    return true;
}

static double minutes(usec duration)
{
    return (double)duration / (double)USEC_PER_MINUTE;
}

/* The mean of that many years, and the longest of all. */
static void print_row(const char *name, const struct tally *tally, unsigned years)
{
    printf("%-13s %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %6llu %6llu %6llu\n", name,
           minutes(tally->lapse.total) / years, minutes(tally->lapse.longest),
           minutes(tally->gap.total) / years, minutes(tally->exposure.total) / years,
           minutes(tally->exposure.longest), minutes(tally->unattended) / years,
           (unsigned long long)tally->calls[CONFLUENCE_GET] / years,
           (unsigned long long)tally->calls[CONFLUENCE_POST] / years,
           (unsigned long long)tally->calls[CONFLUENCE_DELETE] / years);
}

static void print_years(const struct policy_site *site, enum faults_profile profile, const char *title)
{
    struct tally tallies[ROWS_MAX] = {0};
    unsigned years = 0;

    for (uint64_t seed = 1; seed <= YEARS; seed++)
        years += add_year(tallies, profile, seed, site);
    if (years == 0)
        return;
    printf("\n%-13s %7s %7s %7s %7s %7s %7s %6s %6s %6s\n", title, "lapses", "longest", "gaps", "exposed",
           "longest", "unatt.", "GET", "POST", "DELETE");
    print_row("adminkeyd", &tallies[0], years);
    for (size_t i = 0; peer_kinds[i].name; i++)
        print_row(peer_kinds[i].name, &tallies[1 + i], years);
}

static void print_speed(const struct policy_site *site)
{
    static const struct faults none;
    int64_t best = INT64_MAX;

    for (int i = 0; i < YEARS; i++) {
        struct tally tally = {0};
        int64_t start = measure_now(), taken;

        (void)live(site, 1, &none, NULL, &tally);
        taken = measure_now() - start;
        best = taken < best ? taken : best;
    }
    printf(
        "\nA year of one site without faults, on one core: %.0f ms, %.0f million times as fast as time is\n",
        (double)best / 1e6, (double)YEAR * 1e3 / (double)best / 1e6);
}

int main(void)
{
    const struct policy_kind kind = {"hours", write_hours};
    struct policy *policy = policies_make(&kind, 1);
    const struct policy_site *site = &policy->sites[0];

    printf("\nA simulated year, the mean of %d: on from 9:00 to 18:00 on weekdays and from 22:00 to 23:30\n"
           "each night, keys of 60 minutes. Lapses are gaps while the machine is awake and what keeps the\n"
           "key runs; unattended is a key that is on while it is not so. Minutes, and calls.\n",
           YEARS);
    print_years(site, FAULTS_NONE, "no faults");
    print_years(site, FAULTS_MILD, "mild faults");
    print_years(site, FAULTS_HARSH, "harsh faults");
    print_speed(site);
    policy_free(policy);
    return 0;
}
