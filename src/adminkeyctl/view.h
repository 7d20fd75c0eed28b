// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the daemon told, as plain values to print. Texts are borrowed from the JSON. What is absent is NULL, 0
 * or STATUS_NEVER; a field of the wrong type is taken for absent.
 */

#include <stdbool.h>

#include "control/json.h"
#include "engine/status.h"

struct view_limit {
    usec limit; /* 0: none */
    usec used;
    usec until_utc; /* spent until then; STATUS_NEVER: it is not */
};

struct site_view {
    const char *site, *url, *user;
    enum site_state state;
    bool enforce, goal_on, agrees;
    struct {
        const char *kind, *name, *reason; /* kind NULL: no cause */
        unsigned line;
        usec until_utc;
    } cause;
    usec expires_site; /* by the site's clock, as it was granted: what tells one key from another */
    usec expires_utc;  /* the same by this machine's, and so are all others */
    usec renews_utc, proved_off_utc, outage_tolerated_until_utc, token_expires_utc;
    usec next_change_utc;
    bool next_change_on;
    unsigned failures;
    struct {
        const char *verdict, *detail, *request_id; /* verdict NULL: no error */
        usec at_utc;
    } error;
    int64_t clock_offset_ms;
    usec foreign_expires_utc, foreign_seen_utc;
    struct view_limit continuous, per_day;
};

struct daemon_view {
    const char *version, *policy_path;
    usec since_utc, policy_loaded_utc, rejected_utc;
    struct json_object *rejected; /* array of errors; NULL: none */
    struct json_object *notices;  /* array; NULL: none */
};

/* From the parameters of a status reply. False: they are not those of one. */
bool view_site(struct json_object *parameters, struct site_view *ret_view);
bool view_daemon(struct json_object *parameters, struct daemon_view *ret_view);

/* The key is certainly on, or certainly off. */
bool view_is_on(const struct site_view *view);
bool view_is_off(const struct site_view *view);

/* Something is not as it should be: the exit status of `status` says so. */
bool view_is_degraded(const struct site_view *view);

/* A member; NULL where it is absent, null or of another type. */
struct json_object *view_member(struct json_object *object, const char *key, json_type type);
const char *view_text(struct json_object *object, const char *key);
