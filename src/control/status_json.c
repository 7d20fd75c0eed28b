// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/status_json.h"

#include <inttypes.h>
#include <stdio.h>

static struct json_object *problem_json(const struct problem *problem)
{
    _cleanup_json_ struct json_builder json = json_begin();

    if (problem->line > 0)
        json_add_int(&json, "line", problem->line);
    else
        json_add_null(&json, "line");
    if (problem->column > 0)
        json_add_int(&json, "column", problem->column);
    else
        json_add_null(&json, "column");
    json_add_text(&json, "key", problem->key);
    json_add_text(&json, "message", problem->message);
    return json_finish(&json);
}

struct json_object *status_json_problems(const struct problems *problems, bool warnings)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();

    if (!array)
        return NULL;
    for (size_t i = 0; i < problems->n; i++)
        if (problems->list[i].warning == warnings && json_append(array, problem_json(&problems->list[i])) < 0)
            return NULL;
    return steal_pointer(&array);
}

static struct json_object *notices_json(const struct daemon_status *status)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();

    if (!array)
        return NULL;
    for (size_t i = 0; i < status->n_notices; i++)
        if (json_append(array, json_new_text(status->notices[i])) < 0)
            return NULL;
    return steal_pointer(&array);
}

static struct json_object *rejected_json(const struct daemon_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_instant(&json, "at", status->rejected_utc);
    json_add(&json, "errors",
             status->rejected ? status_json_problems(status->rejected, false) : json_object_new_array());
    return json_finish(&json);
}

static struct json_object *policy_json(const struct daemon_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "path", status->policy_path);
    json_add_instant(&json, "loaded_at", status->policy_loaded_utc);
    json_add_text_or_null(&json, "sha256", status->policy_sha256);
    if (status->rejected_utc == STATUS_NEVER)
        json_add_null(&json, "rejected");
    else
        json_add(&json, "rejected", rejected_json(status));
    return json_finish(&json);
}

struct json_object *status_json_daemon(const struct daemon_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "version", status->version);
    json_add_instant(&json, "since", status->since_utc);
    json_add(&json, "policy", policy_json(status));
    json_add(&json, "notices", notices_json(status));
    return json_finish(&json);
}

static struct json_object *cause_json(const struct cause *cause)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "kind", cause_kind_name(cause->kind));
    json_add_text_or_null(&json, "name", cause->name);
    json_add_text_or_null(&json, "reason", cause->reason);
    if (cause->line > 0)
        json_add_int(&json, "line", cause->line);
    else
        json_add_null(&json, "line");
    json_add_instant(&json, "until", cause->until_utc);
    return json_finish(&json);
}

static struct json_object *next_change_json(const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_instant(&json, "at", status->next_change_utc);
    json_add_text(&json, "to", status->next_change_on ? "on" : "off");
    return json_finish(&json);
}

static struct json_object *last_error_json(const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "verdict", verdict_name(status->last_error.verdict));
    json_add_text(&json, "detail", status->last_error.detail);
    json_add_text_or_null(&json, "request_id", status->last_error.request_id);
    json_add_instant(&json, "at", status->last_error.at_utc);
    return json_finish(&json);
}

static struct json_object *limit_json(const struct status_limit *limit)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_int(&json, "limit_s", limit->limit / USEC_PER_SEC);
    json_add_int(&json, "used_s", limit->used / USEC_PER_SEC);
    json_add_instant(&json, "until", limit->until_utc);
    return json_finish(&json);
}

static struct json_object *hold_json(const struct hold *hold)
{
    _cleanup_json_ struct json_builder json = json_begin();
    char id[17];

    snprintf(id, sizeof(id), "%016" PRIx64, hold->id);
    json_add_text(&json, "id", id);
    json_add_text(&json, "kind", cause_kind_name(hold->kind));
    json_add_text(&json, "by", hold->by);
    json_add_text(&json, "reason", hold->reason);
    json_add_instant(&json, "from", hold->from_utc);
    json_add_instant(&json, "until", hold->until_utc);
    return json_finish(&json);
}

/* NULL where memory failed. */
static struct json_object *holds_json(const struct demand *demand)
{
    struct json_object *holds = json_object_new_array();

    for (size_t i = 0; holds && demand && i < demand->n_holds; i++)
        if (json_append(holds, hold_json(&demand->holds[i])) < 0) {
            json_object_put(holds);
            return NULL;
        }
    return holds;
}

/* The value where there is one, else null. */
#define ADD_WHERE(json, key, condition, value)                                                               \
    do {                                                                                                     \
        if (condition)                                                                                       \
            json_add((json), (key), (value));                                                                \
        else                                                                                                 \
            json_add_null((json), (key));                                                                    \
    } while (0)

static struct json_object *limits_json(const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    ADD_WHERE(&json, "continuous", status->continuous.limit > 0, limit_json(&status->continuous));
    ADD_WHERE(&json, "per_day", status->per_day.limit > 0, limit_json(&status->per_day));
    return json_finish(&json);
}

static struct json_object *foreign_json(const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_instant(&json, "expires", status->foreign_expires_utc);
    json_add_instant(&json, "seen_at", status->foreign_seen_utc);
    return json_finish(&json);
}

static void add_times(struct json_builder *json, const struct site_status *status)
{
    json_add_instant(json, "expires", status->expires_utc);
    json_add_instant(json, "renews", status->renews_utc);
    json_add_instant(json, "proved_off", status->proved_off_utc);
    ADD_WHERE(json, "next_change", status->next_change_utc >= 0 && status->next_change_utc != USEC_INFINITY,
              next_change_json(status));
    json_add_instant(json, "outage_tolerated_until", status->outage_tolerated_until_utc);
    json_add_instant(json, "disabled_until",
                     status->demand && status->demand->disabled ? status->demand->disabled_until_utc
                                                                : STATUS_NEVER);
    json_add(json, "holds", holds_json(status->demand));
}

struct json_object *status_json_site(const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "site", status->site);
    json_add_text(&json, "url", status->url);
    json_add_text(&json, "user", status->user);
    json_add_bool(&json, "enforce", status->enforce);
    json_add_text(&json, "state", site_state_name(status->state));
    json_add_text(&json, "goal", status->goal_on ? "on" : "off");
    json_add_bool(&json, "agrees", status->agrees);
    ADD_WHERE(&json, "cause", status->cause.kind != CAUSE_NONE, cause_json(&status->cause));
    add_times(&json, status);
    json_add_int(&json, "failures", status->failures);
    ADD_WHERE(&json, "last_error", status->last_error.is_set, last_error_json(status));
    ADD_WHERE(&json, "clock_offset_ms", status->has_clock_offset,
              json_object_new_int64(status->clock_offset_ms));
    json_add(&json, "limits", limits_json(status));
    json_add_instant(&json, "token_expires", status->token_expires_utc);
    ADD_WHERE(&json, "foreign",
              status->foreign_seen_utc != STATUS_NEVER || status->foreign_expires_utc != STATUS_NEVER,
              foreign_json(status));
    return json_finish(&json);
}
