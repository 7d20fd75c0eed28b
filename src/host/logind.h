// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The way to systemd-logind: over the system bus, and made again, by itself, when bus or logind were away.
 * Never blocks; nothing runs while all is well. What logind says is none of its business: see sleep_lock.h
 * and session_watch.h.
 */

#include "base/cleanup.h"
#include "host/loop.h"

typedef struct sd_bus sd_bus;

#define LOGIND "org.freedesktop.login1"

enum logind_lack {
    LOGIND_THERE,      /* nothing is missing */
    LOGIND_NO_BUS,     /* the system bus cannot be reached */
    LOGIND_NO_SERVICE, /* it can, and logind is not on it */
};

struct logind_handlers {
    /* logind is there, on this bus, or (NULL) it is not any more: what was made on the bus is to be dropped.
     * `owner` is its unique name. Signals are to be matched by that: for a name that is well known,
     * libsystemd takes those of anybody, and any user may send them. */
    void (*way)(void *context, sd_bus *bus, const char *owner);
    /* What has been missing for LOGIND_PATIENCE, and why, or that it is there again; told once each. */
    void (*lack)(void *context, enum logind_lack lack, const char *why);
};

#define LOGIND_PATIENCE (5 * USEC_PER_SEC) /* a restart of logind or of the bus is no news */

struct logind;

/* Begins at once. `handlers` is borrowed. 0 or a negative errno. */
int logind_new(struct loop *loop, const struct logind_handlers *handlers, void *context,
               struct logind **ret_logind);
struct logind *logind_free(struct logind *logind);
DEFINE_CLEANUP(struct logind *, logind_free);
