// SPDX-License-Identifier: GPL-3.0-or-later
#include "given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const char *directory(void)
{
    const char *named = getenv("TZDIR");

    return named ? named : "/usr/share/zoneinfo";
}

void *given_zone_bytes(const char *name, size_t *ret_size)
{
    char path[512];
    void *bytes;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", directory(), name);
    file = fopen(path, "rb");
    if (!file)
        return NULL;
    bytes = malloc(ZONE_FILE_MAX);
    assert_non_null(bytes);
    *ret_size = fread(bytes, 1, ZONE_FILE_MAX, file);
    fclose(file);
    return bytes;
}

struct zone *given_zone(const char *name)
{
    size_t size;
    void *bytes = given_zone_bytes(name, &size);
    struct zone *zone = NULL;

    if (!bytes)
        fail_msg("the system does not have the zone %s: install tzdata", name);
    assert_int_equal(zone_parse(name, bytes, size, &zone), 0);
    free(bytes);
    return zone;
}

size_t given_zone_names(char names[GIVEN_ZONES_MAX][ZONE_NAME_MAX + 1])
{
    static const char *const odd[] = {"UTC", "Etc/GMT+12", "Etc/GMT-14", "Europe/Amsterdam", "Africa/Accra"};
    char path[512], line[512];
    size_t n = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/zone1970.tab", directory());
    file = fopen(path, "r");
    if (!file)
        return 0;
    while (n < GIVEN_ZONES_MAX - ARRAY_SIZE(odd) && fgets(line, sizeof(line), file))
        if (line[0] != '#' && sscanf(line, "%*s %*s %63s", names[n]) == 1)
            n++;
    fclose(file);
    for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
        text_copy(names[n++], ZONE_NAME_MAX + 1, odd[i]);
    return n;
}

static void *copy(const void *data, size_t n, size_t size)
{
    void *copied;

    if (n == 0)
        return NULL;
    copied = malloc(n * size);
    assert_non_null(copied);
    memcpy(copied, data, n * size);
    return copied;
}

struct calendar *given_calendar(const struct interval *intervals, size_t n)
{
    struct interval *copies = copy(intervals, n, sizeof(*intervals));
    struct calendar *calendar = NULL;

    for (size_t i = 0; i < n; i++) {
        struct interval *one = &copies[i];

        one->days_of_month = copy(one->days_of_month, one->n_days_of_month, sizeof(*one->days_of_month));
        one->years = copy(one->years, one->n_years, sizeof(*one->years));
        one->dates = copy(one->dates, one->n_dates, sizeof(*one->dates));
        one->times = copy(one->times, one->n_times, sizeof(*one->times));
    }
    assert_int_equal(calendar_new(copies, n, &calendar), 0);
    return calendar;
}

size_t given_table(char *bytes, size_t size, const char *rule)
{
    /* A header with one local time type and four letters for its name, and that block itself; twice. */
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
