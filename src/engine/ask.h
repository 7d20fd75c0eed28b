// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What people and jobs may ask of the engine, and what it answers: plain values. Who may ask is checked
 * before.
 */

#include <stdint.h>

#include "base/time.h"
#include "engine/cause.h"

enum ask_what {
    ASK_HOLD,    /* a key for a time */
    ASK_RELEASE, /* the hold ends now */
    ASK_DISABLE, /* no key: all holds end, and until then the hours do not count */
    ASK_RESUME,  /* the disable ends now */
};

struct ask {
    enum ask_what what;
    enum cause_kind kind; /* hold: CAUSE_HOLD, CAUSE_RUN or CAUSE_BREAK_GLASS */
    uint64_t id;          /* hold: of one that comes back, 0: a new one; release: which */
    usec length;          /* hold: wished; the policy may make it shorter */
    usec until_utc;       /* disable; USEC_INFINITY: to the end of the hours that are open */
    const char *by;       /* who, for the ledger and for people; NULL: not known */
    const char *reason;   /* NULL: none */
};

enum ask_outcome {
    ASK_TAKEN,
    ASK_ON_DEMAND, /* the policy allows no keys on demand */
    ASK_REASON,    /* it wants a reason */
    ASK_OUTSIDE_HOURS,
    ASK_EXCLUDED,
    ASK_LIMIT,    /* a limit is spent */
    ASK_DISABLED, /* somebody said no, and a job does not overrule that */
    ASK_TOO_MANY,
    ASK_UNKNOWN, /* there is no such hold */
};

struct ask_answer {
    enum ask_outcome outcome;
    uint64_t id;    /* of the hold */
    usec until_utc; /* taken: the end of what was asked for; refused: when it may be asked again;
                       USEC_INFINITY */
};

/* The rule of the policy that forbids it, as its key: "exclude"; NULL for ASK_TAKEN. */
const char *ask_outcome_name(enum ask_outcome outcome);
