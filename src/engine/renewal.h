// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How many minutes to ask for, and when to ask again: arithmetic on the boot clock, nothing else.
 *
 * An instant is *aligned* when it lies a whole number of minutes before the end of the stretch: a grant from
 * there can end exactly with it. Grants are in whole minutes, so no other instant leaves neither a gap before
 * the end nor a right beyond it.
 */

#include <stdbool.h>

#include "base/random.h"
#include "base/time.h"

#define RENEWAL_LATE USEC_PER_SEC       /* a timer may be this late and its instant still counts as aligned */
#define RENEWAL_LAST (5 * USEC_PER_SEC) /* no renewal is planned within this of the expiry */

/* Minutes to ask for: the policy's duration, cut to what is left of the stretch. 0: less than a minute is
 * left, so nothing may be asked for. */
unsigned renewal_minutes(unsigned duration_minutes, usec until_boot, usec now_boot);

/* The jitter of one grant: U(0, min(spread, life / 20)). */
usec renewal_jitter(usec spread, usec life, struct random *random);

struct renewal {
    usec granted_boot; /* when the live key was last asked for, or read */
    usec expires_boot; /* when it ends */
    usec aim_boot;     /* where a grant of whole minutes from granted_boot was to end; 0: not ours */
    usec life;         /* as granted */
    usec jitter;
    usec before; /* the policy's renewal.before */
    unsigned duration_minutes;
    usec until_boot; /* the end of the stretch */
};

/* Whether the key lasts to the end of the stretch, so that no renewal is needed. */
bool renewal_is_complete(const struct renewal *renewal);

/* Whether a grant that is asked for then would end later than the key that is live. */
bool renewal_gains(const struct renewal *renewal, usec boot);

/* When to renew, at or after now_boot; USEC_INFINITY: no more. The key is due at
 * expires - min(before, life / 3) - jitter, and a key that was met with less left than 15 s at expires - 5 s;
 * a renewal that can reach the end of the stretch goes out at the latest aligned instant in [granted + 1 s,
 * due], else at the earliest in (due, expires - 5 s], or in (due, expires) where one that is due gains
 * nothing, else when due. */
usec renewal_plan(const struct renewal *renewal, usec now_boot);
