// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/zone.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "calendar/posix_rule.h"

#define TZIF_HEADER_SIZE 44
#define TZIF_TYPE_SIZE   6
#define OFFSET_MIN       (-89999) /* RFC 9636, 3.2: what readers must cope with */
#define OFFSET_MAX       93599
#define RULE_YEAR_FIRST  1900                  /* of a file that has a rule and no transition */
#define TIME_FIRST       (-(INT64_C(1) << 40)) /* seconds; far before any clock, and far from overflow */
#define TIME_LAST        (INT64_C(1) << 40)

struct zone {
    char name[ZONE_NAME_MAX + 1];
    int32_t first_offset; /* before the first transition */
    size_t n;
    struct zone_transition *transitions;
    usec *reached; /* [i]: no wall time from here on was read before transition i */
};

struct counts {
    size_t utc, standard, leap, time, type, character;
};

static uint64_t big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool header_read(const uint8_t *bytes, size_t size, struct counts *ret_counts)
{
    size_t *counts[] = {&ret_counts->utc,  &ret_counts->standard, &ret_counts->leap,
                        &ret_counts->time, &ret_counts->type,     &ret_counts->character};

    if (size < TZIF_HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2')
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        *counts[i] = (size_t)big_endian(bytes + 20 + 4 * i, 4);
        if (*counts[i] > ZONE_FILE_MAX)
            return false;
    }
    return true;
}

static size_t block_size(const struct counts *counts, size_t time_size)
{
    return counts->time * (time_size + 1) + counts->type * TZIF_TYPE_SIZE + counts->character +
           counts->leap * (time_size + 4) + counts->standard + counts->utc;
}

/* Adds a transition. One at the same instant as the last replaces it; one that changes nothing is none, nor
 * is one before the last, which only a senseless rule has: the table stays in order whatever the file says.
 */
static void zone_add(struct zone *zone, usec utc, int32_t offset)
{
    int32_t before;

    if (zone->n > 0 && zone->transitions[zone->n - 1].utc > utc)
        return;
    if (zone->n > 0 && zone->transitions[zone->n - 1].utc == utc)
        zone->n--;
    before = zone->n > 0 ? zone->transitions[zone->n - 1].offset : zone->first_offset;
    if (offset != before)
        zone->transitions[zone->n++] = (struct zone_transition){utc, before, offset};
}

static int read_offset(const uint8_t *types, size_t n_types, size_t type, int32_t *ret_offset)
{
    int32_t offset;

    if (type >= n_types)
        return -EBADMSG;
    offset = (int32_t)big_endian(types + type * TZIF_TYPE_SIZE, 4);
    if (offset < OFFSET_MIN || offset > OFFSET_MAX)
        return -EBADMSG;
    *ret_offset = offset;
    return 0;
}

/* The written-out transitions; `ret_last_utc` is the last of them and untouched where there is none. */
static int zone_add_explicit(struct zone *zone, const uint8_t *block, const struct counts *counts,
                             usec *ret_last_utc)
{
    const uint8_t *indices = block + counts->time * 8, *types = indices + counts->time;
    int64_t last = INT64_MIN;
    int r;

    r = read_offset(types, counts->type, 0, &zone->first_offset);
    if (r < 0)
        return r;
    for (size_t i = 0; i < counts->time; i++) {
        int64_t time = (int64_t)big_endian(block + i * 8, 8);
        int32_t offset;

        r = read_offset(types, counts->type, indices[i], &offset);
        if (r < 0)
            return r;
        if ((i > 0 && time <= last) || time > TIME_LAST)
            return -EBADMSG;
        last = time;
        if (time < TIME_FIRST)
            time = TIME_FIRST; /* the Big Bang of some compilers */
        zone_add(zone, time * USEC_PER_SEC, offset);
        *ret_last_utc = time * USEC_PER_SEC;
    }
    return 0;
}

/* What the footer's rule adds behind the written-out transitions. */
static void zone_add_rule(struct zone *zone, const struct posix_rule *rule, usec last_utc)
{
    usec end_utc = date_to_days((struct date){ZONE_YEAR_LAST + 1, 1, 1}) * USEC_PER_DAY;

    if (!rule->changes) {
        if (last_utc == -USEC_INFINITY)
            zone->first_offset = rule->standard;
        return;
    }
    for (int32_t year = RULE_YEAR_FIRST; year <= ZONE_YEAR_LAST; year++) {
        usec start = posix_rule_start(rule, year), end = posix_rule_end(rule, year);
        usec first = start < end ? start : end, second = start < end ? end : start;

        if (first > last_utc && first < end_utc)
            zone_add(zone, first, first == start ? rule->daylight : rule->standard);
        if (second > last_utc && second < end_utc)
            zone_add(zone, second, second == start ? rule->daylight : rule->standard);
    }
}

/* The footer: a newline, the rule (nothing: none is known), a newline. */
static int zone_read_footer(struct zone *zone, const uint8_t *bytes, size_t size, usec last_utc)
{
    struct posix_rule rule;
    const uint8_t *end;
    int r;

    if (size < 2 || bytes[0] != '\n')
        return -EBADMSG;
    end = memchr(bytes + 1, '\n', size - 1);
    if (!end)
        return -EBADMSG;
    if (end == bytes + 1)
        return 0;
    r = posix_rule_parse((const char *)bytes + 1, (size_t)(end - bytes) - 1, &rule);
    if (r < 0)
        return r;
    zone_add_rule(zone, &rule, last_utc);
    return 0;
}

