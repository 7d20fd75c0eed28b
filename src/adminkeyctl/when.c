// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/dates.h"

static void set_one(struct when *when, usec utc)
{
    *when = (struct when){.utc = {utc}, .n = 1};
}

static void set_wall(struct when *when, const struct zone *zone, usec wall)
{
    *when = (struct when){0};
    when->n = zone_instants(zone, wall, when->utc);
    if (when->n > 0)
        return;
    set_one(when, zone_first_reach(zone, wall));
    when->skipped = true;
}

/* A local time with a T, as RFC 3339 has it, but for its offset. */
static bool parse_wall(const char *text, usec *ret_wall)
{
    char copy[24];

    if (strlen(text) >= sizeof(copy))
        return false;
    strcpy(copy, text);
    if (strlen(copy) > 10 && copy[10] == 'T')
        copy[10] = ' ';
    return wall_parse(copy, ret_wall);
}

int when_parse(const char *text, const struct zone *zone, usec now_utc, struct when *ret_when,
               struct error *ret_error)
{
    usec at, distance;
    int32_t days;

    if (text_equal(text, "now")) {
        set_one(ret_when, now_utc);
        return 0;
    }
    if ((*text == '+' || *text == '-') && duration_parse(text + 1, &distance, NULL) == 0) {
        set_one(ret_when, *text == '+' ? now_utc + distance : now_utc - distance);
        return 0;
    }
    if (time_parse_rfc3339(text, &at) == 0) {
        set_one(ret_when, at);
        return 0;
    }
    if (parse_wall(text, &at)) {
        set_wall(ret_when, zone, at);
        return 0;
    }
    if (date_parse(text, &days)) {
        set_one(ret_when, zone_first_reach(zone, days * USEC_PER_DAY));
        return 0;
    }
    error_set(ret_error,
              "'%s' is no time: write '2026-10-25 02:30' (local), 2026-10-25T00:30:00Z, now, +3h or -7d",
              text);
    return -EINVAL;
}

const char *when_format_wall(char buffer[static WHEN_TEXT_MAX], usec wall, int32_t offset)
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int32_t east = abs(offset), days = (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
    int second = (int)((wall - days * USEC_PER_DAY) / USEC_PER_SEC);
    struct date date = date_from_days(days);
    int used;

    used =
        snprintf(buffer, WHEN_TEXT_MAX, "%s %04d-%02u-%02u %02d:%02d", weekdays[date_weekday(days)],
                 date.year % 10000, date.month % 100U, date.day % 100U, second / 3600 % 24, second / 60 % 60);
    if (second % 60 != 0)
        used += snprintf(buffer + used, WHEN_TEXT_MAX - (size_t)used, ":%02d", second % 60);
    snprintf(buffer + used, WHEN_TEXT_MAX - (size_t)used, " %c%02d:%02d", offset < 0 ? '-' : '+',
             east / 3600 % 100, east / 60 % 60);
    return buffer;
}

const char *when_format(char buffer[static WHEN_TEXT_MAX], const struct zone *zone, usec utc)
{
    return when_format_wall(buffer, zone_wall(zone, utc), zone_offset(zone, utc));
}
