// SPDX-License-Identifier: GPL-3.0-or-later
#include "zones.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
    const char *name, *rule;
} rules[] = {
    {"UTC", "UTC0"},
    {"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
    {"America/New_York", "EST5EDT,M3.2.0,M11.1.0"},
    {"Africa/Cairo", "EET-2EEST,M4.5.5/0,M10.5.4/24"},
    {"Australia/Lord_Howe", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"},
};

/* A header with one local time type and four letters for its name, and that block itself; twice. */
static size_t write_table(char *bytes, size_t size, const char *rule)
{
    static const char block[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* magic, version, unused */
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"    /* isut, isstd, leap, time */
                                "\0\0\0\1\0\0\0\4"                    /* type, char */
                                "\0\0\0\0\0\0LMT";
    size_t used = 0;

    for (int i = 0; i < 2; i++) {
        memcpy(bytes + used, block, sizeof(block));
        used += sizeof(block);
    }
    return used + (size_t)snprintf(bytes + used, size - used, "\n%s\n", rule);
}

static int read_zone(void *context, const char *name, struct bytes *bytes)
{
    char table[256];

    (void)context;
    if (text_equal(name, "Broken/Zone"))
        return bytes_append_text(bytes, "no table");
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (text_equal(name, rules[i].name))
            return bytes_append(bytes, table, write_table(table, sizeof(table), rules[i].rule));
    return -ENOENT;
}

const struct zone_reader test_zones = {.read = read_zone};
