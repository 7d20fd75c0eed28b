// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/renewal_windows.h"

#include "engine/engine.h"
#include "engine/renewal.h"

/* The aligned instant at or before this one, where a grant from it reaches the end of the stretch and it is
 * not before `first`; else the instant itself. */
static usec align(const struct policy_site *site, usec first, usec boot, usec until_boot)
{
    usec minutes, aligned;

    if (until_boot == USEC_INFINITY)
        return boot;
    minutes = (until_boot - boot + USEC_PER_MINUTE - 1) / USEC_PER_MINUTE;
    aligned = until_boot - minutes * USEC_PER_MINUTE;
    return minutes <= site->duration_minutes && aligned >= first ? aligned : boot;
}

usec renewal_windows_last(const struct policy_site *site, const struct instant *now, usec from_boot,
                          usec due_boot, usec until_boot)
{
    usec utc_minus_boot = now->utc - now->boot, due_utc = due_boot + utc_minus_boot;
    usec room = site->renewal_mode == POLICY_RENEWAL_ONLY ? POLICY_RENEWAL_ROOM : RENEWAL_LATE;
    usec opens_utc = calendar_since(site->renewal_windows, due_utc), closes_utc, last;
    struct calendar_answer answer;

    calendar_at(site->renewal_windows, due_utc, &answer);
    closes_utc = answer.until;
    if (!answer.on) { /* the window before it */
        if (opens_utc == -USEC_INFINITY)
            return USEC_INFINITY;
        closes_utc = opens_utc;
        opens_utc = calendar_since(site->renewal_windows, closes_utc - 1);
    }
    last = closes_utc == USEC_INFINITY || due_utc <= closes_utc - room
               ? due_utc
               : usec_max(closes_utc - room, opens_utc);
    if (last - utc_minus_boot < from_boot)
        return USEC_INFINITY;
    last = align(site, usec_max(from_boot, opens_utc - utc_minus_boot), last - utc_minus_boot, until_boot);
    if (last >= now->boot)
        return last;
    return now->utc < closes_utc ? now->boot : USEC_INFINITY;
}

usec renewal_windows_first(const struct policy_site *site, const struct instant *now, usec boot)
{
    usec utc_minus_boot = now->utc - now->boot;
    struct calendar_answer answer;

    calendar_at(site->renewal_windows, boot + utc_minus_boot, &answer);
    if (answer.on)
        return boot;
    return answer.until == USEC_INFINITY ? USEC_INFINITY : answer.until - utc_minus_boot;
}
