// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/renewal.h"

#include "confluence/confluence.h"
#include "engine/mutant.h"

unsigned renewal_minutes(unsigned duration_minutes, usec until_boot, usec now_boot)
{
    usec minutes;

    if (until_boot == USEC_INFINITY || MUTANT(MUTANT_EXPOSURE))
        return duration_minutes;
    minutes = until_boot > now_boot ? (until_boot - now_boot + RENEWAL_LATE) / USEC_PER_MINUTE : 0;
    return (unsigned)usec_min(minutes, duration_minutes);
}

usec renewal_jitter(usec spread, usec life, struct random *random)
{
    usec most = usec_min(spread, life / 20);

    return most > 0 ? random_between(random, 0, most) : 0;
}

bool renewal_is_complete(const struct renewal *renewal)
{
    usec until = renewal->until_boot;

    if (until == USEC_INFINITY)
        return false;
    /* The expiry comes from the site's clock, which may count as equal while it is two seconds off: a grant
     * that aimed at the end and came out a little short cannot be bettered by another. */
    return renewal->expires_boot >= until - USEC_PER_SEC / 2 ||
           (renewal->aim_boot >= until - USEC_PER_SEC / 2 &&
            renewal->expires_boot >= until - 3 * USEC_PER_SEC);
}

/* The latest instant at or before `boot` that is a whole number of minutes before `until`; its number of
 * minutes goes to *ret_minutes. */
static usec aligned_before(usec until, usec boot, usec *ret_minutes)
{
    *ret_minutes = (until - boot + USEC_PER_MINUTE - 1) / USEC_PER_MINUTE;
    return until - *ret_minutes * USEC_PER_MINUTE;
}

bool renewal_gains(const struct renewal *renewal, usec boot)
{
    unsigned minutes = renewal_minutes(renewal->duration_minutes, renewal->until_boot, boot);

    return minutes > 0 && boot + (usec)minutes * USEC_PER_MINUTE > renewal->expires_boot;
}

usec renewal_plan(const struct renewal *renewal, usec now_boot)
{
    usec duration = renewal->duration_minutes * USEC_PER_MINUTE;
    usec third = usec_max(usec_min(renewal->life, duration) / 3, RENEWAL_LAST);
    usec margin = usec_min(renewal->before, third);
    usec due = renewal->expires_boot - margin - renewal->jitter;
    usec aligned, minutes, last;

    if (renewal_is_complete(renewal))
        return USEC_INFINITY;
    if (MUTANT(MUTANT_COVERAGE))
        return usec_max(renewal->expires_boot + USEC_PER_SEC, now_boot);
    if (renewal->until_boot == USEC_INFINITY)
        return usec_max(due, now_boot);

    aligned = aligned_before(renewal->until_boot, due, &minutes);
    if (minutes <= renewal->duration_minutes && aligned >= renewal->granted_boot + USEC_PER_SEC &&
        aligned >= now_boot - RENEWAL_LATE)
        return usec_max(aligned, now_boot);

    aligned = aligned_before(renewal->until_boot, usec_max(due, now_boot), &minutes);
    if (aligned < now_boot - RENEWAL_LATE || due > now_boot)
        aligned += USEC_PER_MINUTE;
    last = renewal->expires_boot - (renewal_gains(renewal, usec_max(due, now_boot)) ? RENEWAL_LAST : 1);
    if (aligned >= renewal->until_boot - duration && aligned < renewal->until_boot && aligned <= last)
        return usec_max(aligned, now_boot);
    return usec_max(due, now_boot);
}
