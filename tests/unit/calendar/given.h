// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the calendar's tests are given: the system's zones, read without the program's own reader, and
 * calendars made of intervals that stand in tables.
 */

#include "calendar/calendar.h"

#define GIVEN_ZONES_MAX 640

/* The names in the system's table of zones, some odd ones behind them; 0 where the system has no such table.
 */
size_t given_zone_names(char names[GIVEN_ZONES_MAX][ZONE_NAME_MAX + 1]);

/* The bytes of a zone's file; the caller frees them. NULL: there is none. */
void *given_zone_bytes(const char *name, size_t *ret_size);

/* The zone; it must be there. The caller frees it. */
struct zone *given_zone(const char *name);

/* A calendar of copies, all that they own included. */
struct calendar *given_calendar(const struct interval *intervals, size_t n);

/* A rule of the footer's language alone as a TZif file; its size. */
size_t given_table(char *bytes, size_t size, const char *rule);
