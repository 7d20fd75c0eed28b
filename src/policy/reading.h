// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What everything that reads a policy shares: where zones come from, where problems go, the policy that is
 * being made. Inside policy/ only. Below it stands the tree; above it values.h and intervals.h, which read
 * one value, and reader.h, which walks.
 *
 * Functions that read give 0 or a negative errno. A value that is wrong is a noted problem and the result 0,
 * so that the walk goes on and all faults of a file are found in one run.
 */

#include <stdbool.h>
#include <stddef.h>

#include "calendar/interval.h"
#include "calendar/zone.h"
#include "policy/keys.h"
#include "policy/policy.h"
#include "policy/problem.h"
#include "policy/tree.h"

struct reading {
    const struct zone_reader *zones;
    struct problems *problems;
    bool all_keys;           /* those marked `later` too */
    size_t errors_before;    /* that stood in `problems` already */
    struct policy *policy;   /* that is being made */
    const struct zone *zone; /* of the map that is being read; NULL: not known, for it was refused */

    /* The intervals of the site that is being read. */
    struct interval *intervals; /* of all its lists */
    size_t n_intervals, intervals_capacity;
};

/* Reads one value, which has text, into `field` (NULL: only checks). */
typedef int (*value_function)(struct reading *reading, const struct key *key, const struct node *node,
                              void *field);

/* Notes an error at the value, at its key, or for a key that is missing in a map. 0 or -ENOMEM. */
int reading_refuse(struct reading *reading, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int reading_refuse_key(struct reading *reading, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int reading_refuse_missing(struct reading *reading, const struct node *map, const char *name,
                           const char *expects);

/* The zone of that name, of which the policy has one copy; NULL and a noted problem where there is none. */
int reading_find_zone(struct reading *reading, const struct node *node, const struct zone **ret_zone);
