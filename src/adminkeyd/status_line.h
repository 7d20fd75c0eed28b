// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one line by which the service manager's status says how things are. Instants, not countdowns, so that
 * it stays true while nothing happens.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "engine/status.h"
#include "policy/policy.h"

#define STATUS_LINE_MAX   480
#define STATUS_LINE_SITES 3 /* that many are told one by one; more are counted */

struct status_line {
    struct bytes words;
    usec now_utc;
    size_t n_sites, n_on, n_astray, n_told;
};

/* Give it each site once, then finish. Words that do not fit are left out. */
void status_line_init(struct status_line *line, usec now_utc, size_t n_sites, bool policy_rejected);
void status_line_add(struct status_line *line, const struct policy_site *site,
                     const struct site_status *status);
/* Borrowed until status_line_done(). */
const char *status_line_finish(struct status_line *line);
void status_line_done(struct status_line *line);
