// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Calls the sites: confluence/confluence.h over libcurl, any number at a time on the daemon's event loop, at
 * most SITE_CLIENT_CONNECTIONS_MAX connections in all; further calls wait in line within their own time.
 * Each call has a connection of its own, with HTTP/2 where the site offers it.
 *
 * What a call may do is settled here once: TLS 1.2 or later with a verified certificate, http only for a URL
 * that says so (the policy admits those of a loopback address only), no redirects, no cookies, no .netrc, no
 * proxy but the policy's. User and token go in by option, never in a URL. A name server that never answers
 * holds up its own call and nothing else.
 */

#include "base/cleanup.h"
#include "base/secret.h"
#include "base/time.h"
#include "confluence/confluence.h"
#include "host/loop.h"
#include "policy/policy.h"

#define SITE_CLIENT_CONNECTIONS_MAX 32
#define SITE_CLIENT_CONNECT_TIMEOUT (10 * USEC_PER_SEC)
#define SITE_CLIENT_TOTAL_TIMEOUT   (30 * USEC_PER_SEC)
#define SITE_CLIENT_HEADERS_MAX     (64 * 1024) /* bytes, all header lines of a reply */

struct site_client;
struct site_call; /* one that is under way; owned by the client */

struct site_request {
    enum confluence_call call;
    unsigned minutes; /* POST */
    usec timeout;     /* for the whole call; SITE_CLIENT_TOTAL_TIMEOUT at most */
    usec site_now;    /* the site's clock as far as known */
};

/* Told once, from the event loop and never from within site_client_call(); the call is gone by then. */
typedef void (*site_reply_handler)(void *context, const struct confluence_reply *reply);

/* curl_memory_init() must have been called. 0 or a negative errno. */
int site_client_new(struct loop *loop, struct site_client **ret_client);

/* Cancels what is under way. */
struct site_client *site_client_free(struct site_client *client);
DEFINE_CLEANUP(struct site_client *, site_client_free);

/* Starts a call. All arguments but the context are copied, the token into memory that libcurl wipes. 0 or a
 * negative errno: then no reply follows. */
int site_client_call(struct site_client *client, const struct policy_site *site,
                     const struct site_request *request, const struct secret *token,
                     site_reply_handler handler, void *context, struct site_call **ret_call);

/* Ends a call without a reply; the site may have acted on it all the same. Takes NULL, returns NULL. */
struct site_call *site_call_cancel(struct site_call *call);
