// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl simulate [SITE] [--years N] [--seed N] [--from DATE] [--faults mild|harsh|FILE]
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/paint.h"
#include "adminkeyctl/policy_input.h"
#include "adminkeyctl/progress.h"
#include "adminkeyctl/when.h"
#include "control/json.h"
#include "os/clock.h"
#include "os/file.h"
#include "sim/world.h"

#define YEAR  (365 * USEC_PER_DAY + 6 * USEC_PER_HOUR)
#define SLICE (7 * USEC_PER_DAY) /* between two looks at the progress */

struct simulation {
    const struct policy_site *site;
    const char *faults_name; /* as the command line has it; NULL: none */
    uint64_t seed;
    usec from_utc, until_utc;
    struct faults faults;
    struct tally tally;
    struct breach breach; /* invariant 0: none */
};

static void simulation_done(struct simulation *simulation)
{
    faults_done(&simulation->faults);
}

static int read_faults(struct simulation *simulation)
{
    _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(FAULTS_TEXT_MAX);
    struct error error = {0};
    int r;

    r = file_read(simulation->faults_name, FAULTS_TEXT_MAX, &text, &error);
    if (r < 0) {
        fprintf(stderr, "adminkeyctl: --faults takes mild, harsh or a file: %s\n",
                *error.text ? error.text : strerror(-r));
        return r;
    }
    r = faults_parse(bytes_text(&text), text.size, &simulation->faults, &error);
    if (r < 0)
        fprintf(stderr, "adminkeyctl: %s: %s\n", simulation->faults_name,
                *error.text ? error.text : strerror(-r));
    return r;
}

static int prepare_faults(struct simulation *simulation)
{
    struct faults_range range = {
        .from_true = simulation->from_utc,
        .until_true = simulation->until_utc,
        .n_daemons = 1,
        .n_policies = 1,
        .site = simulation->site,
    };
    struct random random = {.state = simulation->seed};
    enum faults_profile profile;

    if (!simulation->faults_name)
        return 0;
    if (faults_profile_parse(simulation->faults_name, &profile) < 0)
        return read_faults(simulation);
    return faults_draw(&simulation->faults, profile, &range, &random);
}

static int run(struct simulation *simulation, struct progress *progress)
{
    struct world_settings settings = {
        .policies = {simulation->site},
        .n_policies = 1,
        .n_daemons = 1,
        .faults = &simulation->faults,
        .seed = simulation->seed,
        .from_true = simulation->from_utc,
        .until_true = simulation->until_utc,
    };
    _cleanup_(world_freep) struct world *world = NULL;
    int r = world_new(&settings, &world);

    for (usec at = simulation->from_utc; r == 0 && at < simulation->until_utc;) {
        at = at + SLICE < simulation->until_utc ? at + SLICE : simulation->until_utc;
        r = world_run(world, at);
        progress_show(progress, at - simulation->from_utc, simulation->until_utc - simulation->from_utc);
    }
    if (r < 0)
        return r;
    simulation->tally = *world_tally(world);
    if (r == WORLD_BROKEN)
        simulation->breach = *world_breach(world);
    return 0;
}

static struct json_object *calls_json(const struct tally *tally)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_int(&json, "get", (int64_t)tally->calls[CONFLUENCE_GET]);
    json_add_int(&json, "post", (int64_t)tally->calls[CONFLUENCE_POST]);
    json_add_int(&json, "delete", (int64_t)tally->calls[CONFLUENCE_DELETE]);
    return json_finish(&json);
}

static struct json_object *breach_json(const struct breach *breach)
{
    _cleanup_json_ struct json_builder json = json_begin();
    char invariant[8];

    snprintf(invariant, sizeof(invariant), "I%d", (int)breach->invariant);
    json_add_text(&json, "invariant", invariant);
    json_add_instant(&json, "at", breach->at_true);
    json_add_text(&json, "detail", breach->text);
    return json_finish(&json);
}

/* To the millisecond, as the site's clock goes, and not to the last bit of a double. */
static void add_decimal(struct json_builder *json, const char *key, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.3f", value);
    json_add(json, key, json_object_new_double_s(value, text));
}

