// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * JSON from outside, read by json-c: one object in UTF-8 and nothing else, with a cap on its nesting.
 */

#include <stddef.h>

#include <json.h>

#include "base/cleanup.h"

static inline struct json_object *json_free(struct json_object *object)
{
    json_object_put(object);
    return NULL;
}
DEFINE_CLEANUP(struct json_object *, json_free);

enum json_text_outcome {
    JSON_TEXT_GARBAGE = 1, /* not one JSON object, or not UTF-8 */
    JSON_TEXT_TOO_DEEP,    /* objects and arrays within each other beyond `nesting` */
};

/* Reads the object, which the caller owns. 0, an outcome, or -ENOMEM. */
int json_text_parse(const char *text, size_t size, int nesting, struct json_object **ret_object);
