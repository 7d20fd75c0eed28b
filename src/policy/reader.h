// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Walks a tree as the table of keys says, and notes what is wrong with it. Inside policy/ only; from outside
 * it is policy_parse().
 */

#include "policy/reading.h"

/* policy_parse(); with `all_keys`, keys marked `later` are read as well. */
int reader_parse(const void *yaml, size_t size, const struct zone_reader *zones, bool all_keys,
                 struct problems *problems, struct policy **ret_policy);
