// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/json.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define ADD_FLAGS (JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY)

struct json_builder json_begin(void)
{
    struct json_object *object = json_object_new_object();

    return (struct json_builder){.object = object, .failed = !object};
}

static void add(struct json_builder *builder, const char *key, struct json_object *value)
{
    if (!builder->failed && json_object_object_add_ex(builder->object, key, value, ADD_FLAGS) == 0)
        return;
    json_object_put(value);
    builder->failed = true;
}

void json_add(struct json_builder *builder, const char *key, struct json_object *value)
{
    if (!value)
        builder->failed = true;
    else
        add(builder, key, value);
}

void json_add_null(struct json_builder *builder, const char *key)
{
    add(builder, key, NULL);
}

void json_add_bool(struct json_builder *builder, const char *key, bool value)
{
    json_add(builder, key, json_object_new_boolean(value));
}

void json_add_int(struct json_builder *builder, const char *key, int64_t value)
{
    json_add(builder, key, json_object_new_int64(value));
}

struct json_object *json_new_text(const char *text)
{
    _cleanup_free_ char *clean = NULL;
    size_t size = strlen(text), at = 0, bad;

    if (text_is_utf8(text, size, NULL))
        return json_object_new_string_len(text, (int)size);
    clean = strdup(text);
    if (!clean)
        return NULL;
    for (; !text_is_utf8(clean + at, size - at, &bad); at += bad)
        clean[at + bad] = '?';
    return json_object_new_string_len(clean, (int)size);
}

int json_append(struct json_object *array, struct json_object *value)
{
    if (value && json_object_array_add(array, value) == 0)
        return 0;
    json_object_put(value);
    return -ENOMEM;
}

void json_add_text(struct json_builder *builder, const char *key, const char *text)
{
    if (text)
        json_add(builder, key, json_new_text(text));
    else
        json_add_null(builder, key);
}

void json_add_text_or_null(struct json_builder *builder, const char *key, const char *text)
{
    json_add_text(builder, key, text && *text ? text : NULL);
}

void json_add_instant(struct json_builder *builder, const char *key, usec utc)
{
    char buffer[TIME_TEXT_MAX];

    if (utc < 0 || utc == USEC_INFINITY)
        json_add_null(builder, key);
    else
        json_add_text(builder, key, time_format_rfc3339(buffer, utc));
}

struct json_object *json_finish(struct json_builder *builder)
{
    if (builder->failed) {
        json_builder_done(builder);
        return NULL;
    }
    return steal_pointer(&builder->object);
}
