// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/random.h"

#include <assert.h>

uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)random_next(random) * bound) >> 64);
}

int64_t random_between(struct random *random, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)high - (uint64_t)low;

    assert(low <= high);
    if (span == UINT64_MAX)
        return (int64_t)random_next(random);
    return (int64_t)((uint64_t)low + random_below(random, span + 1));
}
