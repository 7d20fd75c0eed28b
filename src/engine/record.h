// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The ledger's records: one JSON object a line, the only memory that outlives the daemon. An intent is
 * written before each POST; its outcome carries the same id. Pure: lines in, lines out; host/ledger.h owns
 * the file.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/time.h"
#include "confluence/confluence.h"
#include "engine/cause.h"

#define RECORD_LINE_MAX 4096
#define RECORD_SITE_MAX 63
#define RECORD_TEXT_MAX 255
#define RECORD_BY_MAX   63

enum record_kind {
    RECORD_INTENT,   /* a POST is about to be sent */
    RECORD_OUTCOME,  /* what came of it; verdict, where granted expires, where it surely did nothing not_acted
                      */
    RECORD_GIVEN_UP, /* no reply to it will be waited for; it may still act */
    RECORD_OFF,      /* the key is off: proved by the site */
    RECORD_SEEN,     /* the key as read back: expires, or no key */
    RECORD_HOLD,     /* somebody asked for a key, until then */
    RECORD_RELEASE,  /* a hold ended before its time */
    RECORD_DISABLE,  /* somebody said no, until then */
    RECORD_RESUME,   /* a disable ended before its time */
    RECORD_USAGE,    /* how long the key was on, where the ledger begins anew */
};

struct record {
    enum record_kind kind;
    char site[RECORD_SITE_MAX + 1];
    usec at_utc;
    uint64_t id;          /* of the intent (seen: whose key it is), or of the hold; 0: belongs to none */
    unsigned minutes;     /* intent: asked for */
    enum verdict verdict; /* outcome */
    bool not_acted;       /* outcome: no key can have come of it */
    bool has_expiry;
    usec expires_site;                      /* outcome, seen: the site's clock */
    bool ours;                              /* seen: granted to us */
    usec until_utc;                         /* hold, disable; USEC_INFINITY: open */
    char by[RECORD_BY_MAX + 1];             /* hold, release, disable, resume: who asked; "": not known */
    int32_t day;                            /* usage: the local date, as days since 1970-01-01 */
    usec day_used, stretch_used;            /* usage, in whole seconds */
    usec stretch_utc;                       /* intent, usage: when the stretch began; 0: not known */
    enum cause_kind cause;                  /* intent, hold */
    char cause_name[RECORD_TEXT_MAX + 1];   /* "": none */
    char cause_reason[RECORD_TEXT_MAX + 1]; /* "": none */
    char request_id[CONFLUENCE_ID_MAX + 1]; /* "": none */
};

enum record_outcome {
    RECORD_DAMAGED = 1, /* not a record: a torn or foreign line */
};

/* Appends the line, with its newline. 0, -ENOBUFS, -ENOMEM. */
int record_format(const struct record *record, struct bytes *bytes);

/* Reads one line, without its newline. 0, RECORD_DAMAGED, -ENOMEM. */
int record_parse(const char *line, size_t size, struct record *ret_record);
