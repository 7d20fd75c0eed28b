// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The control socket: listens, tells who is at the other end by the kernel's word, and carries bytes between
 * the clients and their conversations. What is said, control/conversation.h knows. Anybody may connect; what
 * they may do, the bouncer decides, so the socket has mode 0666, in a directory that only the daemon can
 * write.
 */

#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "control/service.h"

struct control_server;

/* Listens at `path`, whose directory must exist. A socket that nobody serves any more is replaced; one that
 * is served is not touched: -EADDRINUSE. Nor is a file that is no socket: -EEXIST. `service` is borrowed; its
 * bouncer may be replaced at any time, followed by control_server_daemon_changed(). 0 or a negative errno,
 * with words. */
int control_server_new(sd_event *event, const char *path, const struct service *service,
                       struct control_server **ret_server, struct error *ret_error);

/* Disconnects all clients and removes the socket, if it is still the one that was made. */
struct control_server *control_server_free(struct control_server *server);
DEFINE_CLEANUP(struct control_server *, control_server_free);

/* Tell those who monitor. May be called within control_source.reload(). */
void control_server_site_changed(struct control_server *server, size_t index);
void control_server_daemon_changed(struct control_server *server);
