// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Sleep as systemd-logind tells of it, and a delay lock that keeps the machine awake for the moment that it
 * takes to switch keys off: five seconds unless logind.conf says otherwise (InhibitDelayMaxSec=). Without the
 * lock sleep is told of all the same, only that nobody waits.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "host/loop.h"

typedef struct sd_bus sd_bus;

struct sleep_lock_handlers {
    /* The machine is about to sleep: sleep_lock_release() once it may; or it woke up, or did not fall asleep.
     */
    void (*sleep)(void *context, bool asleep);
    /* logind does not grant the lock that is wanted, and why; NULL: it does, or none is wanted any more. */
    void (*refused)(void *context, const char *why);
};

struct sleep_lock;

/* Does nothing before sleep_lock_use(). `handlers` is borrowed. 0 or a negative errno. */
int sleep_lock_new(struct loop *loop, const struct sleep_lock_handlers *handlers, void *context,
                   struct sleep_lock **ret_lock);
struct sleep_lock *sleep_lock_free(struct sleep_lock *lock);
DEFINE_CLEANUP(struct sleep_lock *, sleep_lock_free);

/* The bus that logind is on now, and its unique name there; NULL: none. A lock that is held stays, for logind
 * keeps it over a restart; a machine of which nothing is heard any more counts as awake. */
void sleep_lock_use(struct sleep_lock *lock, sd_bus *bus, const char *owner);

/* Whether a lock is to be held while the machine is awake. */
void sleep_lock_want(struct sleep_lock *lock, bool wanted);

/* Nothing is left to do before the machine sleeps. */
void sleep_lock_release(struct sleep_lock *lock);
