// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Entries of active_hours, maintenance_windows, exclude and renewal.windows: their fields, and what must hold
 * between them.
 */

#include "policy/reading.h"

/* NULL: values of that type are none of an interval's own. Fields are entries of lists: the node has a
 * parent. */
value_function intervals_value_for(enum key_type type);

/* An entry of `times` whose two ends were read; an end before its start is made one of the next day. */
int intervals_add_times(struct reading *reading, const struct node *node, struct interval *interval,
                        struct interval_times times);

/* What an interval must be as a whole; `errors` stood there before it was read. */
int intervals_check(struct reading *reading, const struct node *node, struct interval *interval,
                    size_t errors);
