// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The campaign: site-years of the engine in the virtual world, with random policies and faults, every
 * invariant held against the site's truth. TAP. A seed that breaks one is printed with the shortest list of
 * faults that still does; tests/replay SEED tells its story.
 *
 *     CAMPAIGN_YEARS=N   how many site-years, of each profile its share
 *                        (1000 unless said; 50 under the sanitizers)
 *     CAMPAIGN_SEED=N    the first seed
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "seed.h"

#if defined(__SANITIZE_ADDRESS__)
#define YEARS 50
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define YEARS 50
#endif
#endif
#ifndef YEARS
#define YEARS 1000
#endif
#define TWICE_EVERY  16 /* seeds: run twice, and the traces compared */
#define FAILURES_MAX 5
#define YEAR         (USEC_PER_DAY * 1461 / 4)

struct campaign {
    uint64_t seed;
    struct tally tally;
    usec simulated;
    uint64_t runs;
    unsigned failures;
};

static uint64_t number_of(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : fallback;
}

static void print_duration(const char *what, const struct tally_worst *worst)
{
    char at[TIME_TEXT_MAX];

    printf("# %s: %.1f s (%s, %s); %.0f h in all\n", what, usec_seconds(worst->longest),
           time_format_rfc3339(at, worst->at_true), worst->cause ? worst->cause : "no fault",
           (double)worst->total / 3.6e9);
}

static void print_faults(const struct faults *faults)
{
    _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(FAULTS_TEXT_MAX);
    char *at, *rest;

    if (faults_print(faults, &text) < 0 || text.size == 0)
        return;
    for (rest = text.data; (at = strsep(&rest, "\n")) && *at;)
        printf("#     %s\n", at);
}

static void report_breach(const struct scenario *scenario, const char *profile, const struct breach *breach)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    char at[TIME_TEXT_MAX];

    printf("# seed %" PRIu64 " %s: I%d broken at %s by daemon %u: %s\n", scenario->seed, profile,
           (int)breach->invariant, time_format_rfc3339(at, breach->at_true), breach->daemon, breach->text);
    if (breach->invariant == INVARIANT_DETERMINISM ||
        scenario_shrink(scenario, breach->invariant, &faults) < 0)
        return;
    printf("#   the shortest list of faults that still does (of %zu):\n", scenario->faults.n);
    print_faults(&faults);
}

/* Whether the seed holds; twice now and then, with the traces compared (I9). */
static bool run_seed(struct campaign *campaign, enum faults_profile profile, const char *name)
{
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    struct tally tally;
    struct breach breach;
    int r = seed_run(campaign->seed, profile, campaign->seed % TWICE_EVERY == 0, &scenario, &tally, &breach);

    if (r < 0) {
        printf("# seed %" PRIu64 " %s: %s\n", campaign->seed, name, strerror(-r));
        return false;
    }
    if (r == WORLD_BROKEN) {
        report_breach(scenario, name, &breach);
        return false;
    }
    tally_add(&campaign->tally, &tally);
    campaign->simulated += (scenario->until_true - scenario->from_true) * scenario->n_daemons;
    campaign->runs++;
    return true;
}

static void print_campaign(const struct campaign *campaign, usec took)
{
    const struct tally *tally = &campaign->tally;
    double years = (double)campaign->simulated / (double)YEAR, seconds = usec_seconds(took);

    printf("# %.1f site-years in %" PRIu64 " worlds, %" PRIu64 " faults, %" PRIu64
           " steps; %.1f s, %.1f site-years a second, %.0f times real time\n",
           years, campaign->runs, tally->faults, tally->steps, seconds, years / seconds,
           (double)campaign->simulated / (double)took);
    printf("# wanted %.0f h, on %.3f %% of it; %" PRIu64 " GET, %" PRIu64 " POST, %" PRIu64 " DELETE\n",
           (double)tally->wanted / 3.6e9,
           tally->wanted ? 100.0 * (double)tally->on_wanted / (double)tally->wanted : 0,
           tally->calls[CONFLUENCE_GET], tally->calls[CONFLUENCE_POST], tally->calls[CONFLUENCE_DELETE]);
    print_duration("longest gap", &tally->gap);
    print_duration("longest exposure", &tally->exposure);
}

static bool run(enum faults_profile profile, const char *name, uint64_t years, unsigned number)
{
    struct campaign campaign = {.seed = number_of("CAMPAIGN_SEED", 1)};
    usec began = clock_boot();
    size_t heap = seed_heap();

    while (campaign.simulated < (usec)years * YEAR && campaign.failures < FAILURES_MAX) {
        campaign.failures += !run_seed(&campaign, profile, name);
        campaign.seed++;
    }
    print_campaign(&campaign, clock_boot() - began + 1);
    if (seed_heap() > heap + SEED_HEAP_NOISE) {
        printf("# I10 broken: %zu bytes are still allocated\n", seed_heap() - heap);
        campaign.failures++;
    }
    printf("%s %u - every invariant holds, faults: %s\n", campaign.failures == 0 ? "ok" : "not ok", number,
           name);
    return campaign.failures == 0;
}

/* A profile's part of the campaign, in a process of its own: each has a core, where there is one. */
struct part {
    enum faults_profile profile;
    const char *name;
    unsigned percent; /* of the years */
    FILE *said;
    pid_t pid;
};

static bool begin(struct part *part, uint64_t years, unsigned number)
{
    part->said = tmpfile();
    part->pid = part->said ? fork() : -1;
    if (part->pid != 0)
        return part->pid > 0;
    if (dup2(fileno(part->said), STDOUT_FILENO) < 0)
        exit(EXIT_FAILURE);
    exit(run(part->profile, part->name, years * part->percent / 100, number) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool end(struct part *part)
{
    int status, c;

    if (waitpid(part->pid, &status, 0) != part->pid)
        return false;
    rewind(part->said);
    while ((c = getc(part->said)) != EOF)
        putchar(c);
    fclose(part->said);
    fflush(stdout);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

int main(void)
{
    struct part parts[] = {
        {.profile = FAULTS_NONE, .name = "none", .percent = 20},
        {.profile = FAULTS_MILD, .name = "mild", .percent = 50},
        {.profile = FAULTS_HARSH, .name = "harsh", .percent = 30},
    };
    uint64_t years = number_of("CAMPAIGN_YEARS", YEARS);
    bool ok = true;

    printf("1..3\n");
    fflush(stdout); /* or each part would print it again */
    for (unsigned i = 0; i < 3; i++)
        if (!begin(&parts[i], years, i + 1)) {
            perror("campaign");
            return EXIT_FAILURE;
        }
    for (unsigned i = 0; i < 3; i++)
        ok &= end(&parts[i]);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
