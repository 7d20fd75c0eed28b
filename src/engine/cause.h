// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Why the key is wanted, or not: the one word list for status, ledger and journal.
 */

#include "base/time.h"

enum cause_kind {
    CAUSE_NONE,
    CAUSE_ACTIVE_HOURS,
    CAUSE_MAINTENANCE_WINDOW,
    CAUSE_EXCLUDE,
    CAUSE_HOLD, /* somebody asked for a key */
    CAUSE_RUN,  /* a command runs under it */
    CAUSE_BREAK_GLASS,
    CAUSE_DISABLE, /* somebody said no */
    CAUSE_LIMIT,   /* a limit of the policy is spent */
    CAUSE_SLEEP,   /* the machine is about to sleep */
    CAUSE_LOCK,    /* the session is locked */
    N_CAUSE_KINDS
};

/* Names and reasons are borrowed from the policy or from what was asked for, and valid while it is. */
struct cause {
    enum cause_kind kind;
    const char *name;   /* NULL: none */
    const char *reason; /* NULL: none */
    unsigned line;      /* in the policy; 0: none */
    usec until_utc;     /* the end of what it says; USEC_INFINITY: open */
};

/* "active_hours" ...; NULL for CAUSE_NONE. */
const char *cause_kind_name(enum cause_kind kind);

/* The kind of that name; CAUSE_NONE for NULL or any other text. */
enum cause_kind cause_kind_parse(const char *name);
