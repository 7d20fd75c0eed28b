// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Varlink's messages: calls and replies between their bytes and values. Serves both ends of the socket. What
 * a method does, service.h knows.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "control/json.h"

/* Errors of the standard interface. */
#define MESSAGE_ERROR_INTERFACE_NOT_FOUND    "org.varlink.service.InterfaceNotFound"
#define MESSAGE_ERROR_METHOD_NOT_FOUND       "org.varlink.service.MethodNotFound"
#define MESSAGE_ERROR_METHOD_NOT_IMPLEMENTED "org.varlink.service.MethodNotImplemented"
#define MESSAGE_ERROR_INVALID_PARAMETER      "org.varlink.service.InvalidParameter"
#define MESSAGE_ERROR_EXPECTED_MORE          "org.varlink.service.ExpectedMore"

struct message_call {
    struct json_object *object;     /* owned: what the others point into */
    const char *method;             /* "io.adminkeyd.Control.Status" */
    struct json_object *parameters; /* an object; NULL: none were given */
    bool oneway, more;
};

struct message_reply {
    struct json_object *object;     /* owned */
    const char *error;              /* NULL: the call was done */
    struct json_object *parameters; /* an object; NULL: none */
    bool continues;
};

enum message_outcome {
    MESSAGE_GARBAGE = 1, /* not JSON, not UTF-8, or not an object: the sender does not speak Varlink */
    MESSAGE_TOO_DEEP,    /* nested beyond LIMIT_MESSAGE_NESTING_MAX */
    MESSAGE_WRONG,       /* an object, but no call or reply; `ret_wrong` names the first wrong member */
};

/* Reads a call. `text` has a NUL behind its last byte. `ret_call->oneway` is also right for MESSAGE_WRONG. */
int message_parse_call(const char *text, size_t size, struct message_call *ret_call, const char **ret_wrong);
void message_call_done(struct message_call *call);

int message_parse_reply(const char *text, size_t size, struct message_reply *ret_reply);
void message_reply_done(struct message_reply *reply);

/* Append a message with its NUL. Parameters are borrowed; NULL: {}. 0, -ENOBUFS, -ENOMEM; on failure nothing
 * was appended. */
int message_format_call(struct bytes *bytes, const char *method, struct json_object *parameters, bool more);
int message_format_reply(struct bytes *bytes, const char *error, struct json_object *parameters,
                         bool continues);
