// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/site.h"

#define DEFAULT_MINUTES 10 /* no duration, or 0 */

usec site_now(const struct site *site, usec true_utc)
{
    return true_utc + site->offset;
}

usec site_key_ends(const struct site *site)
{
    return site->live ? site->expires_site - site->offset : USEC_INFINITY;
}

void site_pass(struct site *site, usec true_utc)
{
    if (site->live && site_now(site, true_utc) >= site->expires_site)
        site->live = false;
}

static usec round_expiry(enum site_rounding rounding, usec expires)
{
    usec unit = rounding == SITE_ROUNDS_NOTHING ? USEC_PER_MSEC : USEC_PER_SEC;

    if (rounding == SITE_ROUNDS_UP)
        expires += unit - 1;
    return expires - expires % unit;
}

static void grant(struct site *site, usec true_utc, unsigned minutes, bool cut, unsigned issuer)
{
    usec expires =
        round_expiry(site->guesses.rounding, site_now(site, true_utc) + (usec)minutes * USEC_PER_MINUTE);

    if (site->live && site->guesses.keeps_longer && expires < site->expires_site)
        return; /* the key stays what it was, and whose */
    site->live = true;
    site->expires_site = expires;
    site->granted_true = true_utc;
    site->issuer = issuer;
    site->late = false;
    site->stretch_ends_true = USEC_INFINITY;
    site->issued_steps = site->steps;
    site->cut = cut;
}

static struct site_answer answer(const struct site *site, usec true_utc, int status)
{
    return (struct site_answer){
        .status = status,
        .has_key = status == 200,
        .expires_site = site->expires_site,
        .date_site = site_now(site, true_utc),
    };
}

struct site_answer site_act(struct site *site, usec true_utc, enum confluence_call call, unsigned minutes,
                            unsigned short_minutes, unsigned issuer)
{
    bool cut;

    site_pass(site, true_utc);
    switch (call) {
    case CONFLUENCE_GET: return answer(site, true_utc, site->live ? 200 : 404);
    case CONFLUENCE_DELETE: site->live = false; return answer(site, true_utc, 204);
    case CONFLUENCE_POST: break;
    }
    if (minutes > CONFLUENCE_MINUTES_MAX && !site->guesses.clamps)
        return answer(site, true_utc, 400);
    if (minutes == 0)
        minutes = DEFAULT_MINUTES;
    if (minutes > CONFLUENCE_MINUTES_MAX)
        minutes = CONFLUENCE_MINUTES_MAX;
    cut = short_minutes != 0 && short_minutes < minutes;
    grant(site, true_utc, cut ? short_minutes : minutes, cut, issuer);
    return answer(site, true_utc, 200);
}

void site_set_clock(struct site *site, usec true_utc, usec by)
{
    site_pass(site, true_utc);
    site->offset += by;
    site->steps++;
    site->stepped_true = true_utc;
    site_pass(site, true_utc);
}
