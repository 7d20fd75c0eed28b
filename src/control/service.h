// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The methods of the control interface: one table says each one's name, whom it is for and what carries it
 * out. Pure: what it knows of the daemon comes through struct control_source, who may ask is the bouncer's
 * word.
 */

#include "control/bouncer.h"
#include "control/json.h"
#include "control/message.h"
#include "control/source.h"

#define SERVICE_INTERFACE "io.adminkeyd.Control"

#define SERVICE_ERROR_NOT_AUTHORIZED SERVICE_INTERFACE ".NotAuthorized"
#define SERVICE_ERROR_UNKNOWN_SITE   SERVICE_INTERFACE ".UnknownSite"
#define SERVICE_ERROR_BAD_POLICY     SERVICE_INTERFACE ".BadPolicy"
#define SERVICE_ERROR_LIMIT_EXCEEDED SERVICE_INTERFACE ".LimitExceeded"

/* What all conversations share. The bouncer is replaced when a new policy comes into force. */
struct service {
    const struct control_source *source;
    const struct bouncer *bouncer;
};

struct service_reply {
    const char *error;              /* a constant; NULL: done */
    struct json_object *parameters; /* owned; NULL: none */
    bool costly;                    /* whoever asked has had a turn with this */
};

enum service_outcome {
    SERVICE_REPLIED = 1,     /* `ret_reply` is the only answer */
    SERVICE_STREAMS_STATUS,  /* the answer is the status of the sites, one a reply, and then it ends */
    SERVICE_STREAMS_CHANGES, /* as before, and then again at each change, without end */
};

struct service_method {
    const char *name; /* "io.adminkeyd.Control.Status" */
    enum access access;
    int (*handle)(const struct service *service, const struct message_call *call,
                  struct service_reply *ret_reply);
    bool only_more; /* without `more` it is refused with ExpectedMore */
    bool costly;    /* it may take milliseconds */
};

/* All methods, in the order of the interface. */
const struct service_method *service_methods(size_t *ret_n);

/* Answers a call of that peer, after the bouncer was asked. Where the answer is a stream, `ret_site` is the
 * site that it is about, borrowed from the call, NULL: all of them; and `ret_access` whom it is for. An
 * outcome, or -ENOMEM. */
int service_call(const struct service *service, const struct peer *peer, const struct message_call *call,
                 struct service_reply *ret_reply, const char **ret_site, enum access *ret_access);

void service_reply_done(struct service_reply *reply);

/* Sites by name: the index of the first one whose name is not before `name`; n_sites where there is none. */
size_t service_seek_site(const struct service *service, const char *name);
/* The index of that site, or n_sites. */
size_t service_find_site(const struct service *service, const char *name);

/* The parameters of one status reply: {daemon, site}. The caller owns them; NULL when out of memory. */
struct json_object *service_site_status(const struct service *service, const struct site_status *status);

/* The parameters of UnknownSite, InvalidParameter and LimitExceeded; as above. */
struct json_object *service_unknown_site(const struct service *service, const char *site);
struct json_object *service_named(const char *key, const char *value);
