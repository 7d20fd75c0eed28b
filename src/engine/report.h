// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the journal is told: one kind a message id. The table in report.c gives each kind its id, its name and
 * its usual priority; it feeds the journal, the catalog and the manual's test. Words are made by whoever
 * reports.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "confluence/confluence.h"

enum report_kind {
    /* about a site */
    REPORT_KEY_ENABLED,
    REPORT_KEY_RENEWED,
    REPORT_KEY_DISABLED,   /* off, and proved so */
    REPORT_KEY_LOST,       /* somebody else switched off or changed the key while it was wanted */
    REPORT_KEY_SHORTENED,  /* the site granted less than was asked for */
    REPORT_KEY_FOREIGN,    /* a live key that this installation did not enable */
    REPORT_KEY_LEFT,       /* stopping, and the key stays on until its expiry */
    REPORT_CALL_FAILED,    /* a verdict other than done */
    REPORT_SITE_BLOCKED,   /* only people can mend it */
    REPORT_SITE_RECOVERED, /* calls succeed again */
    REPORT_CLOCK_OFF,      /* the site's clock and this machine's disagree */
    REPORT_HOLD_TAKEN,     /* somebody asked for a key, and gets one */
    REPORT_HOLD_ENDED,
    REPORT_BREAK_GLASS, /* somebody asked for a key past the policy's excludes and hours */
    REPORT_DISABLED_BY, /* somebody said no */
    REPORT_RESUMED,
    REPORT_LIMIT_SPENT,    /* a limit of the policy keeps the key off */
    REPORT_RATE_LIMITED,   /* the breaker holds a POST back */
    REPORT_NOT_ENFORCED,   /* enforce: no, and something would have been switched */
    REPORT_LEDGER_DAMAGED, /* lines that were skipped */
    REPORT_LEDGER_FAILED,  /* a record could not be written: no key is enabled */
    /* about the daemon */
    REPORT_DAEMON_STARTED,
    REPORT_DAEMON_STOPPING,
    REPORT_DAEMON_FAILED, /* it could not start, or not go on */
    REPORT_POLICY_LOADED,
    REPORT_POLICY_REJECTED,
    REPORT_POLICY_WARNING,
    REPORT_CREDENTIAL_REFUSED,
    REPORT_NOTICE, /* something of the system is missing; the daemon goes on without */
    N_REPORT_KINDS
};

/* As syslog(3) has them. */
enum report_priority {
    PRIORITY_CRITICAL = 2,
    PRIORITY_ERROR = 3,
    PRIORITY_WARNING = 4,
    PRIORITY_NOTICE = 5,
    PRIORITY_INFO = 6,
};

#define REPORT_TEXT_MAX 511

struct report {
    enum report_kind kind;
    enum report_priority priority;
    char message[REPORT_TEXT_MAX + 1];
    /* journal fields; NULL or "" are left out. Borrowed until the effects are used up. */
    const char *site;
    const char *state;
    const char *cause;
    const char *reason;
    const char *verdict;
    char expires[TIME_TEXT_MAX];
    char request_id[CONFLUENCE_ID_MAX + 1];
    char id[17];  /* of the intent */
    bool has_end; /* REPORT_SITE_RECOVERED will tell that it is over */
};

struct report_kind_row {
    const char *name;       /* "key-enabled" */
    const char *message_id; /* 32 hexadecimal digits */
    enum report_priority priority;
    bool repeats; /* the same words at the same priority are told once a minute at most */
};
const struct report_kind_row *report_kind_row(enum report_kind kind);
