// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The warnings against a walk of two weeks, minute by minute: when a key first lapses for want of a renewal
 * window, when a limit is first spent, whether excludes leave anything of a window. And against themselves:
 * an entry that means nothing for ten years takes away the shortcut over weeks that are alike, and must
 * change no warning. Random policies, by seed; ORACLE_SEED=N starts elsewhere, ORACLE_POLICIES=N walks
 * through so many.
 */
#include "policy/policy.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"
#include "given.h"
#include "policy/dates.h"

#define WALKED    150
#define COMPARED  30
#define DAYS      14
#define MINUTES   (DAYS * 1440)
#define FIRST_UTC (INT64_C(1795392000) * USEC_PER_SEC) /* 2026-11-23 */
#define SPAN_DAYS 400                                  /* clock changes both ways */
#define YAML_SIZE 8192
#define FAR       "      - {dates: [2150-01-01]}\n"

struct text {
    char bytes[YAML_SIZE];
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text->size +=
        (size_t)vsnprintf(text->bytes + text->size, sizeof(text->bytes) - text->size, format, arguments);
    va_end(arguments);
    assert_true(text->size < sizeof(text->bytes));
}

static void add_times(struct text *text, struct random *random, unsigned longest)
{
    unsigned start = (unsigned)random_below(random, 96) * 15;
    unsigned end = (start + 15 * (1 + (unsigned)random_below(random, longest))) % 1440;

    add(text, "times: ['%02u:%02u-%02u:%02u']}\n", start / 60, start % 60, end / 60, end % 60);
}

static void add_date(struct text *text, struct random *random, usec now_utc)
{
    struct date date =
        date_from_days((int32_t)(now_utc / USEC_PER_DAY) + 1 + (int32_t)random_below(random, DAYS - 3));

    add(text, "dates: [%04d-%02u-%02u], ", (int)date.year, date.month, date.day);
}

static void add_days(struct text *text, struct random *random)
{
    static const char *const days[] = {"every_day: yes", "weekdays: ['mon:fri']", "weekdays: ['sat:sun']",
                                       "weekdays: [sunday]", "weekdays: ['tue:wed', sunday]"};

    add(text, "%s, ", days[random_below(random, ARRAY_SIZE(days))]);
}

/* A few at random, or one each hour, which are enough but where clocks are turned back. */
static void add_renewals(struct text *text, struct random *random)
{
    unsigned minutes = 5 * (1 + (unsigned)random_below(random, 11));

    add(text, "    renewal:\n      windows:\n");
    if (random_below(random, 2))
        for (unsigned hour = 0; hour < 24; hour++)
            add(text, "        - {every_day: yes, times: ['%02u:00-%02u:%02u']}\n", hour, hour, minutes);
    else
        for (uint64_t i = 0, n = 1 + random_below(random, 12); i < n; i++) {
            add(text, "        - {every_day: yes, ");
            add_times(text, random, 12);
        }
}

/* `far`: with an entry that makes no two weeks alike, and means nothing else. */
static void make_policy(struct text *text, struct random random, usec now_utc, bool dates, bool far)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo",
                                        "Australia/Lord_Howe"};

    *text = (struct text){.size = 0};
    add(text, SITE "    timezone: %s\n    duration: %um\n    active_hours:\n",
        zones[random_below(&random, ARRAY_SIZE(zones))], 10 + (unsigned)random_below(&random, 51));
    for (uint64_t i = 0, n = 1 + random_below(&random, 3); i < n; i++) {
        add(text, "      - {");
        dates &&random_below(&random, 2) ? add_date(text, &random, now_utc) : add_days(text, &random);
        add_times(text, &random, 60);
    }
    add(text, "%s", far ? FAR : "");
    if (random_below(&random, 2)) {
        add(text, "    exclude:\n");
        for (uint64_t i = 0, n = 1 + random_below(&random, 2); i < n; i++) {
            add(text, "      - {");
            dates &&random_below(&random, 2) ? add_date(text, &random, now_utc) : add_days(text, &random);
            add_times(text, &random, 95);
        }
    }
    add(text, "    limits: {continuous: %uh, per_day: %uh}\n", 1 + (unsigned)random_below(&random, 24),
        1 + (unsigned)random_below(&random, 24));
    add_renewals(text, &random);
}

