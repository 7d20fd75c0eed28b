// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Walks a tree as the table of keys says, and notes what is wrong with it. Inside policy/ only; from outside
 * it is policy_parse().
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

struct reader {
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

/* policy_parse(); with `all_keys`, keys marked `later` are read as well. */
int reader_parse(const void *yaml, size_t size, const struct zone_reader *zones, bool all_keys,
                 struct problems *problems, struct policy **ret_policy);

/* Notes an error at the value, at its key, or for a key that is missing in a map. 0 or -ENOMEM. */
int reader_refuse(struct reader *reader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int reader_refuse_key(struct reader *reader, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int reader_refuse_missing(struct reader *reader, const struct node *map, const char *name,
                          const char *expects);

/* Reads a map of that kind into its struct. */
int reader_read_map(struct reader *reader, enum key_map map, const struct node *node, void *target);

/* The zone of that name, of which the policy has one copy; NULL and a noted problem where there is none. */
int reader_find_zone(struct reader *reader, const struct node *node, const struct zone **ret_zone);

/* values.c: reads one scalar, which has text, into `field` (NULL: only checks). */
typedef int (*value_function)(struct reader *reader, const struct key *key, const struct node *node,
                              void *field);
value_function value_for(enum key_type type);

/* intervals.c */
value_function interval_value_for(enum key_type type);
int intervals_read(struct reader *reader, const struct key *key, const struct node *node);
