// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"

#define RECORD_NESTING_MAX 4

static const char *const kind_names[] = {
    [RECORD_INTENT] = "intent",   [RECORD_OUTCOME] = "outcome", [RECORD_GIVEN_UP] = "given_up",
    [RECORD_OFF] = "off",         [RECORD_SEEN] = "seen",       [RECORD_HOLD] = "hold",
    [RECORD_RELEASE] = "release", [RECORD_DISABLE] = "disable", [RECORD_RESUME] = "resume",
    [RECORD_USAGE] = "usage",
};

/* Takes the value. */
static int add(struct json_object *object, const char *key, struct json_object *value)
{
    if (!value)
        return -ENOMEM;
    if (json_object_object_add(object, key, value) < 0) {
        json_object_put(value);
        return -ENOMEM;
    }
    return 0;
}

static int add_text(struct json_object *object, const char *key, const char *text)
{
    return text && *text ? add(object, key, json_object_new_string(text)) : 0;
}

static int add_instant(struct json_object *object, const char *key, usec at)
{
    char buffer[TIME_TEXT_MAX];

    return add_text(object, key, time_format_rfc3339(buffer, at));
}

static bool has_until(enum record_kind kind)
{
    return kind == RECORD_HOLD || kind == RECORD_DISABLE;
}

static int add_demand(const struct record *record, struct json_object *object)
{
    int r = 0;

    if (has_until(record->kind) && record->until_utc != USEC_INFINITY)
        r = add_instant(object, "until", record->until_utc);
    if (r == 0)
        r = add_text(object, "by", record->by);
    if (r == 0 && record->kind == RECORD_USAGE)
        r = add(object, "day", json_object_new_int(record->day));
    if (r == 0 && record->kind == RECORD_USAGE)
        r = add(object, "day_s", json_object_new_int64(record->day_used / USEC_PER_SEC));
    if (r == 0 && record->kind == RECORD_USAGE)
        r = add(object, "stretch_s", json_object_new_int64(record->stretch_used / USEC_PER_SEC));
    return r;
}

static int add_fields(const struct record *record, struct json_object *object)
{
    char id[17];
    int r = add_text(object, "kind", kind_names[record->kind]);

    if (r == 0)
        r = add_instant(object, "at", record->at_utc);
    if (r == 0)
        r = add_text(object, "site", record->site);
    if (r == 0 && record->id != 0) {
        snprintf(id, sizeof(id), "%016" PRIx64, record->id);
        r = add_text(object, "id", id);
    }
    if (r == 0 && record->kind == RECORD_INTENT)
        r = add(object, "minutes", json_object_new_int((int32_t)record->minutes));
    if (r == 0 && record->stretch_utc != 0)
        r = add_instant(object, "stretch", record->stretch_utc);
    if (r == 0 && record->kind == RECORD_OUTCOME)
        r = add_text(object, "verdict", verdict_name(record->verdict));
    if (r == 0 && record->not_acted)
        r = add(object, "acted", json_object_new_boolean(false));
    if (r == 0 && record->has_expiry)
        r = add_instant(object, "expires", record->expires_site);
    if (r == 0 && record->kind == RECORD_SEEN)
        r = add(object, "ours", json_object_new_boolean(record->ours));
    if (r == 0)
        r = add_demand(record, object);
    if (r == 0)
        r = add_text(object, "cause", cause_kind_name(record->cause));
    if (r == 0)
        r = add_text(object, "name", record->cause_name);
    if (r == 0)
        r = add_text(object, "reason", record->cause_reason);
    if (r == 0)
        r = add_text(object, "request_id", record->request_id);
    return r;
}

int record_format(const struct record *record, struct bytes *bytes)
{
    _cleanup_(json_freep) struct json_object *object = json_object_new_object();
    size_t before = bytes->size;
    const char *text;
    int r;

    if (!object)
        return -ENOMEM;
    r = add_fields(record, object);
    if (r < 0)
        return r;
    text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text)
        return -ENOMEM;
    if (strlen(text) + 1 > RECORD_LINE_MAX)
        return -ENOBUFS;
    r = bytes_append_text(bytes, text);
    if (r == 0)
        r = bytes_append(bytes, "\n", 1);
    if (r < 0 && bytes->size > before) {
        bytes->size = before;
        bytes->data[before] = '\0';
    }
    return r;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

static bool read_kind(struct json_object *object, enum record_kind *ret_kind)
{
    const char *text = text_of(object, "kind");

    for (size_t i = 0; text && i < ARRAY_SIZE(kind_names); i++)
        if (text_equal(text, kind_names[i])) {
            *ret_kind = (enum record_kind)i;
            return true;
        }
    return false;
}

static bool read_id(struct json_object *object, uint64_t *ret_id)
{
    const char *text = text_of(object, "id");
    char *end;

    if (!text)
        return true;
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *ret_id = strtoull(text, &end, 16);
    return true;
}

