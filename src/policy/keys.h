// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one table of all keys that a policy may have: where each stands, what it holds, its default and its
 * limits. Plain data: reader.c obeys it, values.c and intervals.c turn what stands there into values.
 *
 * A key marked `later` is known and has its reading code, but nothing obeys it yet, so it is refused. Taking
 * the mark away is all that admits it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The maps of a policy. */
enum key_map {
    MAP_POLICY,
    MAP_ACCESS,
    MAP_PRINCIPALS, /* access.operators, access.viewers */
    MAP_SITE,
    MAP_RENEWAL,
    MAP_ON_DEMAND,
    MAP_LIMITS,
    MAP_INTERVAL,
    MAP_TIMES, /* an entry of an interval's times, in its long form */
};

enum key_type {
    KEY_MAP,        /* of the keys of `inner`, which fill the same struct */
    KEY_PRINCIPALS, /* struct policy_principals; the default is a group's name */
    KEY_SITES,
    KEY_INTERVALS,
    KEY_VERSION,
    KEY_ZONE, /* const struct zone * */
    KEY_URL,  /* char *, as are those down to KEY_PAGE */
    KEY_USER,
    KEY_TOKEN,
    KEY_PATH,
    KEY_PROXY,
    KEY_TEXT, /* at most `high` bytes */
    KEY_PAGE,
    KEY_LAST_DAY, /* usec, the end of that local day */
    KEY_BOOLEAN,  /* bool */
    KEY_MINUTES,  /* unsigned; low and high in usec */
    KEY_DURATION, /* usec; low and high in usec */
    KEY_CHOICE,   /* enum, the word's place in `choices` */
    KEY_NAMES,    /* a list of users or groups: char **, size_t */
    KEY_WALL,     /* usec */
    KEY_CLOCK,    /* int32_t, seconds of the day, at most `high` */
    KEY_TIMES,    /* these and the following fill struct interval */
    KEY_WEEKDAYS,
    KEY_DAYS_OF_MONTH,
    KEY_MONTHS,
    KEY_YEARS,
    KEY_DATES,
    KEY_TYPES_MAX,
};

#define KEY_NOWHERE SIZE_MAX /* the value is checked, and not kept */

struct key {
    enum key_map in;
    const char *name;
    enum key_type type;
    bool required;
    bool later;
    const char *fallback;   /* the default, as it would be written; NULL: none */
    const char *expects;    /* what would be right, for messages: "a date such as 2027-06-30" */
    int64_t low, high;      /* limits of the value */
    const char *allowed_by; /* who sets these limits, for messages: "Confluence grants" */
    size_t offset;          /* of the value in the map's struct */
    size_t place;           /* of its struct policy_place there; 0: not kept */
    enum key_map inner;
    int kind; /* of KEY_INTERVALS: enum interval_kind */
    const char *const *choices;
};

#define KEYS_IN_MAP_MAX 32

/* The rows of a map, which stand together in the table, in the order in which they are to be read. */
const struct key *keys_of(enum key_map map, size_t *ret_n);

/* The nearest known key of that map, or NULL. */
const char *keys_nearest(enum key_map map, const char *name);
