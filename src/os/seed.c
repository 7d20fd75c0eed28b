// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/seed.h"

#include <sys/random.h>
#include <unistd.h>

#include "os/clock.h"

uint64_t seed_draw(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == (ssize_t)sizeof(seed))
        return seed;
    return (uint64_t)clock_utc() ^ (uint64_t)clock_boot() << 20 ^ (uint64_t)getpid() << 44;
}
