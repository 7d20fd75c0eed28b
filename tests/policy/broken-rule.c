// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl with an engine that breaks a promise: it renews a key only after that has ended. For simulate,
 * which must find it.
 */
#include <stdbool.h>

#include "engine/mutant.h"

enum mutant engine_mutant = MUTANT_COVERAGE;
