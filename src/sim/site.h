// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The virtual site: one account's admin key, as documented, with a clock of its own. It acts at an instant;
 * what it answers goes back as bytes through the reader that the daemon uses. What the documents leave open
 * is a guess, and each can be switched.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "confluence/confluence.h"

#define SITE_SOMEBODY_ELSE 0 /* as an issuer; daemons count from 1 */

enum site_rounding {
    SITE_ROUNDS_NOTHING, /* milliseconds, as its replies have them */
    SITE_ROUNDS_DOWN,    /* to whole seconds */
    SITE_ROUNDS_UP,
};

struct site_guesses {
    bool keeps_longer; /* a second POST moves no expiry earlier; else it always replaces it */
    bool clamps;       /* minutes outside 1..60 are cut to them; else refused with 400 */
    enum site_rounding rounding;
};

struct site {
    struct site_guesses guesses;
    usec offset;       /* its clock minus true time */
    unsigned steps;    /* how often that clock was set, */
    usec stepped_true; /* and when last */
    bool live;
    usec expires_site, granted_true;
    usec sent_true;         /* the POST that it came of, for those who watch */
    unsigned issuer;        /* of the live key */
    bool late;              /* its client had given up, for those who watch */
    usec stretch_ends_true; /* of the stretch that it was asked for in, for those who watch */
    unsigned issued_steps;  /* `steps` when it was granted */
    bool cut;               /* it lives shorter than was asked for */
};

/* What it answers, as plain values. */
struct site_answer {
    int status;
    bool has_key;
    usec expires_site;
    usec date_site;
};

usec site_now(const struct site *site, usec true_utc);

/* The true instant at which the key ends by itself; USEC_INFINITY: none is live. */
usec site_key_ends(const struct site *site);

/* Time came: a key that has expired is gone, and does not come back when the clock is set. */
void site_pass(struct site *site, usec true_utc);

/* The call arrives. `short_minutes`: what it grants instead of what was asked for; 0: that. */
struct site_answer site_act(struct site *site, usec true_utc, enum confluence_call call, unsigned minutes,
                            unsigned short_minutes, unsigned issuer);

void site_set_clock(struct site *site, usec true_utc, usec by);
