// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Single values of a policy: durations, addresses, names, choices.
 */

#include "policy/reading.h"

/* NULL: values of that type are read elsewhere. */
value_function values_for(enum key_type type);
