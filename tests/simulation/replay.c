// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The story of one seed: replay SEED [none|mild|harsh [FILE]]. FILE has faults instead of those that the seed
 * draws. Exit status 1 where an invariant breaks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/file.h"
#include "seed.h"

static void print_line(void *context, const char *line)
{
    (void)context;
    puts(line);
}

static int read_faults(const char *path, struct faults *faults)
{
    _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(FAULTS_TEXT_MAX);
    struct error error = {0};
    int r = file_read(path, FAULTS_TEXT_MAX, &text, &error);

    if (r == 0)
        r = faults_parse(bytes_text(&text), text.size, faults, &error);
    if (r < 0)
        fprintf(stderr, "replay: %s: %s\n", path, error.text);
    return r;
}

static void print_scenario(const struct scenario *scenario, const struct faults *faults)
{
    _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(FAULTS_TEXT_MAX);

    for (size_t i = 0; i < SCENARIO_POLICIES; i++)
        printf("# policy %zu\n%s", i, bytes_text(&scenario->yaml[i]));
    printf("# %u daemon%s; the site %s, %s, rounding %d\n# faults\n", scenario->n_daemons,
           scenario->n_daemons == 1 ? "" : "s",
           scenario->guesses.keeps_longer ? "keeps the longer key" : "replaces a key",
           scenario->guesses.clamps ? "clamps" : "refuses", (int)scenario->guesses.rounding);
    if (faults_print(faults, &text) == 0)
        fputs(bytes_text(&text), stdout);
}

int main(int argc, char **argv)
{
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    _cleanup_(faults_donep) struct faults faults = {0};
    struct trace trace = {.sink = print_line};
    enum faults_profile profile = FAULTS_HARSH;
    struct breach breach;
    int r;

    if (argc < 2 || (argc > 2 && faults_profile_parse(argv[2], &profile) < 0)) {
        fputs("usage: replay SEED [none|mild|harsh [FILE]]\n", stderr);
        return 2;
    }
    r = scenario_draw(strtoull(argv[1], NULL, 10), profile, &seed_zones, &scenario);
    if (r == 0 && argc > 3)
        r = read_faults(argv[3], &faults);
    if (r < 0) {
        fprintf(stderr, "replay: %s\n", strerror(-r));
        return 2;
    }
    print_scenario(scenario, argc > 3 ? &faults : &scenario->faults);
    r = scenario_run(scenario, argc > 3 ? &faults : NULL, &trace, NULL, &breach);
    if (r == WORLD_BROKEN)
        printf("I%d is broken by daemon %u: %s\n", (int)breach.invariant, breach.daemon, breach.text);
    else
        puts(r < 0 ? strerror(-r) : "every invariant holds");
    return r == 0 ? 0 : 1;
}
