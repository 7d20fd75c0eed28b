// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The client's side of the control socket: connects, calls, takes replies; and says in words, with what to do
 * next, why something failed. Every function that fails has said so on stderr (an error of the daemon also on
 * stdout with --json) and returns the exit status.
 */

#include "adminkeyctl/verb.h"
#include "base/cleanup.h"
#include "control/message.h"

struct client;

/* What the daemon answers within; only streams stay silent for longer. */
#define CLIENT_PATIENCE (45 * USEC_PER_SEC)

#define CLIENT_TIMED_OUT                                                                                     \
    (-1)                 /* nothing came until `due_boot`, which only ends the patience of who said so       \
                          */
#define CLIENT_GONE (-2) /* the daemon has ended the connection, or is not there */

/* Connects to arguments->socket; the arguments are borrowed. */
int client_open(const struct arguments *arguments, struct client **ret_client);

/* The same, for those who had it once: STATUS_DONE, an exit status, or CLIENT_GONE or CLIENT_TIMED_OUT, about
 * which nothing was said. */
int client_open_again(const struct arguments *arguments, usec due_boot, struct client **ret_client);
struct client *client_free(struct client *client);
DEFINE_CLEANUP(struct client *, client_free);

/* Sends a call of io.adminkeyd.Control, about arguments->operand where `of_site` and it is given. */
int client_call(struct client *client, const char *method, bool of_site, bool more);

/* Takes the next reply. STATUS_DONE, an exit status, or, about which nothing was said, CLIENT_TIMED_OUT or,
 * once there was a reply, CLIENT_GONE. */
int client_next(struct client *client, usec due_boot, struct message_reply *ret_reply);

/* As client_next() with CLIENT_PATIENCE, whose end is a failure as well. */
int client_take(struct client *client, struct message_reply *ret_reply);

/* Whether a further reply is there already. */
bool client_has_more(struct client *client);

/* Says that the reply is none that this program understands. STATUS_UNREACHABLE. */
int client_complain_of_garbage(const struct client *client);
