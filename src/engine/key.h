// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is known of the site's one key, and of the POSTs whose fate is not known. Not known is not off: only a
 * reply settles it, and only some replies prove it (engine.c, rule 8).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"
#include "engine/record.h"
#include "engine/site_clock.h"

#define KEY_INTENTS_MAX 8
#define KEY_FORGET      (62 * USEC_PER_MINUTE) /* no key of a POST given up so long ago can still be live */
#define KEY_POST_TIME   (30 * USEC_PER_SEC)    /* a POST is waited for so long, and acts within it, or late */
#define KEY_LATE_SECOND (30 * USEC_PER_SEC)    /* a POST that was given up may still act: DELETE at once, */
#define KEY_LATE_THIRD  (120 * USEC_PER_SEC)   /* after this and after that */
#define KEY_SAME        USEC_PER_SEC           /* expiries this near to each other are one key's */

enum key_knowledge {
    KEY_UNKNOWN, /* nothing was read yet, or something happened since */
    KEY_ABSENT,  /* the site says there is none (that alone is no proof) */
    KEY_LIVE,
    KEY_EXPIRED, /* it was live, and its time has passed on the site's clock */
};

/* A POST that may have made a key without our having been told. */
struct key_intent {
    uint64_t id;
    unsigned minutes;
    usec sent_utc; /* for the ledger alone: this machine's clock may be set */
    usec sent_boot;
    usec given_up_boot; /* USEC_INFINITY: still waited for */
};

struct key {
    enum key_knowledge known;
    bool ours;
    usec expires_site;   /* live, expired */
    usec granted_boot;   /* live: when it was asked for, or read */
    usec aim_boot;       /* live and ours: where it was to end; else 0 */
    usec life, jitter;   /* live */
    usec read_boot;      /* when the site last told of it; -USEC_INFINITY: never yet */
    usec proved_off_utc; /* STATUS_NEVER: not proved */
    bool maybe_off;      /* a DELETE of which no reply came may have acted since the site last told of it */
    usec last_granted_site;                     /* the expiry of the newest grant to us, 0: none known */
    struct key_intent intents[KEY_INTENTS_MAX]; /* unresolved, oldest first */
    size_t n_intents;
};

void key_init(struct key *key);

/* A POST is about to be sent: it is unresolved from now on, and no proof of off stands any more. The oldest
 * is forgotten when there are too many: whatever it made was replaced by what a later one made. */
void key_intend(struct key *key, const struct key_intent *intent);

struct key_intent *key_find_intent(struct key *key, uint64_t id);

/* The POST of that id is settled. */
void key_resolve(struct key *key, uint64_t id);

/* Forgets the intents that can no longer matter. */
void key_forget(struct key *key, usec now_boot);

/* Whether a live key with this expiry is ours: granted to us, or fitting an unresolved POST
 * (sent <= E - minutes <= given up + KEY_LATE_THIRD and 5 s, on the boot clock, as far as the site's is
 * known; 5 s earlier for clocks that are not quite one, and for whole seconds in Date and E). */
bool key_is_ours(const struct key *key, usec expires_site, struct site_time site_minus_boot);

/* The unresolved POST that a key with this expiry fits; NULL: none. */
const struct key_intent *key_fitting_intent(const struct key *key, usec expires_site,
                                            struct site_time site_minus_boot);

/* Whether a POST was given up since the site last told of the key: what it made was not seen. */
bool key_is_doubtful(const struct key *key);

/* The latest expiry that a key of ours may have, on the site's clock: of the newest grant, unless somebody
 * else's key was seen in its place, or of a POST whose fate is not known. 0: none. */
usec key_latest_expiry(const struct key *key, usec site_minus_boot);

/* Whether a POST that was given up may still act, and then when the next look at it is due, a read or a
 * DELETE, given that the last one was answered at looked_boot (0: none was yet). USEC_INFINITY: nothing may
 * act any more. */
usec key_next_late(const struct key *key, usec looked_boot);
