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

static void ask(const struct calendar *calendar, struct measure *measure)
{
    struct random random = {SEED};
    int64_t begun = measure_now();

    for (int i = 0; i < QUESTIONS && measure_now() - begun < TIME_MAX; i++) {
        usec utc = random_instant(&random);
        struct calendar_answer answer;
        int64_t start = measure_now();

        calendar_at(calendar, utc, &answer);
        measure_take(measure, start);
    }
}

static void print_row(const struct policy_kind *kind, size_t n)
{
    static struct measure measure;
    struct policy *policy;
    int64_t start;
    double load;

    start = measure_now();
    policy = policies_make(kind, n);
    load = (double)(measure_now() - start) / 1e6;
    measure.n = 0;
    ask(policy->sites[0].calendar, &measure);
    printf("%-14s %10zu %10.1f %10.2f %10.2f %10.2f %10zu\n", kind->name, n, load,
           measure_microseconds(&measure, 0.5), measure_microseconds(&measure, 0.99),
           measure_microseconds(&measure, 1), measure.n);
    policy_free(policy);
}

int main(void)
{
    static const size_t numbers[] = {1, 10, 100, 1000};

    printf("\nOne question to the calendar: on or off, and until when\n\n"
           "%-14s %10s %10s %10s %10s %10s %10s\n",
           "policy", "intervals", "load, ms", "median, us", "99 %, us", "worst, us", "questions");
    for (const struct policy_kind *kind = policy_kinds; kind->name; kind++)
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
            print_row(kind, numbers[i]);
    return 0;
}
