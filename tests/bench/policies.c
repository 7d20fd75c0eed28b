// SPDX-License-Identifier: GPL-3.0-or-later
#include "policies.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "os/zone_file.h"

#define SEED 20261123

static const char *const weekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                       "thursday", "friday", "saturday"};
static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                    "Asia/Kathmandu", "UTC"};

static unsigned draw(struct random *random, unsigned low, unsigned high)
{
    return (unsigned)random_between(random, low, high);
}

/* Up to `minutes_max` long, anywhere in the day; some pass midnight. */
static void write_times(struct bytes *yaml, struct random *random, unsigned minutes_max)
{
    unsigned start = draw(random, 0, 24 * 60 - 1), end = (start + draw(random, 1, minutes_max)) % (24 * 60);

    bytes_printf(yaml, "times: ['%02u:%02u-%02u:%02u']", start / 60, start % 60, end / 60, end % 60);
}

static void write_zone(struct bytes *yaml, struct random *random)
{
    if (draw(random, 0, 2) == 0)
        bytes_printf(yaml, ", location: %s", zones[draw(random, 0, ARRAY_SIZE(zones) - 1)]);
}

/* What people write, and what is hardest to look for, in turn. */
static void write_days(struct bytes *yaml, struct random *random)
{
    unsigned weekday = draw(random, 0, 6), year = draw(random, 2020, 2060);

    switch (draw(random, 0, 7)) {
    case 0: bytes_printf(yaml, "weekdays: ['monday:friday'], "); break;
    case 1: bytes_printf(yaml, "weekdays: [%s], ", weekdays[weekday]); break;
    case 2: bytes_printf(yaml, "weekdays: [%s], days_of_month: ['1:7'], ", weekdays[weekday]); break;
    case 3: bytes_printf(yaml, "days_of_month: ['-%u'], ", draw(random, 1, 31)); break;
    case 4:
        bytes_printf(yaml, "months: [february], days_of_month: [29], weekdays: [%s], ", weekdays[weekday]);
        break;
    case 5:
        bytes_printf(yaml, "dates: ['%u-%02u-%02u'], ", year, draw(random, 1, 12), draw(random, 1, 28));
        break;
    case 6:
        bytes_printf(yaml, "years: ['%u:%u'], months: [%u], weekdays: [%s], ", year, year + 3,
                     draw(random, 1, 12), weekdays[weekday]);
        break;
    case 7: bytes_printf(yaml, "months: ['november:february'], days_of_month: ['-7:-1'], "); break;
    }
}

static void write_mixed_interval(struct bytes *yaml, struct random *random, unsigned minutes_max)
{
    bytes_printf(yaml, "      - {name: window, ");
    write_days(yaml, random);
    write_times(yaml, random, minutes_max);
    write_zone(yaml, random);
    bytes_printf(yaml, "}\n");
}

/* One in ten excludes; windows of up to so many minutes. */
static void write_mixed_of(struct bytes *yaml, size_t n, unsigned minutes_max)
{
    struct random random = {SEED};
    size_t n_excludes = n / 10;

    bytes_printf(yaml, "    maintenance_windows:\n");
    for (size_t i = 0; i < n - n_excludes; i++)
        write_mixed_interval(yaml, &random, minutes_max);
    if (n_excludes > 0)
        bytes_printf(yaml, "    exclude:\n");
    for (size_t i = 0; i < n_excludes; i++)
        write_mixed_interval(yaml, &random, minutes_max);
}

static void write_mixed(struct bytes *yaml, size_t n)
{
    write_mixed_of(yaml, n, 10);
}

static void write_dense(struct bytes *yaml, size_t n)
{
    write_mixed_of(yaml, n, 8 * 60);
}

/* Each a single window, once in four years or rarer. */
static void write_rare(struct bytes *yaml, size_t n)
{
    bytes_printf(yaml, "    maintenance_windows:\n");
    for (size_t i = 0; i < n; i++)
        bytes_printf(yaml,
                     "      - {name: window, months: [february], days_of_month: [29], weekdays: [%s], "
                     "times: ['%02zu:%02zu-%02zu:%02zu']}\n",
                     weekdays[i % 7], i / 60 % 24, i % 60, (i + 1) / 60 % 24, (i + 1) % 60);
}

/* Excludes of seven minutes each that leave nothing of any day's hours. */
static void write_excludes(struct bytes *yaml, size_t n, bool each_of_other_years)
{
    bytes_printf(yaml, "    active_hours:\n      - {weekdays: ['monday:friday'], times: ['08:30-17:30']}\n"
                       "    exclude:\n");
    for (size_t i = 0; i + 1 < n || i == 0; i++) {
        size_t start = i * 7 % (24 * 60), end = (i + 1) * 7 % (24 * 60);

        bytes_printf(yaml, "      - {days_of_month: ['1:-1'], times: ['%02zu:%02zu-%02zu:%02zu']", start / 60,
                     start % 60, end / 60, end % 60);
        if (each_of_other_years)
            bytes_printf(yaml, ", years: ['%zu:%zu']", 1970 + i / 50, 2151 + i % 50);
        bytes_printf(yaml, "}\n");
    }
}

static void write_swallowed(struct bytes *yaml, size_t n)
{
    write_excludes(yaml, n, false);
}

/* The worst known: no two excludes mean the same days, so that they are searched one by one, day by day. */
static void write_worst(struct bytes *yaml, size_t n)
{
    write_excludes(yaml, n, true);
}

const struct policy_kind policy_kinds[] = {
    {"short windows", write_mixed},    {"long windows", write_dense}, {"February 29", write_rare},
    {"all excluded", write_swallowed}, {"worst known", write_worst},  {0},
};

static _Noreturn void give_up(const struct problems *problems, int r)
{
    for (size_t i = 0; i < problems->n; i++)
        fprintf(stderr, "%u: %s: %s\n", problems->list[i].line, problems->list[i].key,
                problems->list[i].message);
    fprintf(stderr, "bench: a policy to measure with is not in order (%d)\n", r);
    exit(EXIT_FAILURE);
}

struct policy *policies_make(const struct policy_kind *kind, size_t n)
{
    static const struct zone_reader reader = {.read = zone_file_read};
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(bytes_donep) struct bytes yaml = BYTES_INIT(POLICY_BYTES_MAX);
    struct policy *policy = NULL;
    int r;

    bytes_printf(&yaml,
                 "version: 1\ntimezone: Europe/Berlin\nsites:\n  acme:\n    url: https://acme.example\n"
                 "    user: someone@acme.example\n    token: acme\n");
    kind->write(&yaml, n);
    r = policy_parse(bytes_text(&yaml), yaml.size, &reader, &problems, &policy);
    if (r != 0)
        give_up(&problems, r);
    return policy;
}
