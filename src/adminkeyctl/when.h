// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * WHEN, as people write it on the command line: an instant (RFC 3339), a local time ("2026-10-25 02:30"),
 * "now", or a distance from now ("+3h", "-7d"). Pure: the zone and the present are arguments.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "calendar/zone.h"

struct when {
    usec utc[ZONE_INSTANTS_MAX]; /* a local time may come twice, where clocks are set back */
    size_t n;
    bool skipped; /* a local time that never comes: utc[0] is the clock change that skips it */
};

/* 0, or -EINVAL with words for people. */
int when_parse(const char *text, const struct zone *zone, usec now_utc, struct when *ret_when,
               struct error *ret_error);

/* The instant as the zone's clock reads it: "Sun 2026-10-25 02:30 +02:00", with seconds where there are some.
 */
#define WHEN_TEXT_MAX 40
const char *when_format(char buffer[static WHEN_TEXT_MAX], const struct zone *zone, usec utc);

/* The same of a wall time, `offset` seconds east of UTC. */
const char *when_format_wall(char buffer[static WHEN_TEXT_MAX], usec wall, int32_t offset);
