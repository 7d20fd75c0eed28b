// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The calendar against an oracle that shares nothing with it but the struct: it walks the minutes of some
 * weeks one by one, asks libc what the wall clock reads, and writes down for each whether the policy's words
 * say on. Random intervals, zones and instants, by seed; ORACLE_SEED=N starts elsewhere, ORACLE_QUESTIONS=N
 * asks more or fewer.
 */
#include "calendar/calendar.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/random.h"
#include "given.h"

#define QUESTIONS     100000
#define PER_CALENDAR  250
#define SINCE_EACH    10 /* questions: looking back costs more */
#define DAYS          36
#define MINUTES       (DAYS * 1440)
#define INTERVALS_MAX 5
#define EDGE          (4 * 1440) /* windows that began before the walk are not seen near its edges */

static const char *const zones[] = {
    "Europe/Berlin",    "Europe/Dublin",     "America/New_York",    "America/Santiago",
    "Africa/Cairo",     "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Apia",     "America/Sao_Paulo", "Asia/Tehran",         "Pacific/Chatham",
    "America/St_Johns", "Asia/Gaza",         "Antarctica/Troll",    "UTC",
    "Asia/Tokyo",       "America/Nuuk",      "Europe/London",       "Africa/Juba",
};

/* --- The oracle --- */

struct walk {
    time_t first;          /* of its first minute, UTC */
    int64_t wall[MINUTES]; /* what the wall clock reads, in minutes since 1970 */
    bool on[MINUTES];
};

static void walk_zone(struct walk *walk, const char *zone)
{
    int64_t offset = 0;

    setenv("TZ", zone, 1);
    tzset();
    for (int i = 0; i < MINUTES; i++) {
        time_t now = walk->first + (time_t)i * 60;
        struct tm tm;

        /* Zones change at quarters of an hour; St John's did at a minute past one, until 2011. */
        if (now % 900 <= 60 || i == 0) {
            localtime_r(&now, &tm);
            offset = tm.tm_gmtoff / 60;
        }
        walk->wall[i] = now / 60 + offset;
    }
}

/* The first minute at which the clock reads that or later. */
static int reach(const struct walk *walk, int64_t wall)
{
    for (int i = 0; i < MINUTES; i++)
        if (walk->wall[i] >= wall)
            return i;
    return MINUTES;
}

static bool in_days_of_month(const struct interval *interval, const struct tm *date, int month_length)
{
    bool found = interval->n_days_of_month == 0;

    for (size_t i = 0; i < interval->n_days_of_month; i++) {
        int first = interval->days_of_month[i].first, last = interval->days_of_month[i].last;

        first = first < 0 ? month_length + 1 + first : first;
        last = last < 0 ? month_length + 1 + last : last;
        found = found || (date->tm_mday >= first && date->tm_mday <= last);
    }
    return found;
}

static bool starts_on(const struct interval *interval, int64_t day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    time_t seconds = (time_t)day * 86400;
    bool years = interval->n_years == 0, dates = interval->n_dates == 0;
    struct tm date;
    int length;

    gmtime_r(&seconds, &date);
    length = lengths[date.tm_mon];
    if (date.tm_mon == 1 &&
        (date.tm_year % 4 == 0 && (date.tm_year % 100 != 0 || (date.tm_year + 1900) % 400 == 0)))
        length = 29;
    for (size_t i = 0; i < interval->n_years; i++)
        years = years || (date.tm_year + 1900 >= interval->years[i].first &&
                          date.tm_year + 1900 <= interval->years[i].last);
    for (size_t i = 0; i < interval->n_dates; i++)
        dates = dates || (day >= interval->dates[i].first && day <= interval->dates[i].last);
    return years && dates && in_days_of_month(interval, &date, length) &&
           (interval->weekdays == 0 || interval->weekdays >> date.tm_wday & 1) &&
           (interval->months == 0 || interval->months >> date.tm_mon & 1);
}

static void mark(struct walk *walk, int64_t from_wall, int64_t until_wall, bool value)
{
    int until = reach(walk, until_wall);

    for (int i = reach(walk, from_wall); i < until; i++)
        walk->on[i] = value;
}

