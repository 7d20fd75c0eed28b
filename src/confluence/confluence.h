// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The admin-key API of Confluence Cloud as bytes: a call becomes a request, what came back becomes a reply
 * with a verdict. No transport, no clock. Source: the vendor's REST API v2, GET, POST and DELETE
 * /wiki/api/v2/admin-key, and what was measured of it: bodies of errors may be HTML, text or JSON, so
 * none is ever depended on.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/time.h"
#include "confluence/verdict.h"

#define CONFLUENCE_PATH            "/wiki/api/v2/admin-key"
#define CONFLUENCE_MINUTES_MIN     1  /* 0 would mean ten minutes to the site */
#define CONFLUENCE_MINUTES_MAX     60 /* the most that the site grants */
#define CONFLUENCE_BODY_MAX        (64 * 1024)
#define CONFLUENCE_ID_MAX          63
#define CONFLUENCE_DETAIL_MAX      200
#define CONFLUENCE_RETRY_AFTER_MAX (24 * USEC_PER_HOUR) /* a longer one is ignored and reported */

enum confluence_call {
    CONFLUENCE_GET,    /* read the key */
    CONFLUENCE_POST,   /* enable or renew it */
    CONFLUENCE_DELETE, /* disable it */
};
#define N_CONFLUENCE_CALLS 3

const char *confluence_call_name(enum confluence_call call); /* "get", "post", "delete" */
const char *confluence_method(enum confluence_call call);    /* "GET" ... */

/* The JSON body of a POST. Requires 1 <= minutes <= 60. */
const char *confluence_post_body(char buffer[static 64], unsigned minutes);

/* How the transport fared. All but the first carry no reply. */
enum transport {
    TRANSPORT_REPLIED, /* status, headers and the whole body are there */
    TRANSPORT_TIMED_OUT,
    TRANSPORT_NOT_RESOLVED,  /* the name has no address */
    TRANSPORT_NOT_CONNECTED, /* refused, unreachable, the proxy failed */
    TRANSPORT_NOT_SECURED,   /* the TLS handshake failed, for another reason than the certificate */
    TRANSPORT_UNTRUSTED,     /* the certificate is not signed by a known CA, expired or of another host */
    TRANSPORT_CUT,           /* the connection ended within the reply */
    TRANSPORT_TOO_LARGE,     /* past CONFLUENCE_BODY_MAX, or headers without end */
};

/* What one call came to: plain values. */
struct confluence_reply {
    enum verdict verdict;
    enum verdict suspect; /* where `verdict` is transient: what it would be if it is seen again and again
                             (credential, not_eligible); else the verdict itself */
    int status;           /* HTTP; 0: no reply */
    bool may_have_acted;  /* no reply settles it: the site may have carried the call out, or may yet (the
                             request was sent and timed out, was cut, or met a 3xx, 408 or 5xx); true of
                             `done` and `implausible` as well */
    bool has_key;         /* a 200 to GET or POST whose body was readable */
    bool has_expiry;
    usec expires_site; /* the site's clock; where has_expiry */
    bool has_date;
    usec date_site; /* the Date header: the site's clock, whole seconds, cut down */
    bool has_retry_after;
    usec retry_after;                       /* from now on; 0..CONFLUENCE_RETRY_AFTER_MAX */
    bool retry_after_absurd;                /* it was longer than that, and is ignored */
    char request_id[CONFLUENCE_ID_MAX + 1]; /* atl-traceid or atl-request-id, printable; "" if none */
    char detail[CONFLUENCE_DETAIL_MAX + 1]; /* what happened, for people: "HTTP 404 to POST" */
};

/* Collects one reply as it comes in. The caller owns the struct; caps are kept here. */
struct confluence_reader {
    enum confluence_call call;
    int status;
    bool has_date, seraph_failed;
    usec date_site;
    char retry_after[64];
    char request_id[CONFLUENCE_ID_MAX + 1];
    struct bytes body;
};

void confluence_reader_init(struct confluence_reader *reader, enum confluence_call call);
void confluence_reader_done(struct confluence_reader *reader);

/* One header line as received, with or without its line end; a status line ("HTTP/1.1 200 OK") starts anew,
 * so that of several only the last one's headers count. */
void confluence_reader_header(struct confluence_reader *reader, const char *line, size_t size);

/* A piece of the body. 0, -ENOBUFS past the cap, -ENOMEM. */
int confluence_reader_body(struct confluence_reader *reader, const void *data, size_t size);

/* The verdict on what was collected. `site_now` is the site's clock as far as known, used where the reply has
 * no Date: an expiry in the past or more than 61 minutes ahead of it is implausible. `transport_words` (may
 * be NULL) goes into the detail where there was no reply. */
void confluence_reader_finish(const struct confluence_reader *reader, enum transport transport,
                              const char *transport_words, usec site_now, struct confluence_reply *ret_reply);
