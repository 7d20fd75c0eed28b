// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How long something takes: many samples, and what is told of them.
 */

#include <stddef.h>
#include <stdint.h>

#define MEASURE_SAMPLES_MAX 100000

struct measure {
    int64_t samples[MEASURE_SAMPLES_MAX]; /* nanoseconds */
    size_t n;
};

/* Of the monotonic clock, in nanoseconds. */
int64_t measure_now(void);

/* Takes the time since `start`; samples beyond the cap are left out. */
void measure_take(struct measure *measure, int64_t start);

/* The sample below which that share of all lies: 0.5 is the median, 1 the worst. Sorts the samples. */
double measure_microseconds(struct measure *measure, double share);
