// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a reply means for the daemon. One table gives each verdict its name, which is part of the control
 * interface, and its words.
 */

enum verdict {
    VERDICT_DONE,         /* the call did what it is documented to do */
    VERDICT_THROTTLED,    /* 429, or 503 with Retry-After */
    VERDICT_TRANSIENT,    /* time-outs, connections, 3xx, 408, 5xx, what may heal by itself */
    VERDICT_CREDENTIAL,   /* the site does not accept user and token */
    VERDICT_NOT_ELIGIBLE, /* no admin, or neither Premium nor Enterprise */
    VERDICT_REFUSED,      /* another 4xx: the request itself is refused */
    VERDICT_IMPLAUSIBLE,  /* another 2xx, an unreadable body, an expiry that cannot be */
    VERDICT_UNTRUSTED,    /* the certificate is not to be trusted */
};
#define N_VERDICTS 8

/* "done", "not_eligible" ...: as in the control interface, the ledger and the journal. */
const char *verdict_name(enum verdict verdict);

/* A sentence for people: what it means and what to do. */
const char *verdict_words(enum verdict verdict);

/* 0 or -EINVAL. */
int verdict_parse(const char *name, enum verdict *ret_verdict);
