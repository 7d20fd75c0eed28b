// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The system's time zones: the TZif file of an IANA name, below $TZDIR or /usr/share/zoneinfo. What is in the
 * file is calendar/zone.h's part.
 */

#include "base/bytes.h"

/* $TZDIR where it is absolute, else /usr/share/zoneinfo. */
const char *zone_file_directory(void);

/* Reads the file of that zone. A name that is absolute, leads out of the directory or is no zone's is
 * -ENOENT, like one that is not there. `context` is not used: the function has the form that policy_parse()
 * asks for. 0, -ENOENT or another negative errno. */
int zone_file_read(void *context, const char *name, struct bytes *bytes);
