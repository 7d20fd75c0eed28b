// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Status as JSON: what the daemon and its sites know, field by field as the interface describes it. All
 * fields are always there; what is absent is null. Instants are RFC 3339 in UTC with milliseconds.
 */

#include "control/json.h"
#include "control/source.h"
#include "policy/problem.h"

/* The caller owns the results; NULL when out of memory. */
struct json_object *status_json_daemon(const struct daemon_status *status);
struct json_object *status_json_site(const struct site_status *status);

/* [{"line", "column", "key", "message"}] of the errors, or of the warnings. */
struct json_object *status_json_problems(const struct problems *problems, bool warnings);
