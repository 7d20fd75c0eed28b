// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/faults.h"

/* Faults at random: their kinds by weight, their instants evenly or near a change of the policy's mind. */

#define MEAN_MILD  (30 * USEC_PER_HOUR)
#define MEAN_HARSH (5 * USEC_PER_HOUR)

enum length {
    AN_INSTANT,
    SOME_SECONDS, /* up to two minutes */
    SOME_MINUTES, /* up to forty */
    SOME_HOURS,   /* up to eight */
};

struct choice {
    enum fault_kind kind;
    unsigned mild, harsh; /* weights */
    enum length length;
    int64_t low, high; /* of its number, where `numbers` has none */
    int64_t numbers[6];
};

/* clang-format off */
static const struct choice choices[] = {
    {FAULT_LOST_REQUEST, 10, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_LOST_REQUEST, 10, 6, SOME_SECONDS, 0, 0, {0}},
    {FAULT_LOST_REPLY, 8, 10, SOME_SECONDS, 0, 0, {0}},
    {FAULT_LOST_REPLY, 4, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_CUT, 5, 6, SOME_SECONDS, 0, 0, {0}},
    {FAULT_LATE, 0, 10, SOME_SECONDS, 5, 100, {0}},
    {FAULT_SLOW, 10, 8, SOME_MINUTES, 1, 40, {0}},
    {FAULT_SLOW_REPLY, 10, 8, SOME_MINUTES, 1, 40, {0}},
    {FAULT_NO_NAME, 5, 3, SOME_MINUTES, 0, 0, {0}},
    {FAULT_NO_CONNECTION, 10, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_NO_CONNECTION, 4, 4, SOME_HOURS, 0, 0, {0}},
    {FAULT_NO_TLS, 2, 3, SOME_MINUTES, 0, 0, {0}},
    {FAULT_UNTRUSTED, 0, 3, SOME_MINUTES, 0, 0, {0}},
    {FAULT_STATUS, 15, 10, SOME_SECONDS, 0, 0, {401, 403, 404, 500, 502, 504}},
    {FAULT_STATUS, 5, 8, SOME_MINUTES, 0, 0, {302, 400, 401, 403, 408, 503}},
    {FAULT_SERAPH, 0, 4, SOME_MINUTES, 0, 0, {0}},
    {FAULT_THROTTLE, 8, 8, SOME_SECONDS, 0, 0, {-1, 1, 30, 120, 1847, INT64_MAX}},
    {FAULT_THROTTLE_DATE, 0, 4, SOME_SECONDS, 1, 1800, {0}},
    {FAULT_UNAVAILABLE, 4, 4, SOME_MINUTES, 1, 120, {0}},
    {FAULT_ERROR_ACTED, 4, 8, SOME_SECONDS, 500, 504, {0}},
    {FAULT_GARBAGE, 0, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_TRUNCATED, 0, 4, SOME_SECONDS, 0, 0, {0}},
    {FAULT_OVERSIZED, 0, 4, SOME_SECONDS, 0, 0, {0}},
    {FAULT_NO_EXPIRY, 0, 4, SOME_MINUTES, 0, 0, {0}},
    {FAULT_SHORT, 0, 4, SOME_HOURS, 1, 40, {0}},
    {FAULT_FOREIGN_ON, 2, 6, AN_INSTANT, 1, 60, {0}},
    {FAULT_FOREIGN_OFF, 2, 6, AN_INSTANT, 0, 0, {0}},
    {FAULT_SITE_CLOCK, 0, 3, AN_INSTANT, 0, 0, {-3600, -45, -5, 5, 45, 3600}},
    {FAULT_CLOCK_STEP, 0, 6, AN_INSTANT, 0, 0, {-3600, -20, -1, 2, 20, 3600}},
    {FAULT_DRIFT, 4, 4, SOME_HOURS, -150, 150, {0}},
    {FAULT_SUSPEND, 6, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_SUSPEND, 6, 4, SOME_HOURS, 0, 0, {0}},
    {FAULT_CRASH, 3, 10, SOME_SECONDS, 0, 0, {0}},
    {FAULT_KILL, 0, 12, SOME_SECONDS, 0, 6, {0}},
    {FAULT_POWER_LOSS, 3, 8, SOME_MINUTES, 0, 0, {0}},
    {FAULT_POWER_LOSS, 1, 3, SOME_HOURS, 0, 0, {0}},
    {FAULT_STOP, 3, 6, SOME_MINUTES, 0, 0, {0}},
    {FAULT_RESTART, 8, 6, SOME_SECONDS, 0, 0, {0}},
    {FAULT_RELOAD, 4, 8, AN_INSTANT, 0, 1, {0}},
    {FAULT_DISK_FULL, 1, 4, SOME_MINUTES, 0, 0, {0}},
    {FAULT_LEDGER_LOST, 0, 2, SOME_SECONDS, 0, 0, {0}},
    {FAULT_LEDGER_DAMAGED, 0, 3, SOME_SECONDS, 0, 0, {0}},
};

