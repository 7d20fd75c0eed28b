// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Tells when the machine's clock was set, or woke from a suspend: whatever was reckoned by the old time is to
 * be reckoned anew. Costs nothing until then.
 */

#include <systemd/sd-event.h>

#include "base/cleanup.h"

struct clock_watch;

typedef void (*clock_watch_handler)(void *context);

/* 0 or a negative errno. */
int clock_watch_new(sd_event *event, clock_watch_handler handler, void *context,
                    struct clock_watch **ret_watch);
struct clock_watch *clock_watch_free(struct clock_watch *watch);
DEFINE_CLEANUP(struct clock_watch *, clock_watch_free);
