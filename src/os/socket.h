// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The client's end of a Unix stream socket, with a deadline on each step, so that a daemon that hangs does
 * not hang its callers. Deadlines are on the boot clock; USEC_INFINITY: wait for ever.
 */

#include <stddef.h>

#include "base/error.h"
#include "base/time.h"

/* Connects to the socket at `path`. 0, -ENOENT (nothing there), -ECONNREFUSED (nobody listens), -EACCES,
 * -ETIMEDOUT, -ENAMETOOLONG or another errno. The descriptor is the caller's, and does not block. */
int socket_connect(const char *path, usec due_boot, int *ret_fd, struct error *ret_error);

/* Sends all of it. 0, -ETIMEDOUT, -EPIPE (the other end is gone) or another errno. */
int socket_send(int fd, const void *data, size_t size, usec due_boot);

/* Receives what there is, 1 to `size` bytes; *ret_received is 0 at the end of the stream. 0, -ETIMEDOUT or
 * another errno. -EINTR when a signal came in: the caller decides whether to go on. */
int socket_receive(int fd, void *buffer, size_t size, usec due_boot, size_t *ret_received);
