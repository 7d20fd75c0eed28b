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
