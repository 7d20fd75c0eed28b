// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one door to the clocks. Layers that decide take time as an argument; the programs read it here.
 */

#include "base/time.h"

/* This machine's idea of UTC: may be wrong, may jump. */
usec clock_utc(void);

/* CLOCK_BOOTTIME: runs on in suspend, never jumps. */
usec clock_boot(void);

/* CLOCK_MONOTONIC: stands still in suspend; what systemd wants in MONOTONIC_USEC. */
usec clock_monotonic(void);
