// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Intervals taken as one: on where any of them is. A calendar has two sets, its windows and its excludes.
 *
 * Intervals that mean the same days of the same zone are searched as one, whose times are theirs put
 * together; which of them it was that covers an instant, those as written are asked.
 */

#include <stdbool.h>
#include <stddef.h>

#include "calendar/interval.h"

struct set {
    const struct interval **intervals; /* as written, each borrowed; those of one zone stand together */
    size_t n;
    const struct interval *rules; /* what is searched: own none of their lists; by zone and start */
    size_t n_rules;
    struct interval_times *times; /* owned; the rules' */
    bool always;                  /* together they leave no gap, ever */
};

/* Of those intervals that are excludes, or of all others; they are borrowed. 0 or -ENOMEM. */
int set_init(struct set *set, const struct interval *intervals, size_t n, bool excludes);
void set_done(struct set *set);

/* The interval that covers the instant, the one that does so the longest where several do; NULL: none does.
 */
const struct interval *set_because(const struct set *set, usec utc);

/* The last end of the windows that hold the instant; the instant itself: none does. */
usec set_covers(const struct set *set, usec utc);

/* The end of the windows that hold the instant and of all that follow without a gap: windows that touch or
 * overlap are one. The instant itself: none holds it; USEC_INFINITY: they never end. At `limit` or later, it
 * does not matter where. */
usec set_until(const struct set *set, usec utc, usec limit);

/* The first start of a window after the instant and before `limit`; else USEC_INFINITY. */
usec set_next(const struct set *set, usec utc, usec limit);
