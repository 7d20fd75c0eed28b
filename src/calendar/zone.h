// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A time zone as an immutable table of transitions, from the bytes of a TZif file (RFC 9636): the explicit
 * transitions, and beyond them those of the POSIX TZ rule in its footer, written out to the year
 * ZONE_YEAR_LAST. Reading the file is os/zone_file.h's part.
 *
 * Local time is a *wall* time: microseconds since 1970-01-01T00:00:00 as the wall clock would count them, so
 * wall = utc + offset. A wall time can come twice (clocks turned back) or never (turned forward).
 */

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/time.h"

#define ZONE_NAME_MAX  63
#define ZONE_FILE_MAX  (256 * 1024) /* cap of a TZif file; the largest of tzdata 2025b has below 4 KiB */
#define ZONE_YEAR_LAST 2200

struct zone;

/* One change of the offset: from `utc` on, local time is `offset` seconds east of UTC. */
struct zone_transition {
    usec utc;
    int32_t offset_before; /* seconds */
    int32_t offset;        /* seconds, never equal to offset_before */
};

/* 0, -EBADMSG for bytes that are not a TZif file of version 2 or later, or a footer that is not one, -ENOMEM.
 * Leap-second ("right/") files are -EBADMSG: their instants are not POSIX time. */
int zone_parse(const char *name, const void *bytes, size_t size, struct zone **ret_zone);
struct zone *zone_free(struct zone *zone);
DEFINE_CLEANUP(struct zone *, zone_free);

const char *zone_name(const struct zone *zone);

/* Seconds east of UTC at that instant. */
int32_t zone_offset(const struct zone *zone, usec utc);

/* The wall clock's reading at that instant. */
usec zone_wall(const struct zone *zone, usec utc);

/* The first instant at which the wall clock reads `wall` or later. This one rule settles every edge of every
 * window at clock changes: a skipped time counts from the change, a doubled one from its first coming. */
usec zone_first_reach(const struct zone *zone, usec wall);

/* The instants at which the wall clock reads exactly `wall`, in their order; returns their number, 0 for a
 * time that is skipped. */
#define ZONE_INSTANTS_MAX 2
size_t zone_instants(const struct zone *zone, usec wall, usec ret_utc[static ZONE_INSTANTS_MAX]);

/* The latest wall time that the clock has read up to that instant, this one included: it stands still while
 * the clock goes once more through a time that it has read before. Thus zone_first_reach(zone, wall) <= utc
 * exactly where zone_reached(zone, utc) >= wall. */
usec zone_reached(const struct zone *zone, usec utc);

/* The first transition strictly after that instant; NULL where there is none. Borrowed. */
const struct zone_transition *zone_next_transition(const struct zone *zone, usec utc);

/*
 * Where the bytes of zones come from, as an argument to pure code. `read` puts the TZif file of that IANA
 * name into `bytes`, which are empty and have a cap of ZONE_FILE_MAX: 0, -ENOENT for a name that the system
 * does not have, or another negative errno.
 */
struct zone_reader {
    int (*read)(void *context, const char *name, struct bytes *bytes);
    void *context;
};
