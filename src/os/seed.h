// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Chance from outside: the seed of base/random.h. For jitter, not for secrets.
 */

#include <stdint.h>

/* Never blocks and never fails: where the kernel has no entropy yet, clocks and the process id have to do. */
uint64_t seed_draw(void);
