// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is known of one site's key, for people: plain values, made anew at each question. Instants are UTC as
 * this machine reckons it; STATUS_NEVER stands for "none". The control interface prints these as JSON.
 */

#include <stdbool.h>

#include "base/time.h"
#include "confluence/confluence.h"
#include "engine/cause.h"
#include "engine/demand.h"

#define STATUS_NEVER (-1)

enum site_state {
    SITE_OFF,
    SITE_ENABLING,
    SITE_ON,
    SITE_DISABLING,
    SITE_UNKNOWN, /* a reply has to settle it first */
    SITE_BLOCKED, /* the site refuses for a reason that only people can mend */
};

/* "off", "enabling", "on" ... */
const char *site_state_name(enum site_state state);

struct site_status {
    const char *site, *url, *user; /* borrowed from the policy */
    bool enforce;
    enum site_state state;
    bool goal_on;
    bool agrees; /* the state is as the goal wants; true for the first 10 s of a change; false for a live
                    foreign key outside the goal */
    struct cause cause;
    usec expires_utc;    /* of the live key, by the site's clock */
    usec renews_utc;     /* when the next renewal is due */
    usec proved_off_utc; /* when the site proved that no key is live; while that proof stands */
    usec next_change_utc;
    bool next_change_on;
    usec outage_tolerated_until_utc; /* the site may be out of reach until then without a gap */
    unsigned failures;               /* calls in a row that were not done */
    struct {
        bool is_set;
        enum verdict verdict;
        char detail[CONFLUENCE_DETAIL_MAX + 1];
        char request_id[CONFLUENCE_ID_MAX + 1];
        usec at_utc;
    } last_error; /* of the failures above; not set when there are none */
    bool has_clock_offset;
    int64_t clock_offset_ms;     /* the site's clock minus this machine's; 0 within two seconds */
    const struct demand *demand; /* borrowed: holds, and a disable */
    struct status_limit {
        usec limit; /* 0: none */
        usec used;
        usec until_utc; /* spent: until then; else STATUS_NEVER */
    } continuous, per_day;
    usec token_expires_utc;                     /* STATUS_NEVER: not said in the policy */
    usec foreign_expires_utc, foreign_seen_utc; /* a live key that this installation did not enable */
};
