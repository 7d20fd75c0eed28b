// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/clocks.h"

#define FIRST_BOOT (20 * USEC_PER_SEC) /* what a boot takes until a daemon runs */
#define MILLION    1000000

void clocks_begin(struct clocks *clocks, usec true_utc, usec error)
{
    *clocks = (struct clocks){
        .since_true = true_utc,
        .since_boot = FIRST_BOOT,
        .utc_minus_boot = true_utc + error - FIRST_BOOT,
        .slept_boot = USEC_INFINITY,
    };
}

usec clocks_boot(const struct clocks *clocks, usec true_utc)
{
    usec elapsed = true_utc - clocks->since_true;

    if (clocks->ppm != 0)
        elapsed = (usec)((__int128)elapsed * (MILLION + clocks->ppm) / MILLION);
    return clocks->since_boot + elapsed;
}

usec clocks_utc(const struct clocks *clocks, usec true_utc)
{
    return clocks_boot(clocks, true_utc) + clocks->utc_minus_boot;
}

usec clocks_monotonic(const struct clocks *clocks, usec true_utc)
{
    usec boot = clocks_boot(clocks, true_utc);

    return (boot < clocks->slept_boot ? boot : clocks->slept_boot) - clocks->slept;
}

usec clocks_when(const struct clocks *clocks, usec boot)
{
    usec elapsed = boot - clocks->since_boot;

    if (boot == USEC_INFINITY)
        return USEC_INFINITY;
    if (clocks->ppm != 0) {
        __int128 scaled = (__int128)elapsed * MILLION, rate = MILLION + clocks->ppm;

        elapsed = (usec)(scaled / rate) + (scaled % rate > 0);
    }
    return clocks->since_true + elapsed;
}

usec clocks_error(const struct clocks *clocks, usec true_utc)
{
    return clocks_utc(clocks, true_utc) - true_utc;
}

void clocks_step(struct clocks *clocks, usec by)
{
    clocks->utc_minus_boot += by;
}

void clocks_drift(struct clocks *clocks, usec true_utc, int ppm)
{
    clocks->since_boot = clocks_boot(clocks, true_utc);
    clocks->since_true = true_utc;
    clocks->ppm = ppm;
}

void clocks_sleep(struct clocks *clocks, usec true_utc)
{
    clocks->slept_boot = clocks_boot(clocks, true_utc);
}

void clocks_resume(struct clocks *clocks, usec true_utc)
{
    clocks->slept += clocks_boot(clocks, true_utc) - clocks->slept_boot;
    clocks->slept_boot = USEC_INFINITY;
}
