// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The clocks of one virtual machine, as functions of true time: the boot clock, which begins with a boot and
 * runs on in suspend; UTC as the machine reckons it, which may be off, may be set and may drift with the boot
 * clock; and the monotonic clock, which stands still in suspend.
 */

#include <stdbool.h>

#include "base/time.h"

#define CLOCKS_DRIFT_MOST 180 /* ppm; the engine allows for 200 */

struct clocks {
    usec since_true,
        since_boot; /* the boot clock read since_boot at since_true, and has run at `ppm` since */
    int ppm;
    usec utc_minus_boot;
    usec slept;      /* of the boot clock: what the monotonic clock lacks */
    usec slept_boot; /* asleep since then; USEC_INFINITY: awake */
};

/* A boot: the boot clock begins, UTC is off by `error`. */
void clocks_begin(struct clocks *clocks, usec true_utc, usec error);

usec clocks_boot(const struct clocks *clocks, usec true_utc);
usec clocks_utc(const struct clocks *clocks, usec true_utc);
usec clocks_monotonic(const struct clocks *clocks, usec true_utc);

/* The first true instant at which the boot clock reads that much; USEC_INFINITY for USEC_INFINITY. */
usec clocks_when(const struct clocks *clocks, usec boot);

/* UTC minus true time. */
usec clocks_error(const struct clocks *clocks, usec true_utc);

void clocks_step(struct clocks *clocks, usec by);
/* From now on the machine's oscillator runs so much too fast. At most CLOCKS_DRIFT_MOST either way. */
void clocks_drift(struct clocks *clocks, usec true_utc, int ppm);
void clocks_sleep(struct clocks *clocks, usec true_utc);
void clocks_resume(struct clocks *clocks, usec true_utc);
