// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One client of the control socket: fed the bytes that it sent, gives the bytes that it is to get. Calls are
 * answered in their order, a few in each turn; while one streams, those behind it wait. Keeps the limits of
 * limits.h. Makes no system call: the socket is host/control_server.h's, and time comes in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "control/service.h"

struct conversation;

/* `service` is borrowed; the peer is copied. 0 or -ENOMEM. */
int conversation_new(const struct service *service, const struct peer *peer,
                     struct conversation **ret_conversation);
struct conversation *conversation_free(struct conversation *conversation);
DEFINE_CLEANUP(struct conversation *, conversation_free);

/* How many bytes it takes now. 0 while calls wait behind a stream: then the client is not to be read from. */
size_t conversation_room(const struct conversation *conversation);

/* Takes what the client sent. Requires size <= conversation_room(). 0 or a negative errno (-ENOMEM): then
 * there is nothing left but to disconnect. The same holds for all that return int below. */
int conversation_feed(struct conversation *conversation, usec now_boot, const void *data, size_t size);

/* Whether calls wait that were taken, because a turn answers no more: nobody's burst keeps the others
 * waiting. conversation_turn() goes on with them, and is due when the others have had theirs. */
bool conversation_has_more(const struct conversation *conversation);
int conversation_turn(struct conversation *conversation, usec now_boot);

/* The client will send nothing more; what it asked before is still answered, but no change is awaited. */
int conversation_end_of_input(struct conversation *conversation, usec now_boot);

/* The bytes that wait to be sent, borrowed until the next call; *ret_size is 0 where none do. */
const char *conversation_output(const struct conversation *conversation, size_t *ret_size);

/* That many of them were sent. */
int conversation_sent(struct conversation *conversation, usec now_boot, size_t size);

/* When conversation_tick() is due; USEC_INFINITY: only events count. */
usec conversation_due(const struct conversation *conversation);
int conversation_tick(struct conversation *conversation, usec now_boot);

/* Nothing is left to say or to hear: disconnect. */
bool conversation_is_over(const struct conversation *conversation);

/* The site of that index has a new status. */
int conversation_site_changed(struct conversation *conversation, usec now_boot, size_t index);

/* The daemon's own status changed, or the policy: sites and rights may be others now. */
int conversation_daemon_changed(struct conversation *conversation, usec now_boot);

/* Says farewell to a client that is not to be served: the bytes of LimitExceeded(limit). 0, -ENOBUFS,
 * -ENOMEM. */
int conversation_refusal(const char *limit, struct bytes *bytes);
