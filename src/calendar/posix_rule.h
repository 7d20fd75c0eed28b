// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The rule in the footer of a TZif file: a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3") with the extensions
 * of RFC 9636, 3.3.1 (hours of a change from -167 to 167). It says what holds after the last transition that
 * the file writes out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

enum posix_day_kind {
    POSIX_DAY_JULIAN,  /* day 1..365, February 29 never counted */
    POSIX_DAY_OF_YEAR, /* day 0..365, February 29 counted */
    POSIX_DAY_WEEKDAY, /* weekday `day` of week `week` (5: the last) of `month` */
};

struct posix_change {
    enum posix_day_kind kind;
    int32_t month, week, day;
    int32_t time; /* seconds of wall time after that day's midnight; may be negative */
};

struct posix_rule {
    int32_t standard, daylight;     /* seconds east of UTC */
    bool changes;                   /* else `standard` always holds, and the rest means nothing */
    struct posix_change start, end; /* of daylight saving */
};

/* Reads the whole of `size` bytes, which need no NUL. 0 or -EBADMSG. */
int posix_rule_parse(const char *text, size_t size, struct posix_rule *ret_rule);

/* The instants at which daylight saving starts and ends in that year. */
usec posix_rule_start(const struct posix_rule *rule, int32_t year);
usec posix_rule_end(const struct posix_rule *rule, int32_t year);
