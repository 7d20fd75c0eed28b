// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/warn.h"

#include "base/cleanup.h"

#define TOKEN_NEAR (14 * USEC_PER_DAY)

static int warn_token(const struct outlook *outlook)
{
    const struct policy_site *site = outlook->site;
    usec left;

    if (site->token_expires_utc == USEC_INFINITY || site->token_expires_utc - outlook->now_utc > TOKEN_NEAR)
        return 0;
    left = site->token_expires_utc - outlook->now_utc;
    if (left <= 0)
        return outlook_warn(outlook, "token_expires", site->token_expires_place,
                            "the token's last day is past: create a new one and set its date here");
    return outlook_warn(outlook, "token_expires", site->token_expires_place,
                        "the token expires within %lld days: create a new one soon, and set its date here",
                        (long long)((left + USEC_PER_DAY - 1) / USEC_PER_DAY));
}

/* Far from these, a clock was never set, and what it says of the future is nothing. */
static bool is_plausible(usec now_utc)
{
    static const struct date first = {2000, 1, 1}, last = {ZONE_YEAR_LAST - 20, 1, 1};

    return now_utc >= date_to_days(first) * USEC_PER_DAY && now_utc < date_to_days(last) * USEC_PER_DAY;
}

int policy_warn(const struct policy *policy, usec now_utc, struct problems *problems)
{
    static int (*const parts[])(const struct outlook *) = {
        warn_token, warn_windows, warn_excludes, warn_limits, warn_renewals,
    };
    int r = 0;

    for (size_t i = 0; i < policy->n_sites && r == 0 && is_plausible(now_utc); i++) {
        _cleanup_(outlook_done) struct outlook outlook = {.site = NULL};

        r = outlook_init(&outlook, &policy->sites[i], now_utc, now_utc + POLICY_LOOK_AHEAD, problems);
        for (size_t j = 0; j < ARRAY_SIZE(parts) && r == 0; j++)
            r = parts[j](&outlook);
    }
    problems_sort(problems);
    return r;
}
