// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is doubtful in a policy that is in order, seen from the present.
 */
#include "policy/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TOKEN_NEAR (14 * USEC_PER_DAY)
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

static int warn_past(const struct policy_site *site, const struct interval *interval, usec now_utc,
                     struct problems *problems)
{
    char key[KEY_MAX];

    if (!interval->absolute || zone_first_reach(interval->zone, interval->until_wall) > now_utc)
        return 0;
    snprintf(key, sizeof(key), "sites.%s", site->name);
    return problems_add(problems, true, interval->line, 0, key, "this window is past: take it out");
}

int policy_warn(const struct policy *policy, usec now_utc, struct problems *problems)
{
    for (size_t i = 0; i < policy->n_sites; i++) {
        const struct policy_site *site = &policy->sites[i];
        size_t n;
        const struct interval *intervals = calendar_intervals(site->calendar, &n);
        int r = warn_token(site, now_utc, problems);

        for (size_t j = 0; j < n && r == 0; j++)
            r = warn_past(site, &intervals[j], now_utc, problems);
        if (r < 0)
            return r;
    }
    problems_sort(problems);
    return 0;
}