static void mark_interval(struct walk *walk, const struct interval *interval)
{
    bool value = interval->kind != INTERVAL_EXCLUDE;
    int64_t first_day = walk->wall[0] / 1440 - 2, last_day = walk->wall[MINUTES - 1] / 1440 + 1;

    if (interval->absolute) {
        mark(walk, interval->from_wall / USEC_PER_MINUTE, interval->until_wall / USEC_PER_MINUTE, value);
        return;
    }
    for (int64_t day = first_day; day <= last_day; day++) {
        if (!starts_on(interval, day))
            continue;
        if (interval->n_times == 0)
            mark(walk, day * 1440, (day + 1) * 1440, value);
        for (size_t i = 0; i < interval->n_times; i++)
            mark(walk, day * 1440 + interval->times[i].start / 60, day * 1440 + interval->times[i].end / 60,
                 value);
    }
}

/* --- Random policies --- */

static int64_t between(struct random *random, int64_t low, int64_t high)
{
    return random_between(random, low, high);
}

static bool chance(struct random *random, unsigned percent)
{
    return random_below(random, 100) < percent;
}

static void random_times(struct random *random, struct interval *interval)
{
    interval->n_times = (size_t)between(random, 1, 2);
    interval->times = calloc(interval->n_times, sizeof(interval->times[0]));
    assert_non_null(interval->times);
    for (size_t i = 0; i < interval->n_times; i++) {
        int64_t start = chance(random, 50) ? between(random, 0, 4 * 60) : between(random, 0, 1439);
        int64_t length = chance(random, 30) ? 1440 : between(random, 1, 1440);

        interval->times[i] = (struct interval_times){(int32_t)start * 60, (int32_t)(start + length) * 60};
    }
}

static void random_days(struct random *random, struct interval *interval, int64_t day)
{
    if (chance(random, 50))
        interval->weekdays = (uint8_t)between(random, 1, 127);
    if (chance(random, 30))
        interval->months = (uint16_t)between(random, 1, 4095);
    if (chance(random, 30)) {
        int64_t first = between(random, 1, 31), last = between(random, first, 31);

        interval->n_days_of_month = 1;
        interval->days_of_month = calloc(1, sizeof(interval->days_of_month[0]));
        assert_non_null(interval->days_of_month);
        interval->days_of_month[0] = chance(random, 50)
                                         ? (struct interval_days){(int8_t)first, (int8_t)last}
                                         : (struct interval_days){(int8_t)-last, (int8_t)-first};
    }
    if (chance(random, 20)) {
        int64_t first = day + between(random, -20, 30);

        interval->n_dates = 1;
        interval->dates = calloc(1, sizeof(interval->dates[0]));
        assert_non_null(interval->dates);
        interval->dates[0] =
            (struct interval_dates){(int32_t)first, (int32_t)(first + between(random, 0, 20))};
    }
}

static struct interval random_interval(struct random *random, int64_t day)
{
    struct interval interval = {.kind = chance(random, 30) ? INTERVAL_EXCLUDE : INTERVAL_ACTIVE_HOURS};

    if (chance(random, 15)) {
        interval.absolute = true;
        interval.from_wall = (day * 1440 + between(random, -4000, 30000)) * USEC_PER_MINUTE;
        interval.until_wall = interval.from_wall + between(random, 1, 20000) * USEC_PER_MINUTE;
        return interval;
    }
    random_days(random, &interval, day);
    if (chance(random, 80))
        random_times(random, &interval);
    return interval;
}

/* --- Questions --- */

static void ask_since(uint64_t seed, const struct calendar *calendar, const struct walk *walk, int at,
                      usec now)
{
    int since = at;
    usec since_utc, answer = calendar_since(calendar, now);

    while (since > EDGE && walk->on[since - 1] == walk->on[at])
        since--;
    since_utc = ((usec)walk->first + (usec)since * 60) * USEC_PER_SEC;
    if (since > EDGE ? answer != since_utc : answer > since_utc)
        fail_msg("seed %" PRIu64 ": at %lld since %lld, not %lld", seed, (long long)(now / USEC_PER_SEC),
                 (long long)(answer / USEC_PER_SEC), (long long)(since_utc / USEC_PER_SEC));
}

