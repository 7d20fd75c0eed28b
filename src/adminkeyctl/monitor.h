// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The stream of statuses that `watch` and `wait` live on. It outlives the daemon: where that goes away, in a
 * restart say, it is tried again until it is back. Says so on stderr, and why something failed for good.
 */

#include "adminkeyctl/verb.h"
#include "base/cleanup.h"
#include "control/message.h"

struct monitor;

/* Connects; a daemon that is not there now is a failure. `quiet` leaves it to the caller to say that the
 * daemon is away. The arguments are borrowed. STATUS_DONE or an exit status. */
int monitor_open(const struct arguments *arguments, bool quiet, struct monitor **ret_monitor);
struct monitor *monitor_free(struct monitor *monitor);
DEFINE_CLEANUP(struct monitor *, monitor_free);

/* Takes the next reply. STATUS_DONE, an exit status, or CLIENT_TIMED_OUT: none came until `due_boot`, or,
 * where it is quiet, the daemon went away. */
int monitor_next(struct monitor *monitor, usec due_boot, struct message_reply *ret_reply);

/* Whether a further reply is there already. */
bool monitor_has_more(struct monitor *monitor);

/* Whether the daemon is away, and tried again. */
bool monitor_is_away(const struct monitor *monitor);

/* Says that the reply is none that this program understands. STATUS_UNREACHABLE. */
int monitor_complain_of_garbage(const struct monitor *monitor);
