// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a picture of hours cannot show to the second: each instant at which the policy wants the key on or
 * off, in local time and UTC, with the lines of the policy that are its cause. Pure but for writing to `out`.
 */

#include <stdio.h>

#include "adminkeyctl/hours.h"
#include "adminkeyctl/paint.h"
#include "policy/policy.h"

/* The stretches of on and off that have a part in `shown`, whole: the first may begin before it, the last end
 * after it. */
void transitions_tell(FILE *out, const struct paint *paint, const struct policy_site *site,
                      struct hours_window shown);

/* Where the zone's clock changes in `shown`, and what that means for a ruler that counts the time that
 * passes. */
void transitions_tell_clock(FILE *out, const struct paint *paint, const struct zone *zone,
                            struct hours_window shown);