/* Drawn after those, so that a seed's other faults stay what they are when one is added. */
static const struct choice of_sessions[] = {
    {FAULT_LOCK, 1, 1, SOME_MINUTES, 0, 0, {0}},
};
static const struct choice of_machines[] = {
    {FAULT_NETWORK, 3, 3, AN_INSTANT, 0, 0, {0}},
    {FAULT_POWER_CUT, 0, 2, SOME_MINUTES, 0, 6, {0}},
};
static const struct choice of_people[] = {
    {FAULT_HOLD, 4, 4, AN_INSTANT, 1, 300, {0}},
    {FAULT_RUN, 2, 2, AN_INSTANT, 1, 300, {0}},
    {FAULT_BREAK_GLASS, 1, 2, AN_INSTANT, 1, 60, {0}},
    {FAULT_DISABLE, 3, 3, AN_INSTANT, 0, 240, {0}},
    {FAULT_DISABLE, 1, 1, AN_INSTANT, 0, 0, {0}},
    {FAULT_RESUME, 2, 2, AN_INSTANT, 0, 0, {0}},
};
/* clang-format on */

struct menu {
    const struct choice *choices;
    size_t n;
    int64_t share; /* one for so many of the usual */
    bool of_people;
};

static const struct menu usual = {choices, ARRAY_SIZE(choices), 1, false};
static const struct menu apart[] = {
    {of_sessions, ARRAY_SIZE(of_sessions), 4, false},
    {of_machines, ARRAY_SIZE(of_machines), 8, false},
    {of_people, ARRAY_SIZE(of_people), 6, true},
};

static unsigned weight(const struct choice *choice, enum faults_profile profile)
{
    return profile == FAULTS_MILD ? choice->mild : choice->harsh;
}

static const struct choice *choose(const struct menu *menu, enum faults_profile profile,
                                   struct random *random)
{
    uint64_t total = 0, drawn;
    size_t i = 0;

    for (size_t k = 0; k < menu->n; k++)
        total += weight(&menu->choices[k], profile);
    drawn = random_below(random, total);
    for (; drawn >= weight(&menu->choices[i], profile); i++)
        drawn -= weight(&menu->choices[i], profile);
    return &menu->choices[i];
}

static usec draw_length(enum length length, struct random *random)
{
    switch (length) {
    case AN_INSTANT: return 0;
    case SOME_SECONDS: return random_between(random, 1, 120) * USEC_PER_SEC;
    case SOME_MINUTES: return random_between(random, 10, 2400) * USEC_PER_SEC;
    case SOME_HOURS: return random_between(random, 10, 480) * USEC_PER_MINUTE;
    }
    return 0;
}

static int64_t draw_number(const struct choice *choice, struct random *random)
{
    if (choice->numbers[0] != 0)
        return choice->numbers[random_below(random, ARRAY_SIZE(choice->numbers))];
    return random_between(random, choice->low, choice->high);
}

