// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/message.h"

#include <errno.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "control/limits.h"

static int parse_object(const char *text, size_t size, int nesting, struct json_object **ret_object)
{
    int r = json_text_parse(text, size, nesting, ret_object);

    return r == JSON_TEXT_TOO_DEEP ? MESSAGE_TOO_DEEP : r > 0 ? MESSAGE_GARBAGE : r;
}

/* A member of that type, NULL where it is absent or null. False where it is of another type. */
static bool get_member(struct json_object *object, const char *key, json_type type,
                       struct json_object **ret_value)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    if (value && !json_object_is_type(value, type))
        return false;
    *ret_value = value;
    return true;
}

static bool get_flag(struct json_object *object, const char *key, bool *ret_flag)
{
    struct json_object *value;

    if (!get_member(object, key, json_type_boolean, &value))
        return false;
    *ret_flag = value && json_object_get_boolean(value);
    return true;
}

/* A text without a NUL inside, which C would take for its end. */
static bool get_text(struct json_object *object, const char *key, const char **ret_text)
{
    struct json_object *value;

    if (!get_member(object, key, json_type_string, &value))
        return false;
    *ret_text = value ? json_object_get_string(value) : NULL;
    return !value || strlen(*ret_text) == (size_t)json_object_get_string_len(value);
}

/* The name of the first wrong member, NULL where all are right. */
static const char *read_call(struct message_call *call)
{
    bool upgrade = false;

    if (!get_flag(call->object, "oneway", &call->oneway))
        return "oneway";
    if (!get_flag(call->object, "more", &call->more))
        return "more";
    /* To upgrade is to leave Varlink on this connection; no method here does. */
    if (!get_flag(call->object, "upgrade", &upgrade) || upgrade)
        return "upgrade";
    if (!get_text(call->object, "method", &call->method) || !call->method)
        return "method";
    if (!get_member(call->object, "parameters", json_type_object, &call->parameters))
        return "parameters";
    return NULL;
}

int message_parse_call(const char *text, size_t size, struct message_call *ret_call, const char **ret_wrong)
{
    struct message_call call = {0};
    const char *wrong;
    int r;

    r = parse_object(text, size, LIMIT_MESSAGE_NESTING_MAX, &call.object);
    if (r != 0)
        return r;
    wrong = read_call(&call);
    if (wrong) {
        json_object_put(call.object);
        *ret_call = (struct message_call){.oneway = call.oneway};
        *ret_wrong = wrong;
        return MESSAGE_WRONG;
    }
    *ret_call = call;
    return 0;
}

void message_call_done(struct message_call *call)
{
    json_object_put(call->object);
    *call = (struct message_call){0};
}

int message_parse_reply(const char *text, size_t size, struct message_reply *ret_reply)
{
    struct message_reply reply = {0};
    int r;

    r = parse_object(text, size, LIMIT_MESSAGE_NESTING_MAX, &reply.object);
    if (r != 0)
        return r;
    if (!get_text(reply.object, "error", &reply.error) ||
        !get_member(reply.object, "parameters", json_type_object, &reply.parameters) ||
        !get_flag(reply.object, "continues", &reply.continues)) {
        message_reply_done(&reply);
        return MESSAGE_WRONG;
    }
    *ret_reply = reply;
    return 0;
}

void message_reply_done(struct message_reply *reply)
{
    json_object_put(reply->object);
    *reply = (struct message_reply){0};
}

/* The object's text and the NUL that ends it. */
static int append_object(struct bytes *bytes, struct json_object *object)
{
    size_t size;
    const char *text = json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &size);

    if (!text)
        return -ENOMEM;
    return bytes_append(bytes, text, size + 1);
}

static void add_parameters(struct json_builder *message, struct json_object *parameters)
{
    json_add(message, "parameters", parameters ? json_object_get(parameters) : json_object_new_object());
}

int message_format_call(struct bytes *bytes, const char *method, struct json_object *parameters, bool more)
{
    _cleanup_json_ struct json_builder message = json_begin();

    json_add_text(&message, "method", method);
    add_parameters(&message, parameters);
    if (more)
        json_add_bool(&message, "more", true);
    return message.failed ? -ENOMEM : append_object(bytes, message.object);
}

int message_format_reply(struct bytes *bytes, const char *error, struct json_object *parameters,
                         bool continues)
{
    _cleanup_json_ struct json_builder message = json_begin();

    if (error)
        json_add_text(&message, "error", error);
    add_parameters(&message, parameters);
    if (continues)
        json_add_bool(&message, "continues", true);
    return message.failed ? -ENOMEM : append_object(bytes, message.object);
}
