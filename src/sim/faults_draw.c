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
/* clang-format on */

static unsigned weight(const struct choice *choice, enum faults_profile profile)
{
    return profile == FAULTS_MILD ? choice->mild : choice->harsh;
}

static const struct choice *choose(enum faults_profile profile, struct random *random)
{
    uint64_t total = 0, drawn;
    size_t i = 0;

    for (size_t k = 0; k < ARRAY_SIZE(choices); k++)
        total += weight(&choices[k], profile);
    drawn = random_below(random, total);
    for (; drawn >= weight(&choices[i], profile); i++)
        drawn -= weight(&choices[i], profile);
    return &choices[i];
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

static struct fault draw(enum faults_profile profile, const struct faults_range *range, struct random *random)
{
    const struct choice *choice = choose(profile, random);
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

/* A session is locked now and then, whatever else happens. */
static int draw_locks(struct faults *faults, int64_t n, const struct faults_range *range,
                      struct random *random)
{
    int r = 0;

    for (int64_t i = 0; i < n && r == 0; i++) {
        struct fault fault = {.kind = FAULT_LOCK, .lasts = draw_length(SOME_MINUTES, random)};

        fault.at_true = draw_instant(range, fault.lasts, random);
        fault.calls = FAULT_ALL_CALLS;
        if (range->n_daemons > 1)
            fault.daemon = (unsigned)random_below(random, range->n_daemons + 1);
        r = faults_add(faults, &fault);
    }
    return r;
}

int faults_draw(struct faults *faults, enum faults_profile profile, const struct faults_range *range,
                struct random *random)
{
    usec mean = profile == FAULTS_MILD ? MEAN_MILD : MEAN_HARSH;
    int64_t n = (range->until_true - range->from_true) / mean;
    int r = 0;

    if (profile == FAULTS_NONE)
        return 0;
    for (int64_t i = random_between(random, n / 2, n + n / 2 + 1); i > 0 && r == 0; i--) {
        struct fault fault = draw(profile, range, random);

        r = faults_add(faults, &fault);
        /* Somebody sets a wrong clock right again. */
        if (r == 0 && (fault.kind == FAULT_CLOCK_STEP || fault.kind == FAULT_SITE_CLOCK)) {
            fault.at_true += random_between(random, 1, 8 * 3600) * USEC_PER_SEC;
            fault.number = -fault.number;
            r = faults_add(faults, &fault);
        }
    }
    if (r == 0)
        r = draw_locks(faults, n / 4, range, random);
    faults_sort(faults);
    return r;
}
