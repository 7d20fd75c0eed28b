// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The web side: GET, POST and DELETE /wiki/api/v2/admin-key, and one restricted page,
 * GET /wiki/api/v2/pages/42, which is there only for those with a live key and the header
 * Atl-Confluence-With-Admin-Key: true; everybody else reads 404.
 */

struct site;
struct web;

/* Listens on 127.0.0.1. 0 or a negative errno; the port goes to *ret_port. */
int web_start(struct site *site, struct web **ret_web, unsigned short *ret_port);

/* Ends all requests and frees. */
void web_stop(struct web *web);