/* --- What a walk finds; USEC_INFINITY: nothing --- */

struct found {
    usec lapse_utc, continuous_utc, per_day_utc;
    bool left[8]; /* of each window */
};

static bool on_at(const struct calendar *calendar, usec utc)
{
    struct calendar_answer answer;

    if (!calendar)
        return false;
    calendar_at(calendar, utc, &answer);
    return answer.on;
}

/* The last part of a minute before a stretch ends cannot be had: the walk looks a minute ahead. */
static void walk(const struct policy_site *site, usec now_utc, struct found *ret)
{
    usec life = site->duration_minutes * USEC_PER_MINUTE, expires = 0, began = 0, used = 0;
    int64_t day = 0;
    bool was_on = false;

    *ret = (struct found){USEC_INFINITY, USEC_INFINITY, USEC_INFINITY, {false}};
    for (int i = 0; i < MINUTES; i++) {
        usec utc = now_utc + i * USEC_PER_MINUTE;
        int64_t today = zone_wall(site->zone, utc) / USEC_PER_DAY;
        bool on = on_at(site->calendar, utc);

        if (today != day)
            used = 0;
        day = today;
        if (on && !was_on) {
            began = utc;
            expires = utc + life;
        }
        was_on = on;
        if (!on)
            continue;
        if (utc < expires && on_at(site->renewal_windows, utc))
            expires = utc + life;
        if (utc == expires && ret->lapse_utc == USEC_INFINITY && on_at(site->calendar, utc + USEC_PER_MINUTE))
            ret->lapse_utc = utc;
        if (utc - began == site->limit_continuous && ret->continuous_utc == USEC_INFINITY)
            ret->continuous_utc = utc;
        if (used == site->limit_per_day && ret->per_day_utc == USEC_INFINITY)
            ret->per_day_utc = utc;
        used += USEC_PER_MINUTE;
    }
}

static void walk_windows(const struct policy_site *site, usec now_utc, struct found *found)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(site->calendar, &n);

    for (size_t j = 0; j < n && intervals[j].kind == INTERVAL_ACTIVE_HOURS; j++)
        for (int i = 0; i < MINUTES && !found->left[j]; i++) {
            usec utc = now_utc + i * USEC_PER_MINUTE;
            struct calendar_answer answer;

            calendar_excluded_at(site->calendar, utc, &answer);
            found->left[j] = !answer.on && interval_at(&intervals[j], utc, NULL, NULL);
        }
}

/* --- What is said --- */

static const struct problem *said_of(const struct problems *problems, const char *key, const char *words)
{
    for (size_t i = 0; i < problems->n; i++)
        if (text_equal(problems->list[i].key, key) && strstr(problems->list[i].message, words))
            return &problems->list[i];
    return NULL;
}

/* The time behind those words must be what the walk found; one beyond the walk, nothing. */
static bool agrees(const struct problems *problems, const char *key, const char *words,
                   const struct zone *zone, usec found_utc, usec last_utc)
{
    const struct problem *problem = said_of(problems, key, words);
    char found[WALL_TEXT_MAX], last[WALL_TEXT_MAX];
    const char *said = problem ? strstr(problem->message, words) + strlen(words) : "none";

    wall_format(last, zone_wall(zone, last_utc));
    if (found_utc == USEC_INFINITY)
        return !problem || strncmp(said, last, strlen(last)) >= 0;
    wall_format(found, zone_wall(zone, found_utc));
    if (problem && text_starts_with(said, found))
        return true;
    print_error("%s: found %s, said %s\n", key, found, said);
    return false;
}

static bool windows_agree(const struct problems *problems, const struct policy_site *site,
                          const struct found *found)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(site->calendar, &n);
    bool right = true;

    for (size_t i = 0; i < n && intervals[i].kind == INTERVAL_ACTIVE_HOURS; i++) {
        char key[64];
        bool said, once = intervals[i].n_dates > 0;

        snprintf(key, sizeof(key), "sites.acme.active_hours[%zu]", i);
        said = said_of(problems, key, "leave nothing");
        if ((said && found->left[i]) ||
            (once && !said && !found->left[i] && !said_of(problems, key, "not happen"))) {
            print_error("%s: said %d, left %d\n", key, said, found->left[i]);
            right = false;
        }
    }
    return right;
}

