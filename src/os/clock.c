// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/clock.h"

#include <assert.h>
#include <time.h>

/* Cannot fail: the clocks are known to every kernel that this runs on. */
static usec read_clock(clockid_t id)
{
    struct timespec now = {0};
    int r = clock_gettime(id, &now);

    assert(r == 0);
    (void)r;
    return now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

usec clock_utc(void)
{
    return read_clock(CLOCK_REALTIME);
}

usec clock_boot(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

usec clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
