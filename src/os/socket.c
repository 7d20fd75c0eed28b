// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "base/cleanup.h"
#include "os/clock.h"
#include "os/descriptor.h"

/* 0 when one of `events`, an error or a hang-up is there. */
static int wait_for(int fd, short events, usec due_boot)
{
    struct pollfd poll_fd = {.fd = fd, .events = events};
    struct timespec rest, *timeout = NULL;
    int r;

    if (due_boot != USEC_INFINITY) {
        usec left = due_boot - clock_boot();

        if (left <= 0)
            return -ETIMEDOUT;
        rest = (struct timespec){.tv_sec = left / USEC_PER_SEC, .tv_nsec = left % USEC_PER_SEC * 1000};
        timeout = &rest;
    }
    r = ppoll(&poll_fd, 1, timeout, NULL);
    if (r < 0)
        return -errno;
    return r == 0 ? -ETIMEDOUT : 0;
}

/* A Unix socket connects at once or, while the backlog is full, says EAGAIN: there is nothing to poll for
 * then, so it is asked again every few milliseconds. */
static int connect_in_time(int fd, const struct sockaddr_un *address, usec due_boot)
{
    while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};

        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (clock_boot() >= due_boot)
            return -ETIMEDOUT;
        nanosleep(&pause, NULL);
    }
    return 0;
}

static void explain_connect(const char *path, int r, struct error *ret_error)
{
    switch (r) {
    case -ENOENT: error_set(ret_error, "there is no socket at %s", path); break;
    case -ECONNREFUSED: error_set(ret_error, "nobody listens at %s", path); break;
    case -EACCES: error_set(ret_error, "this user must not connect to %s", path); break;
    case -ETIMEDOUT: error_set(ret_error, "no answer at %s in time", path); break;
    default: error_set(ret_error, "cannot connect to %s: %s", path, strerror(-r));
    }
}

int socket_connect(const char *path, usec due_boot, int *ret_fd, struct error *ret_error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_(descriptor_closep) int fd = -1;
    int r;

    if (strlen(path) >= sizeof(address.sun_path)) {
        error_set(ret_error, "the path of the socket is too long: %s (at most %zu bytes)", path,
                  sizeof(address.sun_path) - 1);
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = fd < 0 ? -errno : connect_in_time(fd, &address, due_boot);
    if (r < 0) {
        explain_connect(path, r, ret_error);
        return r;
    }
    *ret_fd = descriptor_steal(&fd);
    return 0;
}

int socket_send(int fd, const void *data, size_t size, usec due_boot)
{
    const char *rest = data;

    while (size > 0) {
        ssize_t n = send(fd, rest, size, MSG_NOSIGNAL);
        int r;

        if (n >= 0) {
            rest += n;
            size -= (size_t)n;
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        r = wait_for(fd, POLLOUT, due_boot);
        if (r < 0 && r != -EINTR)
            return r;
    }
    return 0;
}

int socket_receive(int fd, void *buffer, size_t size, usec due_boot, size_t *ret_received)
{
    for (;;) {
        ssize_t n = recv(fd, buffer, size, 0);
        int r;

        if (n >= 0) {
            *ret_received = (size_t)n;
            return 0;
        }
        if (errno != EAGAIN)
            return -errno;
        r = wait_for(fd, POLLIN, due_boot);
        if (r < 0)
            return r;
    }
}
