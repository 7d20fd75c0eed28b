// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The hours of a site as a picture for people: a row a day, and below it the transitions in words. Pure but
 * for writing to `out`: the present and the paint are arguments.
 */

#include <stdio.h>

#include "adminkeyctl/paint.h"
#include "policy/policy.h"

struct picture {
    const struct policy_site *site;
    int32_t first_day; /* local date, as days since 1970-01-01 */
    unsigned days;
    usec now_utc;
};

void picture_draw(FILE *out, const struct paint *paint, const struct picture *picture);
