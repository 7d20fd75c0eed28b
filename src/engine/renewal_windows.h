// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The policy's renewal windows (renewal.windows), on the boot clock: which instants they leave for a renewal.
 * They are read by this machine's clock, as it stands at `now`.
 */

#include <stdbool.h>

#include "base/time.h"
#include "policy/policy.h"

struct instant;

/* The last instant in [from, due] that lies in a renewal window: the one to renew at, so that the key lasts
 * as long as it can; `now` where that is past and its window still open. Where a grant from that window can
 * reach `until`, the end of the stretch, it is an aligned one (renewal.h). USEC_INFINITY: none. */
usec renewal_windows_last(const struct policy_site *site, const struct instant *now, usec from_boot,
                          usec due_boot, usec until_boot);

/* The first instant at or after this one that lies in a renewal window; USEC_INFINITY: none. */
usec renewal_windows_first(const struct policy_site *site, const struct instant *now, usec boot);
