// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The time zones of this system, for the policy's reader.
 */

#include "calendar/zone.h"

struct zone_finder zones_of_system(void);
