// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The parts of policy_warn(): each looks for one kind of doubt in one site's future, and warns of the first
 * case of each. Inside policy/ only. All give 0 or -ENOMEM.
 */

#include "policy/outlook.h"

/* warn_windows.c: windows and excludes of which nothing is to come; windows that the clock skips or leaves
 * less than a minute of; windows of which the excludes leave nothing. */
int warn_windows(const struct outlook *outlook);

/* warn_excludes.c: excludes that end at midnight and so leave the rest of a window that passes it. */
int warn_excludes(const struct outlook *outlook);

/* warn_limits.c: limits that end the key before its hours do. */
int warn_limits(const struct outlook *outlook);

/* warn_renewals.c: renewal windows, in mode `only`, that are too far apart to keep a key alive. */
int warn_renewals(const struct outlook *outlook);