static int print_json(const struct simulation *simulation)
{
    _cleanup_json_ struct json_builder json = json_begin();
    struct json_object *broken = json_object_new_array();
    const struct tally *tally = &simulation->tally;

    if (broken && simulation->breach.invariant && json_append(broken, breach_json(&simulation->breach)) < 0)
        json.failed = true;
    json_add_text(&json, "site", simulation->site->name);
    json_add_int(&json, "seed", (int64_t)simulation->seed);
    json_add_instant(&json, "from", simulation->from_utc);
    json_add_instant(&json, "until", simulation->until_utc);
    json_add(&json, "calls", calls_json(tally));
    add_decimal(&json, "minutes_wanted", (double)tally->wanted / 60e6);
    add_decimal(&json, "minutes_on", (double)tally->on_wanted / 60e6);
    add_decimal(&json, "longest_gap_s", usec_seconds(tally->gap.longest));
    add_decimal(&json, "longest_exposure_s", usec_seconds(tally->exposure.longest));
    json_add(&json, "broken", broken);
    if (json.failed)
        return -ENOMEM;
    printf("%s\n", json_object_to_json_string_ext(json.object,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return 0;
}

static void print_worst(const char *what, const struct tally_worst *worst, const struct zone *zone)
{
    char at[WHEN_TEXT_MAX];

    if (worst->longest == 0) {
        printf("  %-18s none\n", what);
        return;
    }
    printf("  %-18s %.1f s, on %s%s%s; %.1f s in all\n", what, usec_seconds(worst->longest),
           when_format(at, zone, worst->at_true / USEC_PER_SEC * USEC_PER_SEC),
           worst->cause ? ", after " : "", worst->cause ? worst->cause : "", usec_seconds(worst->total));
}

static void print_text(const struct simulation *simulation, const struct paint *paint)
{
    const struct tally *tally = &simulation->tally;
    const struct breach *breach = &simulation->breach;
    double wanted = (double)tally->wanted / 60e6, on = (double)tally->on_wanted / 60e6;
    char from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX], at[TIME_TEXT_MAX];

    printf("%s%s%s from %s\n%*s to %s, seed %llu, faults: %s\n\n", paint_begin(paint, COLOUR_BOLD),
           simulation->site->name, paint_end(paint),
           when_format(from, simulation->site->zone, simulation->from_utc),
           (int)strlen(simulation->site->name) + 2, "",
           when_format(until, simulation->site->zone, simulation->until_utc),
           (unsigned long long)simulation->seed, simulation->faults_name ? simulation->faults_name : "none");
    printf("  %-18s %.0f minutes\n", "wanted on", wanted);
    printf("  %-18s %.0f minutes, %.4f %%\n", "was on then", on, wanted > 0 ? 100 * on / wanted : 100);
    print_worst("longest gap", &tally->gap, simulation->site->zone);
    print_worst("longest exposure", &tally->exposure, simulation->site->zone);
    printf("  %-18s %llu GET, %llu POST, %llu DELETE\n", "calls",
           (unsigned long long)tally->calls[CONFLUENCE_GET],
           (unsigned long long)tally->calls[CONFLUENCE_POST],
           (unsigned long long)tally->calls[CONFLUENCE_DELETE]);
    if (simulation->faults.n > 0)
        printf("  %-18s %llu\n", "faults", (unsigned long long)tally->faults);
    if (breach->invariant)
        printf("\n  %sinvariant I%d is broken%s at %s: %s\n  the simulation ends there; please report the "
               "policy, the "
               "seed and this line\n",
               paint_begin(paint, COLOUR_RED), (int)breach->invariant, paint_end(paint),
               time_format_rfc3339(at, breach->at_true), breach->text);
    else
        printf("\n  %severy promise was kept%s\n", paint_begin(paint, COLOUR_GREEN), paint_end(paint));
}

static int complain(int r)
{
    if (r == -ENOMEM)
        fprintf(stderr, "adminkeyctl: out of memory\n");
    return r == -ENOMEM ? STATUS_NO : STATUS_USAGE;
}

static usec midnight(const struct zone *zone, usec utc)
{
    usec wall = zone_wall(zone, utc);

    return zone_first_reach(zone, wall - wall % USEC_PER_DAY);
}

static int simulate(const struct arguments *arguments, const struct policy_site *site)
{
    _cleanup_(simulation_done) struct simulation simulation = {
        .site = site,
        .faults_name = arguments->faults,
        .seed = arguments->seed,
    };
    struct paint paint = paint_for_stdout(arguments);
    struct progress progress = progress_for_stderr(site->name);
    struct error error = {0};
    struct when when;
    int r;

    if (when_parse(arguments->from ? arguments->from : "now", site->zone, clock_utc(), &when, &error) < 0) {
        fprintf(stderr, "adminkeyctl: --from: %s\n", error.text);
        return STATUS_USAGE;
    }
    simulation.from_utc = midnight(site->zone, when.utc[0]);
    simulation.until_utc = simulation.from_utc + (usec)arguments->years * YEAR;
    r = prepare_faults(&simulation);
    if (r == 0)
        r = run(&simulation, &progress);
    progress_end(&progress);
    if (r == 0 && arguments->json)
        r = print_json(&simulation);
    if (r < 0)
        return complain(r);
    if (!arguments->json)
        print_text(&simulation, &paint);
    return simulation.breach.invariant ? STATUS_NO : STATUS_DONE;
}

int verb_simulate(const struct arguments *arguments)
{
    _cleanup_(policy_input_done) struct policy_input input = {0};
    const struct policy_site *site;
    int status = policy_input_open(arguments, &input), r = STATUS_DONE;

    if (status == STATUS_DONE && arguments->operand) {
        status = policy_input_find_site(&input, arguments->operand, &site);
        return status == STATUS_DONE ? simulate(arguments, site) : status;
    }
    for (size_t i = 0; status == STATUS_DONE && i < input.policy->n_sites && r != STATUS_USAGE; i++) {
        if (i > 0 && !arguments->json)
            printf("\n");
        r = simulate(arguments, &input.policy->sites[i]);
        status = r == STATUS_NO ? STATUS_DONE : r;
    }
    return status == STATUS_DONE ? r : status;
}
