// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Building JSON objects without a check a field: the first failure sticks, and json_finish() tells of it.
 * Values that are not there become null, never a magic number.
 *
 * Keys must be string constants, each used once in an object: json-c then neither copies nor looks for them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/json_text.h"
#include "base/time.h"

struct json_builder {
    struct json_object *object;
    bool failed; /* out of memory */
};

struct json_builder json_begin(void);
static inline void json_builder_done(struct json_builder *builder)
{
    json_object_put(builder->object);
    builder->object = NULL;
}
#define _cleanup_json_ _cleanup_(json_builder_done)

void json_add_null(struct json_builder *builder, const char *key);
void json_add_bool(struct json_builder *builder, const char *key, bool value);
void json_add_int(struct json_builder *builder, const char *key, int64_t value);

/* NULL becomes null. A byte that is not UTF-8 becomes '?', for a reply must be readable by everybody. */
void json_add_text(struct json_builder *builder, const char *key, const char *text);

/* As json_add_text(), and "" becomes null. */
void json_add_text_or_null(struct json_builder *builder, const char *key, const char *text);

/* RFC 3339 in UTC; negative (STATUS_NEVER) and USEC_INFINITY become null. */
void json_add_instant(struct json_builder *builder, const char *key, usec utc);

/* Takes the value. NULL is a failure to make it, and sticks. */
void json_add(struct json_builder *builder, const char *key, struct json_object *value);

/* A text as a value, and a value appended to an array (taken); -ENOMEM also where `value` is NULL. */
struct json_object *json_new_text(const char *text);
int json_append(struct json_object *array, struct json_object *value);

/* The object, which the caller owns now; NULL when anything failed. */
struct json_object *json_finish(struct json_builder *builder);
