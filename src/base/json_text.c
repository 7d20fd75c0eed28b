// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_text.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "base/text.h"

static struct json_tokener *tokener_free(struct json_tokener *tokener)
{
    json_tokener_free(tokener);
    return NULL;
}
DEFINE_CLEANUP(struct json_tokener *, tokener_free);

static bool is_ascii(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

/* json-c 0.18, which Debian 13 has, takes every byte of UTF-8 beyond ASCII for a control character when it is
 * strict (json-c issues 875 and 892). */
static bool strict_is_broken(void)
{
    return json_c_version_num() >> 8 == 18;
}

int json_text_parse(const char *text, size_t size, int nesting, struct json_object **ret_object)
{
    _cleanup_(tokener_freep) struct json_tokener *tokener = NULL;
    _cleanup_(json_freep) struct json_object *object = NULL;

    if (size >= INT_MAX || !text_is_utf8(text, size, NULL))
        return JSON_TEXT_GARBAGE;
    tokener = json_tokener_new_ex(nesting + 1); /* a number in the innermost object counts as a level */
    if (!tokener)
        return -ENOMEM;
    if (!strict_is_broken() || is_ascii(text, size))
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    object = json_tokener_parse_ex(tokener, text, (int)size);
    if (json_tokener_get_error(tokener) == json_tokener_error_depth)
        return JSON_TEXT_TOO_DEEP;
    if (!object || json_tokener_get_parse_end(tokener) != size ||
        !json_object_is_type(object, json_type_object))
        return JSON_TEXT_GARBAGE;
    *ret_object = steal_pointer(&object);
    return 0;
}
