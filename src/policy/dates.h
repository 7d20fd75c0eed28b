// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The forms of local dates and times in a policy, strictly: each field has all its digits, nothing may
 * follow.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/* "2027-06-30", in the years that zones cover: days since 1970-01-01. */
bool date_parse(const char *text, int32_t *ret_days);

/* "2027-03-05 18:00" or "2027-03-05 18:00:30": a wall time. */
bool wall_parse(const char *text, usec *ret_wall);

/* As wall_parse() reads it, with seconds only where there are any. */
#define WALL_TEXT_MAX 32
const char *wall_format(char buffer[static WALL_TEXT_MAX], usec wall);

/* "08:30", or "24:00": seconds since midnight. */
bool clock_parse(const char *text, int32_t *ret_seconds);
