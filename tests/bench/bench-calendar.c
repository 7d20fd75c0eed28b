// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What one question to the calendar costs, "on or off, and until when", at random instants of forty years, by
 * kind of policy and number of its intervals.
 */

#include <inttypes.h>
#include <stdio.h>

#include "base/random.h"
#include "measure.h"
#include "policies.h"

#define SEED      1
#define QUESTIONS 20000
#define TIME_MAX  (INT64_C(1500) * 1000 * 1000) /* nanoseconds: rows that take longer ask less */

static usec random_instant(struct random *random)
{
    static const usec year = 36525 * USEC_PER_DAY / 100;

    return random_between(random, 50 * year, 90 * year);
}

static void ask_until(const struct calendar *calendar, usec utc)
{
    struct calendar_answer answer;

    calendar_at(calendar, utc, &answer);
}

static void ask_since(const struct calendar *calendar, usec utc)
{
    (void)calendar_since(calendar, utc);
}

static void ask(const struct calendar *calendar, void (*question)(const struct calendar *, usec),
                struct measure *measure)
{
    struct random random = {SEED};
    int64_t begun = measure_now();

    measure->n = 0;
    for (int i = 0; i < QUESTIONS && measure_now() - begun < TIME_MAX; i++) {
        usec utc = random_instant(&random);
        int64_t start = measure_now();

        question(calendar, utc);
        measure_take(measure, start);
    }
}

static void print_row(const struct policy_kind *kind, size_t n)
{
    static struct measure measure;
    struct policy *policy;
    int64_t start;

    start = measure_now();
    policy = policies_make(kind, n);
    printf("%-14s %10zu %10.1f", kind->name, n, (double)(measure_now() - start) / 1e6);
    ask(policy->sites[0].calendar, ask_until, &measure);
    printf(" %10.2f %10.2f %10.2f %10zu", measure_microseconds(&measure, 0.5),
           measure_microseconds(&measure, 0.99), measure_microseconds(&measure, 1), measure.n);
    ask(policy->sites[0].calendar, ask_since, &measure);
    printf(" %12.2f\n", measure_microseconds(&measure, 0.5));
    policy_free(policy);
}

int main(void)
{
    static const size_t numbers[] = {1, 10, 100, 1000};

    printf(
        "\nOne question to the calendar: on or off, and until when; last column: since when, median, us\n\n"
        "%-14s %10s %10s %10s %10s %10s %10s %12s\n",
        "policy", "intervals", "load, ms", "median, us", "99 %, us", "worst, us", "questions", "since when");
    for (const struct policy_kind *kind = policy_kinds; kind->name; kind++)
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
            print_row(kind, numbers[i]);
    return 0;
}
