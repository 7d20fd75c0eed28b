// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Status for people: a screen a site, a line a site, and the daemon's own lines.
 */

#include <stdio.h>

#include "adminkeyctl/paint.h"
#include "adminkeyctl/view.h"

/* All that is known of one site. `life`: the whole life of the key, for its bar; 0: not known, then it is
 * guessed. */
void status_text_site(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc,
                      usec life);

/* One line, with a bar where `life` is given. */
void status_text_line(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc,
                      usec life);

/* One line for logs, without colours: "acme on until 14:03:05 CET, active hours". */
void status_text_change(FILE *out, const struct site_view *view, usec now_utc);

/* Version, policy, what is wrong with it, notices. */
void status_text_daemon(FILE *out, const struct paint *paint, const struct daemon_view *view, usec now_utc);