static void ask(uint64_t seed, const struct calendar *calendar, const struct walk *walk, int at, usec now)
{
    struct calendar_answer answer;
    int until = at + 1;
    usec until_utc;

    calendar_at(calendar, now, &answer);
    if (answer.on != walk->on[at])
        fail_msg("seed %" PRIu64 ": at minute %d (%lld) the calendar says %s", seed, at,
                 (long long)walk->first + at * 60LL, answer.on ? "on" : "off");
    while (until < MINUTES - EDGE && walk->on[until] == walk->on[at])
        until++;
    until_utc = ((usec)walk->first + (usec)until * 60) * USEC_PER_SEC;
    if (answer.until != USEC_INFINITY) {
        struct calendar_answer then;

        calendar_at(calendar, answer.until, &then);
        if (then.on == answer.on)
            fail_msg("seed %" PRIu64 ": at %lld, its own until, the answer is the same", seed,
                     (long long)(answer.until / USEC_PER_SEC));
    }
    if (until < MINUTES - EDGE ? answer.until != until_utc : answer.until < until_utc)
        fail_msg("seed %" PRIu64 ": at %lld until %lld, not %lld", seed, (long long)(now / USEC_PER_SEC),
                 (long long)(answer.until / USEC_PER_SEC), (long long)(until_utc / USEC_PER_SEC));
}

/* The intervals of a policy may live in two zones. */
#define ZONES_MAX 2

struct given {
    struct zone *zones[ZONES_MAX];
    const char *names[ZONES_MAX];
    struct calendar *calendar;
};

static void random_calendar(struct random *random, struct given *given, int64_t day)
{
    size_t n = (size_t)between(random, 1, INTERVALS_MAX);
    size_t n_zones = chance(random, 70) ? 1 : ZONES_MAX;
    struct interval *intervals = calloc(n, sizeof(*intervals));

    assert_non_null(intervals);
    for (size_t i = 0; i < n_zones; i++) {
        given->names[i] = zones[random_below(random, ARRAY_SIZE(zones))];
        given->zones[i] = given_zone(given->names[i]);
    }
    for (size_t i = 0; i < n; i++) {
        intervals[i] = random_interval(random, day);
        intervals[i].zone = given->zones[random_below(random, (uint32_t)n_zones)];
    }
    assert_int_equal(calendar_new(intervals, n, &given->calendar), 0);
}

/* All that the policy's words say: the windows, then what excludes cut out of them. */
static void mark_all(const struct given *given, struct walk *walk)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(given->calendar, &n);

    memset(walk->on, 0, sizeof(walk->on));
    for (int exclude = 0; exclude < 2; exclude++)
        for (size_t zone = 0; zone < ZONES_MAX && given->zones[zone]; zone++) {
            walk_zone(walk, given->names[zone]);
            for (size_t i = 0; i < n; i++)
                if ((intervals[i].kind == INTERVAL_EXCLUDE) == (exclude == 1) &&
                    intervals[i].zone == given->zones[zone])
                    mark_interval(walk, &intervals[i]);
        }
}

static void try_seed(uint64_t seed, struct walk *walk)
{
    struct random random = {.state = seed};
    int64_t day = between(&random, 7305, 43000); /* 1990 to 2087 */
    struct given given = {0};

    random_calendar(&random, &given, day);
    walk->first = (time_t)day * 86400;
    mark_all(&given, walk);
    for (unsigned question = 0; question < PER_CALENDAR; question++) {
        int at = (int)between(&random, EDGE, MINUTES - EDGE - 1);
        usec now = ((usec)walk->first + (usec)at * 60 + between(&random, 0, 59)) * USEC_PER_SEC;

        ask(seed, given.calendar, walk, at, now);
        if (question % SINCE_EACH == 0)
            ask_since(seed, given.calendar, walk, at, now);
    }
    calendar_free(given.calendar);
    for (size_t i = 0; i < ZONES_MAX; i++)
        zone_free(given.zones[i]);
}

static void test_the_calendar_says_what_the_oracle_says(void **state)
{
    const char *first = getenv("ORACLE_SEED"), *questions = getenv("ORACLE_QUESTIONS");
    uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
    uint64_t n = (questions ? strtoull(questions, NULL, 10) : QUESTIONS) / PER_CALENDAR;
    struct walk *walk = malloc(sizeof(*walk));

    (void)state;
    assert_non_null(walk);
    print_message("# seeds %" PRIu64 " to %" PRIu64 ", %d questions each\n", seed, seed + n, PER_CALENDAR);
    for (uint64_t i = 0; i <= n; i++)
        try_seed(seed + i, walk);
    free(walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_calendar_says_what_the_oracle_says),
    };

    return cmocka_run_group_tests_name("calendar/oracle", tests, NULL, NULL);
}
