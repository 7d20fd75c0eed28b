// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The policy as plain, checked values. policy_parse() makes it of YAML bytes, driven by one table of keys
 * (policy/keys.h); nobody changes it afterwards. Who reads the file is the caller's matter.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "calendar/calendar.h"
#include "policy/problem.h"

#define POLICY_BYTES_MAX      (8 * 1024 * 1024)
#define POLICY_NESTING_MAX    32
#define POLICY_SITES_MAX      10000
#define POLICY_SITE_NAME_MAX  63
#define POLICY_PRINCIPALS_MAX 256
#define POLICY_LOOK_AHEAD     (10 * 366 * USEC_PER_DAY)

/* In mode `only` a renewal keeps so far from the end of a window that a lost call can be repeated inside. */
#define POLICY_RENEWAL_ROOM USEC_PER_MINUTE

/* The group that may look where the policy says nothing else; the packages make it. */
#define POLICY_VIEWERS_GROUP "adminkey"

/* Names of users and groups; who they are, the system knows. */
struct policy_principals {
    char **users;
    size_t n_users;
    char **groups;
    size_t n_groups;
    bool by_default; /* nobody wrote them */
};

enum policy_when_away { /* on_stop, on_sleep, on_lock */
                        POLICY_DISABLE,
                        POLICY_KEEP,
};

enum policy_renewal_mode {
    POLICY_RENEWAL_ONLY,   /* no renewal outside the windows */
    POLICY_RENEWAL_PREFER, /* a renewal goes into a window where there is one before it is due */
};

enum policy_foreign { /* what becomes of a live key that this installation did not enable */
                      POLICY_FOREIGN_LEAVE,
                      POLICY_FOREIGN_DISABLE,
                      POLICY_FOREIGN_ADOPT,
};

enum policy_reason {
    POLICY_REASON_OPTIONAL,
    POLICY_REASON_REQUIRED,
};

/* Where a value stands, for people: 1-based, columns in characters; 0: it is not written. */
struct policy_place {
    unsigned line, column;
};

struct policy_site {
    char *name;
    unsigned line;
    char *url; /* canonical: scheme://host[:port], lower case, no slash at its end */
    char *user;
    char *token;            /* the name of a credential, or an absolute path */
    usec token_expires_utc; /* the end of that local day; USEC_INFINITY: not said */
    struct policy_place token_expires_place;
    bool enforce;
    char *ca_file;           /* NULL: the system's store */
    char *proxy;             /* NULL: none */
    const struct zone *zone; /* borrowed from the policy */
    unsigned duration_minutes;
    usec renewal_before, renewal_spread;
    struct calendar *renewal_windows; /* NULL: renewals may go at any time */
    struct policy_place renewal_windows_place;
    enum policy_renewal_mode renewal_mode;
    usec verify;
    enum policy_when_away on_stop, on_sleep, on_lock;
    enum policy_foreign foreign_keys;
    usec limit_continuous, limit_per_day; /* 0: none */
    struct policy_place limit_continuous_place, limit_per_day_place;
    usec on_demand_limit; /* 0: nobody may ask for a key */
    enum policy_reason on_demand_reason;
    bool on_demand_outside_hours;
    struct calendar *calendar; /* active hours, maintenance windows, exclude */
};

struct policy {
    const struct zone *zone;
    struct policy_principals operators; /* default: nobody but root and the daemon's own user */
    struct policy_principals viewers;   /* default: the group adminkey */
    struct policy_site *sites;          /* sorted by name */
    size_t n_sites;
    struct zone **zones; /* owned: each zone that is named, once */
    size_t n_zones;
};

enum policy_outcome {
    POLICY_REFUSED = 1, /* `problems` has at least one error */
};

/* Reads a whole policy. Finds all errors in one run and appends them, with warnings that need no clock, to
 * `problems`, which the caller has initialised and frees. 0, POLICY_REFUSED, or a negative errno of `zones`
 * or memory. */
int policy_parse(const void *yaml, size_t size, const struct zone_reader *zones, struct problems *problems,
                 struct policy **ret_policy);
struct policy *policy_free(struct policy *policy);
DEFINE_CLEANUP(struct policy *, policy_free);

/* Appends what is doubtful in a policy that is in order, seen from the present and POLICY_LOOK_AHEAD on:
 * windows that are past, that a clock change swallows, that excludes leave nothing of, or only what follows
 * midnight; limits that end hours early; renewal windows that let a key lapse; token_expires near or past.
 * Each first case only. 0 or -ENOMEM. */
int policy_warn(const struct policy *policy, usec now_utc, struct problems *problems);

/* The site of that name, or NULL. */
const struct policy_site *policy_find_site(const struct policy *policy, const char *name);
