// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/view.h"

#include "base/text.h"

#define NUMBER_MAX (INT64_C(1) << 40)

struct json_object *view_member(struct json_object *object, const char *key, json_type type)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, key, &value);
    return value && json_object_is_type(value, type) ? value : NULL;
}

const char *view_text(struct json_object *object, const char *key)
{
    struct json_object *value = view_member(object, key, json_type_string);

    return value ? json_object_get_string(value) : NULL;
}

static usec instant(struct json_object *object, const char *key)
{
    const char *text = view_text(object, key);
    usec utc = STATUS_NEVER;

    if (text && time_parse_rfc3339(text, &utc) < 0)
        return STATUS_NEVER;
    return utc;
}

static bool flag(struct json_object *object, const char *key)
{
    return json_object_get_boolean(view_member(object, key, json_type_boolean));
}

/* What no field of a status comes near counts as absent: others are reckoned with, in microseconds. */
static int64_t number(struct json_object *object, const char *key)
{
    int64_t value = json_object_get_int64(view_member(object, key, json_type_int));

    return value >= -NUMBER_MAX && value <= NUMBER_MAX ? value : 0;
}

static bool is_on(struct json_object *object, const char *key)
{
    const char *text = view_text(object, key);

    return text && text_equal(text, "on");
}

static bool read_state(struct json_object *site, enum site_state *ret_state)
{
    const char *text = view_text(site, "state");

    for (int state = SITE_OFF; text && state <= SITE_BLOCKED; state++)
        if (text_equal(site_state_name((enum site_state)state), text)) {
            *ret_state = (enum site_state)state;
            return true;
        }
    return false;
}

static void read_limit(struct json_object *limits, const char *key, struct view_limit *limit)
{
    struct json_object *object = view_member(limits, key, json_type_object);

    limit->limit = number(object, "limit_s") * USEC_PER_SEC;
    limit->used = number(object, "used_s") * USEC_PER_SEC;
    limit->until_utc = instant(object, "until");
}

static usec to_utc(const struct site_view *view, usec by_site)
{
    return by_site == STATUS_NEVER ? STATUS_NEVER : by_site - view->clock_offset_ms * USEC_PER_MSEC;
}

static void read_parts(struct json_object *site, struct site_view *view)
{
    struct json_object *cause = view_member(site, "cause", json_type_object);
    struct json_object *change = view_member(site, "next_change", json_type_object);
    struct json_object *error = view_member(site, "last_error", json_type_object);
    struct json_object *foreign = view_member(site, "foreign", json_type_object);
    struct json_object *limits = view_member(site, "limits", json_type_object);

    view->cause.kind = view_text(cause, "kind");
    view->cause.name = view_text(cause, "name");
    view->cause.reason = view_text(cause, "reason");
    view->cause.line = (unsigned)number(cause, "line");
    view->cause.until_utc = instant(cause, "until");
    view->next_change_utc = instant(change, "at");
    view->next_change_on = is_on(change, "to");
    view->error.verdict = view_text(error, "verdict");
    view->error.detail = view_text(error, "detail");
    view->error.request_id = view_text(error, "request_id");
    view->error.at_utc = instant(error, "at");
    view->foreign_expires_utc = to_utc(view, instant(foreign, "expires"));
    view->foreign_seen_utc = instant(foreign, "seen_at");
    read_limit(limits, "continuous", &view->continuous);
    read_limit(limits, "per_day", &view->per_day);
}

bool view_site(struct json_object *parameters, struct site_view *ret_view)
{
    struct json_object *site = view_member(parameters, "site", json_type_object);
    struct site_view view = {0};

    view.site = view_text(site, "site");
    view.url = view_text(site, "url");
    view.user = view_text(site, "user");
    if (!view.site || !view.url || !view.user || !read_state(site, &view.state))
        return false;
    view.enforce = flag(site, "enforce");
    view.goal_on = is_on(site, "goal");
    view.agrees = flag(site, "agrees");
    view.clock_offset_ms = number(site, "clock_offset_ms");
    view.expires_site = instant(site, "expires");
    view.expires_utc = to_utc(&view, view.expires_site);
    view.renews_utc = instant(site, "renews");
    view.proved_off_utc = instant(site, "proved_off");
    view.outage_tolerated_until_utc = instant(site, "outage_tolerated_until");
    view.token_expires_utc = instant(site, "token_expires");
    view.failures = (unsigned)number(site, "failures");
    read_parts(site, &view);
    *ret_view = view;
    return true;
}

bool view_daemon(struct json_object *parameters, struct daemon_view *ret_view)
{
    struct json_object *daemon = view_member(parameters, "daemon", json_type_object);
    struct json_object *policy = view_member(daemon, "policy", json_type_object);
    struct json_object *rejected = view_member(policy, "rejected", json_type_object);

    *ret_view = (struct daemon_view){
        .version = view_text(daemon, "version"),
        .policy_path = view_text(policy, "path"),
        .since_utc = instant(daemon, "since"),
        .policy_loaded_utc = instant(policy, "loaded_at"),
        .rejected_utc = instant(rejected, "at"),
        .rejected = view_member(rejected, "errors", json_type_array),
        .notices = view_member(daemon, "notices", json_type_array),
    };
    return ret_view->version && ret_view->policy_path;
}

bool view_is_on(const struct site_view *view)
{
    return view->state == SITE_ON;
}

bool view_is_off(const struct site_view *view)
{
    return view->state == SITE_OFF && view->proved_off_utc != STATUS_NEVER;
}

bool view_is_degraded(const struct site_view *view)
{
    return !view->agrees || view->state == SITE_BLOCKED;
}
