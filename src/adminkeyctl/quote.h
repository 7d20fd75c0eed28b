// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Lines of the policy, quoted with their numbers.
 */

#include <stdio.h>

#include "adminkeyctl/paint.h"
#include "adminkeyctl/policy_input.h"

/* The lines in which the policy writes that interval, as far as they are its own. */
void quote_interval(FILE *out, const struct paint *paint, const struct policy_input *input,
                    const struct interval *interval, enum colour colour);