/* Half of them a little before or after a change of the goal, where most can go wrong. */
static usec draw_instant(const struct faults_range *range, usec lasts, struct random *random)
{
    usec at = random_between(random, range->from_true, range->until_true - 1);
    struct calendar_answer answer;

    if (range->site && random_below(random, 2)) {
        calendar_at(range->site->calendar, at, &answer);
        if (answer.until < range->until_true)
            at = answer.until + random_between(random, -lasts - USEC_PER_MINUTE, 2 * USEC_PER_MINUTE);
    }
    at -= at % USEC_PER_MSEC;
    return at < range->from_true ? range->from_true : at;
}

static unsigned draw_calls(enum fault_kind kind, struct random *random)
{
    unsigned calls;

    if (kind > FAULT_LAST_OF_CALLS || random_below(random, 3) == 0)
        return FAULT_ALL_CALLS;
    do
        calls = (unsigned)random_below(random, FAULT_ALL_CALLS + 1);
    while (calls == 0);
    return calls;
}

static struct fault draw(const struct menu *menu, enum faults_profile profile,
                         const struct faults_range *range, struct random *random)
{
    const struct choice *choice = choose(menu, profile, random);
    struct fault fault = {.kind = choice->kind, .lasts = draw_length(choice->length, random)};

    fault.at_true = draw_instant(range, fault.lasts, random);
    fault.number = draw_number(choice, random);
    fault.calls = draw_calls(fault.kind, random);
    if (fault.kind == FAULT_RELOAD)
        fault.number = (int64_t)random_below(random, range->n_policies);
    if (range->n_daemons > 1)
        fault.daemon = (unsigned)random_below(random, range->n_daemons + 1);
    return fault;
}

/* What often follows one fault. */
static int draw_sequel(struct faults *faults, struct fault fault, struct random *random)
{
    int r;

    switch (fault.kind) {
    case FAULT_CLOCK_STEP:
    case FAULT_SITE_CLOCK: /* somebody sets a wrong clock right again */
        fault.at_true += random_between(random, 1, 8 * 3600) * USEC_PER_SEC;
        fault.number = -fault.number;
        return faults_add(faults, &fault);
    case FAULT_HOLD:
    case FAULT_RESUME: /* somebody thinks better of it, on a bad line */
        if (random_below(random, 3) > 0)
            return 0;
        fault.at_true += random_between(random, 1, 20) * USEC_PER_SEC;
        fault.kind = FAULT_DISABLE;
        fault.number = random_between(random, 0, 60);
        r = faults_add(faults, &fault);
        fault.at_true -= USEC_PER_MINUTE;
        fault.kind = FAULT_LATE;
        fault.number = random_between(random, 5, 100);
        fault.lasts = 2 * USEC_PER_MINUTE;
        fault.calls = 1U << CONFLUENCE_POST;
        return r < 0 ? r : faults_add(faults, &fault);
    default: return 0;
    }
}

static int draw_some(struct faults *faults, const struct menu *menu, int64_t n, enum faults_profile profile,
                     const struct faults_range *range, struct random *random)
{
    int r = 0;

    for (int64_t i = 0; i < n && r == 0; i++) {
        struct fault fault = draw(menu, profile, range, random);

        r = faults_add(faults, &fault);
        if (r == 0)
            r = draw_sequel(faults, fault, random);
    }
    return r;
}

int faults_draw(struct faults *faults, enum faults_profile profile, const struct faults_range *range,
                struct random *random)
{
    usec mean = profile == FAULTS_MILD ? MEAN_MILD : MEAN_HARSH;
    int64_t n = (range->until_true - range->from_true) / mean;
    int r;

    if (profile == FAULTS_NONE)
        return 0;
    r = draw_some(faults, &usual, random_between(random, n / 2, n + n / 2 + 1), profile, range, random);
    for (size_t i = 0; i < ARRAY_SIZE(apart) && r == 0; i++)
        if (range->people || !apart[i].of_people)
            r = draw_some(faults, &apart[i], n / apart[i].share, profile, range, random);
    faults_sort(faults);
    return r;
}
