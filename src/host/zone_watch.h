// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Tells when the system's time zones have changed, as at an upgrade of tzdata: what was reckoned by the old
 * ones is to be reckoned anew. Looks at the directories of the zones that count, and costs nothing until
 * then.
 */

#include "base/cleanup.h"
#include "host/loop.h"

/* An upgrade replaces one file after the other: it is told of once nothing has changed for so long. */
#define ZONE_WATCH_SETTLES (2 * USEC_PER_SEC)

struct zone_watch;

typedef void (*zone_watch_handler)(void *context);

/* 0 or a negative errno. */
int zone_watch_new(struct loop *loop, zone_watch_handler handler, void *context,
                   struct zone_watch **ret_watch);
struct zone_watch *zone_watch_free(struct zone_watch *watch);
DEFINE_CLEANUP(struct zone_watch *, zone_watch_free);

/* From now on these zones count, by their IANA names. 0, or a negative errno: then changes may go unseen. */
int zone_watch_set(struct zone_watch *watch, const char *const *names, size_t n);
