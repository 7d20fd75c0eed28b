// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which sites' status one streaming call still has to tell. A site that changes ten times while its client
 * reads slowly is told once, with its newest status: what waits is a bit a site, never a queue of replies.
 */

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

struct stream {
    bool active;
    bool endless;                        /* tells changes too, until the client goes */
    bool one_site;                       /* is only about `site` */
    char site[POLICY_SITE_NAME_MAX + 1]; /* one site: its name; else the last that was told; "": none yet */
    size_t first, end;                   /* the sites that it is about */
    unsigned char *waiting;              /* owned: a bit a site of [first, end) */
    size_t n_waiting;
};

/* Begins one that tells all of [first, end), and is about them. `site`: the name where it is one, else NULL.
 * 0 or -ENOMEM; then it is not active. */
int stream_begin(struct stream *stream, bool endless, const char *site, size_t first, size_t end);
void stream_end(struct stream *stream);

/* The list of sites was replaced: the stream is now about [first, end), and tells all of them. 0 or -ENOMEM.
 */
int stream_restart(struct stream *stream, size_t first, size_t end);

/* That site changed: it is told where the stream is about it. */
void stream_mark(struct stream *stream, size_t index);

/* The first site that waits; no longer waiting after this. False where none does. */
bool stream_take(struct stream *stream, size_t *ret_index);