static uint64_t first_seed(void)
{
    const char *given = getenv("ORACLE_SEED");

    return given ? strtoull(given, NULL, 0) : 20261123;
}

static uint64_t walked(void)
{
    const char *given = getenv("ORACLE_POLICIES");

    return given ? strtoull(given, NULL, 0) : WALKED;
}

static usec random_now(struct random *random)
{
    return FIRST_UTC + (usec)random_below(random, SPAN_DAYS * 1440) * USEC_PER_MINUTE;
}

static void test_a_walk_finds_what_is_said(void **state)
{
    uint64_t first = first_seed();
    size_t lapses = 0, nothing_left = 0;

    (void)state;
    for (uint64_t seed = first; seed < first + walked(); seed++) {
        struct random random = {seed};
        usec now_utc = random_now(&random);
        struct problems problems = PROBLEMS_INIT;
        struct policy *policy;
        struct found found;
        struct text text;

        make_policy(&text, random, now_utc, true, false);
        policy = accept_policy(text.bytes, false);
        assert_int_equal(policy_warn(policy, now_utc, &problems), 0);
        walk(&policy->sites[0], now_utc, &found);
        walk_windows(&policy->sites[0], now_utc, &found);
        if (!agrees(&problems, "sites.acme.renewal.windows", "would lapse at ", policy->sites[0].zone,
                    found.lapse_utc, now_utc + MINUTES * USEC_PER_MINUTE) ||
            !agrees(&problems, "sites.acme.limits.continuous", "goes off at ", policy->sites[0].zone,
                    found.continuous_utc, now_utc + MINUTES * USEC_PER_MINUTE) ||
            !agrees(&problems, "sites.acme.limits.per_day", "goes off at ", policy->sites[0].zone,
                    found.per_day_utc, now_utc + MINUTES * USEC_PER_MINUTE) ||
            !windows_agree(&problems, &policy->sites[0], &found))
            fail_msg("ORACLE_SEED=%" PRIu64 ", now %" PRId64 "\n%s", seed, now_utc / USEC_PER_SEC,
                     text.bytes);
        lapses += found.lapse_utc != USEC_INFINITY;
        nothing_left += said_of(&problems, "sites.acme.active_hours[0]", "leave nothing") != NULL;
        problems_done(&problems);
        policy_free(policy);
    }
    print_message("%zu of %" PRIu64 " lapse, of %zu nothing is left\n", lapses, walked(), nothing_left);
    if (walked() < WALKED)
        return; /* too few to have met everything */
    assert_in_range(lapses, 1, walked() - 1);
    assert_in_range(nothing_left, 1, walked() - 1);
}

static void test_weeks_that_are_alike_hide_nothing(void **state)
{
    uint64_t first = first_seed();
    size_t said = 0;

    (void)state;
    for (uint64_t seed = first; seed < first + COMPARED; seed++) {
        struct random random = {seed};
        usec now_utc = random_now(&random);
        struct problems problems[2] = {PROBLEMS_INIT, PROBLEMS_INIT};
        struct text text;

        for (int far = 0; far < 2; far++) {
            struct policy *policy;

            make_policy(&text, random, now_utc, false, far);
            policy = accept_policy(text.bytes, false);
            assert_int_equal(policy_warn(policy, now_utc, &problems[far]), 0);
            policy_free(policy);
        }
        if (problems[0].n != problems[1].n)
            fail_msg("ORACLE_SEED=%" PRIu64 "\n%s", seed, text.bytes);
        for (size_t i = 0; i < problems[0].n; i++) {
            assert_string_equal(problems[0].list[i].key, problems[1].list[i].key);
            if (!strstr(problems[0].list[i].message, "line")) /* which is one more */
                assert_string_equal(problems[0].list[i].message, problems[1].list[i].message);
        }
        said += problems[0].n;
        problems_done(&problems[0]);
        problems_done(&problems[1]);
    }
    assert_true(said > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_walk_finds_what_is_said),
        cmocka_unit_test(test_weeks_that_are_alike_hide_nothing),
    };

    print_message("ORACLE_SEED=%" PRIu64 "\n", first_seed());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