static void zone_reckon_reached(struct zone *zone)
{
    usec reached = -USEC_INFINITY;

    for (size_t i = 0; i < zone->n; i++) {
        const struct zone_transition *transition = &zone->transitions[i];
        usec wall = transition->utc + transition->offset_before * USEC_PER_SEC;

        reached = wall > reached ? wall : reached;
        zone->reached[i] = reached;
    }
}

static int zone_read(struct zone *zone, const uint8_t *block, size_t size, const struct counts *counts)
{
    size_t n_max = counts->time + 2 * (ZONE_YEAR_LAST - RULE_YEAR_FIRST + 1);
    usec last_utc = -USEC_INFINITY;
    int r;

    zone->transitions = calloc(n_max, sizeof(*zone->transitions));
    zone->reached = calloc(n_max, sizeof(*zone->reached));
    if (!zone->transitions || !zone->reached)
        return -ENOMEM;
    r = zone_add_explicit(zone, block, counts, &last_utc);
    if (r < 0)
        return r;
    r = zone_read_footer(zone, block + block_size(counts, 8), size - block_size(counts, 8), last_utc);
    if (r < 0)
        return r;
    zone_reckon_reached(zone);
    return 0;
}

int zone_parse(const char *name, const void *bytes, size_t size, struct zone **ret_zone)
{
    _cleanup_(zone_freep) struct zone *zone = NULL;
    const uint8_t *at = bytes;
    struct counts counts;
    int r;

    /* The first block has 32-bit times, for old readers; the second is for us. */
    if (size > ZONE_FILE_MAX || !header_read(at, size, &counts) ||
        block_size(&counts, 4) > size - TZIF_HEADER_SIZE)
        return -EBADMSG;
    size -= TZIF_HEADER_SIZE + block_size(&counts, 4);
    at += TZIF_HEADER_SIZE + block_size(&counts, 4);
    if (!header_read(at, size, &counts) || block_size(&counts, 8) > size - TZIF_HEADER_SIZE ||
        counts.leap > 0)
        return -EBADMSG;

    zone = calloc(1, sizeof(*zone));
    if (!zone)
        return -ENOMEM;
    text_copy(zone->name, sizeof(zone->name), name);
    r = zone_read(zone, at + TZIF_HEADER_SIZE, size - TZIF_HEADER_SIZE, &counts);
    if (r < 0)
        return r;
    *ret_zone = steal_pointer(&zone);
    return 0;
}

struct zone *zone_free(struct zone *zone)
{
    if (!zone)
        return NULL;
    free(zone->transitions);
    free(zone->reached);
    free(zone);
    return NULL;
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

/* How many transitions there are up to that instant, this one included. */
static size_t zone_count(const struct zone *zone, usec utc)
{
    size_t low = 0, high = zone->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->transitions[middle].utc <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t zone_offset_after(const struct zone *zone, size_t count)
{
    return count > 0 ? zone->transitions[count - 1].offset : zone->first_offset;
}

int32_t zone_offset(const struct zone *zone, usec utc)
{
    return zone_offset_after(zone, zone_count(zone, utc));
}

usec zone_wall(const struct zone *zone, usec utc)
{
    return utc + zone_offset(zone, utc) * USEC_PER_SEC;
}

usec zone_reached(const struct zone *zone, usec utc)
{
    size_t count = zone_count(zone, utc);
    usec wall = utc + zone_offset_after(zone, count) * USEC_PER_SEC;

    return count > 0 && zone->reached[count - 1] - 1 > wall ? zone->reached[count - 1] - 1 : wall;
}

/* The stretch between two transitions in which the clock first goes beyond `wall` is the one before the first
 * transition with a greater `reached`. It comes to the wall time either within or, where that was skipped,
 * with its first instant. */
usec zone_first_reach(const struct zone *zone, usec wall)
{
    size_t low = 0, high = zone->n;
    usec utc;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->reached[middle] <= wall)
            low = middle + 1;
        else
            high = middle;
    }
    utc = wall - zone_offset_after(zone, low) * USEC_PER_SEC;
    return low > 0 && zone->transitions[low - 1].utc > utc ? zone->transitions[low - 1].utc : utc;
}

const struct zone_transition *zone_next_transition(const struct zone *zone, usec utc)
{
    size_t count = zone_count(zone, utc);

    return count < zone->n ? &zone->transitions[count] : NULL;
}

size_t zone_instants(const struct zone *zone, usec wall, usec ret_utc[static ZONE_INSTANTS_MAX])
{
    usec first = zone_first_reach(zone, wall), last = first + 2 * USEC_PER_DAY;
    const struct zone_transition *change = zone_next_transition(zone, first);
    size_t n = 0;

    if (zone_wall(zone, first) == wall)
        ret_utc[n++] = first;
    for (; n == 1 && change && change->utc < last; change = zone_next_transition(zone, change->utc)) {
        usec again = wall - change->offset * USEC_PER_SEC;

        if (again >= change->utc && zone_wall(zone, again) == wall)
            ret_utc[n++] = again;
    }
    return n;
}
