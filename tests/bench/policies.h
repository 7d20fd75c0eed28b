// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Policies to measure with: YAML for one site, of any number of intervals, read by the product's own reader
 * with the zones of this system. The same kind and number give the same policy in each run.
 */

#include "policy/policy.h"

struct policy_kind {
    const char *name; /* for the table */
    /* Writes the intervals' lists, a line an interval, below the site. */
    void (*write)(struct bytes *yaml, size_t n);
};

extern const struct policy_kind policy_kinds[]; /* ended by an entry without a name */

/* Ends the program with the policy's own errors where it is not in order. */
struct policy *policies_make(const struct policy_kind *kind, size_t n);
