// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Tells when there may be a way into the network again: a link that came up, or a new default route, as the
 * kernel says by rtnetlink(7). More often than it is true, and never a reason to give anything up.
 */

#include "base/cleanup.h"

typedef struct sd_event sd_event;

struct network_watch;

typedef void (*network_watch_handler)(void *context);

/* 0 or a negative errno, -EAFNOSUPPORT or -EPERM where netlink is shut off. */
int network_watch_new(sd_event *event, network_watch_handler handler, void *context,
                      struct network_watch **ret_watch);
struct network_watch *network_watch_free(struct network_watch *watch);
DEFINE_CLEANUP(struct network_watch *, network_watch_free);