static bool read_minutes(struct json_object *object, unsigned *ret_minutes)
{
    struct json_object *value;
    int64_t minutes;

    if (!json_object_object_get_ex(object, "minutes", &value) || !json_object_is_type(value, json_type_int))
        return false;
    minutes = json_object_get_int64(value);
    if (minutes < CONFLUENCE_MINUTES_MIN || minutes > CONFLUENCE_MINUTES_MAX)
        return false;
    *ret_minutes = (unsigned)minutes;
    return true;
}

static bool read_expiry(struct json_object *object, struct record *record)
{
    const char *text = text_of(object, "expires");

    record->has_expiry = json_object_object_get_ex(object, "expires", NULL);
    return !record->has_expiry || (text && time_parse_rfc3339(text, &record->expires_site) == 0);
}

static bool read_stretch(struct json_object *object, usec *ret_stretch_utc)
{
    const char *text = text_of(object, "stretch");

    return !json_object_object_get_ex(object, "stretch", NULL) ||
           (text && time_parse_rfc3339(text, ret_stretch_utc) == 0);
}

/* What is not there stays as it is. */
static bool read_bool(struct json_object *object, const char *key, bool *ret)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, key, &value))
        return true;
    *ret = json_object_get_boolean(value);
    return json_object_is_type(value, json_type_boolean);
}

static bool read_seconds(struct json_object *object, const char *key, usec max, usec *ret)
{
    struct json_object *value;
    int64_t seconds;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_int))
        return false;
    seconds = json_object_get_int64(value);
    if (seconds < 0 || seconds > max / USEC_PER_SEC)
        return false;
    *ret = seconds * USEC_PER_SEC;
    return true;
}

static bool read_usage(struct json_object *object, struct record *record)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, "day", &value) || !json_object_is_type(value, json_type_int))
        return false;
    record->day = json_object_get_int(value);
    return read_seconds(object, "day_s", 2 * USEC_PER_DAY, &record->day_used) &&
           read_seconds(object, "stretch_s", DURATION_MAX, &record->stretch_used);
}

/* Of holds and disables. A hold that names no end is none. */
static bool read_demand(struct json_object *object, struct record *record)
{
    const char *until = text_of(object, "until"), *by = text_of(object, "by");

    record->until_utc = USEC_INFINITY;
    if (until ? time_parse_rfc3339(until, &record->until_utc) < 0 : record->kind == RECORD_HOLD)
        return false;
    text_copy(record->by, sizeof(record->by), by ? by : "");
    record->cause = cause_kind_parse(text_of(object, "cause"));
    if (record->kind == RECORD_HOLD)
        return record->id != 0 && (record->cause == CAUSE_HOLD || record->cause == CAUSE_RUN ||
                                   record->cause == CAUSE_BREAK_GLASS);
    return record->kind != RECORD_RELEASE || record->id != 0;
}

static bool read_fields(struct json_object *object, struct record *record)
{
    const char *at = text_of(object, "at"), *site = text_of(object, "site");
    const char *verdict = text_of(object, "verdict");
    const char *name = text_of(object, "name"), *reason = text_of(object, "reason");
    const char *request_id = text_of(object, "request_id");
    bool acted = true;

    if (!read_kind(object, &record->kind) || !at || !site || !*site || strlen(site) > RECORD_SITE_MAX ||
        time_parse_rfc3339(at, &record->at_utc) < 0 || !read_id(object, &record->id))
        return false;
    if (record->kind == RECORD_INTENT && (record->id == 0 || !read_minutes(object, &record->minutes)))
        return false;
    if (record->kind == RECORD_OUTCOME && (!verdict || verdict_parse(verdict, &record->verdict) < 0))
        return false;
    if (!read_expiry(object, record) || !read_bool(object, "ours", &record->ours) ||
        !read_bool(object, "acted", &acted) || !read_stretch(object, &record->stretch_utc))
        return false;
    if (!read_demand(object, record) || (record->kind == RECORD_USAGE && !read_usage(object, record)))
        return false;
    record->not_acted = !acted;
    text_copy(record->site, sizeof(record->site), site);
    text_copy(record->cause_name, sizeof(record->cause_name), name ? name : "");
    text_copy(record->cause_reason, sizeof(record->cause_reason), reason ? reason : "");
    text_copy(record->request_id, sizeof(record->request_id), request_id ? request_id : "");
    return true;
}

int record_parse(const char *line, size_t size, struct record *ret_record)
{
    _cleanup_(json_freep) struct json_object *object = NULL;
    struct record record = {0};
    int r;

    if (size == 0 || size > RECORD_LINE_MAX)
        return RECORD_DAMAGED;
    r = json_text_parse(line, size, RECORD_NESTING_MAX, &object);
    if (r < 0)
        return r;
    if (r > 0 || !read_fields(object, &record))
        return RECORD_DAMAGED;
    *ret_record = record;
    return 0;
}
