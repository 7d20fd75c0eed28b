// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The practice site's whole state, under one lock: each request has a thread of its own, so have each
 * connection to the console and the keys' expiry. Whoever changes something logs it and wakes those who wait.
 *
 * True time is CLOCK_REALTIME; the site's clock is that plus an offset, which a test can set. Keys live and
 * die by the site's clock.
 */

#include <pthread.h>
#include <stdbool.h>

#include "accounts.h"
#include "base/time.h"
#include "faults.h"
#include "options.h"
#include "story-log.h"

struct site {
    const struct options *options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    usec offset; /* the site's clock minus true time */
    struct accounts accounts;
    struct faults faults;
    struct story_log log;
    bool ending;
};

usec site_true_time(void);
usec site_time(const struct site *site);
