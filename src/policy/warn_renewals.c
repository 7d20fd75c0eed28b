// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * In mode `only` a key lives through its hours on the renewal windows alone: from the start of a stretch, and
 * from the last useful instant of each window, it lasts for `duration`, in which the next window must come.
 */
#include "policy/dates.h"
#include "policy/warn.h"

struct life {
    usec granted_utc, expires_utc;
};

/* A key that lapses before its stretch ends. */
struct lapse {
    usec expires_utc, until_utc; /* of the key, of the stretch */
    usec renewed_utc;            /* the next renewal window; USEC_INFINITY: none */
};

static struct life life_from(const struct policy_site *site, usec utc)
{
    return (struct life){utc, utc + site->duration_minutes * USEC_PER_MINUTE};
}

/* Renews the key as late as the next window lets it; USEC_INFINITY: that window never closes. False where the
 * window comes too late: *ret_opens_utc. */
static bool renew(const struct policy_site *site, struct life *life, usec *ret_opens_utc)
{
    usec opens_utc = life->granted_utc, last_utc;
    struct calendar_answer answer;

    calendar_at(site->renewal_windows, opens_utc, &answer);
    /* Behind the last useful instant of a window, only the next one counts. */
    if (answer.on && answer.until != USEC_INFINITY && answer.until - POLICY_RENEWAL_ROOM <= opens_utc)
        calendar_at(site->renewal_windows, answer.until, &answer);
    if (!answer.on) {
        opens_utc = answer.until;
        *ret_opens_utc = opens_utc;
        if (opens_utc >= life->expires_utc)
            return false;
        calendar_at(site->renewal_windows, opens_utc, &answer);
    }
    if (answer.until == USEC_INFINITY) {
        life->expires_utc = USEC_INFINITY;
        return true;
    }
    last_utc = usec_max(answer.until - POLICY_RENEWAL_ROOM, opens_utc);
    *life = life_from(site, last_utc);
    return true;
}

/* The last part of a minute before the end cannot be had in any case. */
static bool find_lapse_in(const struct outlook *outlook, usec from_utc, usec until_utc, struct lapse *ret)
{
    struct life life = life_from(outlook->site, from_utc);

    while (life.expires_utc < until_utc - USEC_PER_MINUTE && life.expires_utc < outlook->until_utc) {
        usec utc = outlook_skip_alike(outlook, outlook->site->renewal_windows, life.granted_utc), opens_utc;

        if (utc > life.granted_utc) {
            life = life_from(outlook->site, utc);
        } else if (!renew(outlook->site, &life, &opens_utc)) {
            *ret = (struct lapse){life.expires_utc, until_utc, opens_utc};
            return true;
        }
    }
    return false;
}

/* A stretch that is on now counts as begun now, as for a daemon that is started with this policy. */
static bool find_lapse(const struct outlook *outlook, struct lapse *ret)
{
    struct calendar_answer answer;

    for (usec utc = outlook->now_utc; utc < outlook->until_utc;
         utc = outlook_skip_alike(outlook, outlook->site->renewal_windows, answer.until)) {
        calendar_at(outlook->site->calendar, utc, &answer);
        if (answer.on && find_lapse_in(outlook, utc, answer.until, ret))
            return true;
        if (answer.until == USEC_INFINITY)
            return false;
    }
    return false;
}

int warn_renewals(const struct outlook *outlook)
{
    const struct policy_site *site = outlook->site;
    char expires[WALL_TEXT_MAX], then[WALL_TEXT_MAX];
    struct lapse lapse;

    if (!site->renewal_windows || site->renewal_mode != POLICY_RENEWAL_ONLY || !find_lapse(outlook, &lapse))
        return 0;
    wall_format(expires, zone_wall(site->zone, lapse.expires_utc));
    if (lapse.renewed_utc < lapse.until_utc)
        return outlook_warn(outlook, "renewal.windows", site->renewal_windows_place,
                            "the key would lapse at %s, for the next of these windows opens no earlier "
                            "than %s: let one open before, or choose mode: prefer",
                            expires, wall_format(then, zone_wall(site->zone, lapse.renewed_utc)));
    if (lapse.until_utc == USEC_INFINITY)
        return outlook_warn(outlook, "renewal.windows", site->renewal_windows_place,
                            "the key would lapse at %s, for none of these windows comes after that: let one "
                            "open before, or choose mode: prefer",
                            expires);
    return outlook_warn(outlook, "renewal.windows", site->renewal_windows_place,
                        "the key would lapse at %s, for none of these windows opens before its hours end at "
                        "%s: let one open before, or choose mode: prefer",
                        expires, wall_format(then, zone_wall(site->zone, lapse.until_utc)));
}
