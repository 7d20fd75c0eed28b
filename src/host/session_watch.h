// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Whether the session is locked, as systemd-logind knows it (LockedHint, which desktops keep; the signals
 * Lock and Unlock only ask for it).
 *
 * Those sessions count that are graphical, on a seat of this machine, and not about to end: for the system's
 * service all users' and the login screen, which counts as locked; for a user's service that user's. Locked
 * is when there are such sessions and none of them is unlocked; where there are none (a server, a login over
 * the network or on a text console), nothing is locked.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"

typedef struct sd_bus sd_bus;

#define SESSION_WATCH_MAX 64 /* sessions; more do not count */
#define SESSION_WATCH_ALL ((uid_t)-1)

struct session_watch_handlers {
    /* Told once it is known, and at each change. While logind is out of sight, the last answer stays. */
    void (*locked)(void *context, bool locked);
    /* The sessions cannot be read, and why; NULL: they can. */
    void (*failed)(void *context, const char *why);
};

struct session_watch;

/* For the sessions of that user, or SESSION_WATCH_ALL. Does nothing before it is wanted and
 * session_watch_use() was called. `handlers` is borrowed. 0 or -ENOMEM. */
int session_watch_new(uid_t uid, const struct session_watch_handlers *handlers, void *context,
                      struct session_watch **ret_watch);
struct session_watch *session_watch_free(struct session_watch *watch);
DEFINE_CLEANUP(struct session_watch *, session_watch_free);

/* The bus that logind is on now, and its unique name there; NULL: none. */
void session_watch_use(struct session_watch *watch, sd_bus *bus, const char *owner);

/* Whether anybody wants to know. Nobody: nothing is asked, and what was locked is told to be no longer. */
void session_watch_want(struct session_watch *watch, bool wanted);
