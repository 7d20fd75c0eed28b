// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure.h"

#include <stdlib.h>
#include <time.h>

int64_t measure_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void measure_take(struct measure *measure, int64_t start)
{
    int64_t taken = measure_now() - start;

    if (measure->n < MEASURE_SAMPLES_MAX)
        measure->samples[measure->n++] = taken;
}

static int compare(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;

    return first < second ? -1 : first > second;
}

double measure_microseconds(struct measure *measure, double share)
{
    size_t rank = (size_t)(share * (double)measure->n);

    if (measure->n == 0)
        return 0;
    qsort(measure->samples, measure->n, sizeof(*measure->samples), compare);
    return (double)measure->samples[rank < measure->n ? rank : measure->n - 1] / 1000;
}
