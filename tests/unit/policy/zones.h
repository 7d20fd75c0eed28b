// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A few zones for tests of the policy, made of their rules alone, so that no test depends on the machine's
 * zone tables: UTC, Europe/Berlin, America/New_York, Africa/Cairo (which skips midnight), Australia/Lord_Howe
 * (half an hour). "Broken/Zone" is one whose table is damaged; all others do not exist.
 */

#include "calendar/zone.h"

extern const struct zone_reader test_zones;
