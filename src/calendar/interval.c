// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/interval.h"

#include <stdlib.h>

void interval_done(struct interval *interval)
{
    free(interval->name);
    free(interval->reason);
    free(interval->days_of_month);
    free(interval->years);
    free(interval->dates);
    free(interval->times);
    *interval = (struct interval){0};
}

static int32_t last_of_dates(const struct interval *interval)
{
    int32_t last = INT32_MIN;

    for (size_t i = 0; i < interval->n_dates; i++)
        if (interval->dates[i].last > last)
            last = interval->dates[i].last;
    return last;
}

static int32_t last_of_years(const struct interval *interval)
{
    int16_t last = INT16_MIN;

    for (size_t i = 0; i < interval->n_years; i++)
        if (interval->years[i].last > last)
            last = interval->years[i].last;
    return date_to_days((struct date){last, 12, 31});
}

usec interval_last_wall(const struct interval *interval)
{
    int32_t days = INT32_MAX;

    if (interval->absolute)
        return interval->until_wall;
    if (interval->n_dates > 0)
        days = last_of_dates(interval);
    if (interval->n_years > 0 && last_of_years(interval) < days)
        days = last_of_years(interval);
    return days == INT32_MAX ? USEC_INFINITY : (days + 2) * USEC_PER_DAY; /* one may pass midnight */
}

bool interval_is_weekly(const struct interval *interval)
{
    return interval_last_wall(interval) == USEC_INFINITY && !interval->months &&
           interval->n_days_of_month == 0;
}
