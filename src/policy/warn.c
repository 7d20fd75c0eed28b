// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is doubtful in a policy that is in order, seen from the present.
 */
#include "policy/policy.h"

#include <stdio.h>

#define TOKEN_NEAR (14 * USEC_PER_DAY)
#define LOOK_AHEAD (366 * USEC_PER_DAY)
#define KEY_MAX    256

static int warn_token(const struct policy_site *site, usec now_utc, struct problems *problems)
{
    char key[KEY_MAX];
    usec left;

    if (site->token_expires_utc == USEC_INFINITY || site->token_expires_utc - now_utc > TOKEN_NEAR)
        return 0;
    left = site->token_expires_utc - now_utc;
    snprintf(key, sizeof(key), "sites.%s.token_expires", site->name);
    if (left <= 0)
        return problems_add(problems, true, site->line, 0, key,
                            "the token's last day is past: create a new one and set its date here");
    return problems_add(problems, true, site->line, 0, key,
                        "the token expires within %lld days: create a new one soon, and set its date here",
                        (long long)((left + USEC_PER_DAY - 1) / USEC_PER_DAY));
}

/* The entry as the policy has it: they stand in the calendar in the order of their list. */
static const char *interval_path(char buffer[static KEY_MAX], const struct policy_site *site,
                                 const struct interval *interval)
{
    static const char *const lists[] = {
        [INTERVAL_ACTIVE_HOURS] = "active_hours",
        [INTERVAL_MAINTENANCE_WINDOW] = "maintenance_windows",
        [INTERVAL_EXCLUDE] = "exclude",
    };
    size_t n, index = 0;
    const struct interval *intervals = calendar_intervals(site->calendar, &n);

    for (; intervals < interval; intervals++)
        index += intervals->kind == interval->kind;
    snprintf(buffer, KEY_MAX, "sites.%s.%s[%zu]", site->name, lists[interval->kind], index);
    return buffer;
}

static int warn_past(const struct policy_site *site, const struct interval *interval, usec now_utc,
                     struct problems *problems)
{
    char key[KEY_MAX];

    if (zone_first_reach(interval->zone, interval->until_wall) > now_utc)
        return 0;
    return problems_add(problems, true, interval->line, 0, interval_path(key, site, interval),
                        "this window is past: take it out");
}

/* Whether a window of the interval starts on that local date. */
static bool starts_on(const struct interval *interval, int32_t days)
{
    struct interval whole_days = *interval;

    whole_days.times = NULL;
    whole_days.n_times = 0;
    return interval_at(
        &whole_days, zone_first_reach(interval->zone, days * USEC_PER_DAY + 12 * USEC_PER_HOUR), NULL, NULL);
}

/* The first stretch that starts on that date and that the clock leaves less than a minute of, or NULL. */
static const struct interval_times *find_skipped(const struct interval *interval, int32_t days)
{
    usec midnight = days * USEC_PER_DAY;

    for (size_t i = 0; i < interval->n_times; i++) {
        const struct interval_times *times = &interval->times[i];
        usec opens = zone_first_reach(interval->zone, midnight + times->start * USEC_PER_SEC);
        usec closes = zone_first_reach(interval->zone, midnight + times->end * USEC_PER_SEC);

        if (closes - opens < USEC_PER_MINUTE && starts_on(interval, days))
            return times;
    }
    return NULL;
}

/* Says so for the next clock change that swallows a window, within a year. */
static int warn_skipped(const struct policy_site *site, const struct interval *interval, usec now_utc,
                        struct problems *problems)
{
    const struct zone_transition *change = zone_next_transition(interval->zone, now_utc);
    char key[KEY_MAX];

    for (; change && change->utc < now_utc + LOOK_AHEAD;
         change = zone_next_transition(interval->zone, change->utc)) {
        int32_t day = (int32_t)((change->utc + change->offset_before * USEC_PER_SEC) / USEC_PER_DAY);

        for (int32_t start = day - 1; start <= day; start++) {
            const struct interval_times *times = find_skipped(interval, start);
            struct date date = date_from_days(start);

            if (times)
                return problems_add(
                    problems, true, interval->line, 0, interval_path(key, site, interval),
                    "the clock change of %04d-%02u-%02u leaves less than a minute of the window "
                    "that starts at %02d:%02d: it does not happen then",
                    (int)date.year, date.month, date.day, (int)times->start / 3600,
                    (int)times->start / 60 % 60);
        }
    }
    return 0;
}

int policy_warn(const struct policy *policy, usec now_utc, struct problems *problems)
{
    for (size_t i = 0; i < policy->n_sites; i++) {
        const struct policy_site *site = &policy->sites[i];
        size_t n;
        const struct interval *intervals = calendar_intervals(site->calendar, &n);
        int r = warn_token(site, now_utc, problems);

        for (size_t j = 0; j < n && r == 0; j++)
            r = intervals[j].absolute ? warn_past(site, &intervals[j], now_utc, problems)
                                      : warn_skipped(site, &intervals[j], now_utc, problems);
        if (r < 0)
            return r;
    }
    problems_sort(problems);
    return 0;
}
