// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/descriptor.h"

/* A byte at a time: what follows the line is somebody else's. `signals` (-1: none) ends it. */
static int read_line(int fd, int signals, char *buffer, size_t size)
{
    struct pollfd polled[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    size_t used = 0;
    bool too_long = false;

    for (;;) {
        ssize_t n;
        char byte;

        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return -errno;
        if (polled[1].revents != 0)
            return -EINTR;
        n = polled[0].revents != 0 ? read(fd, &byte, 1) : -1;
        if (n < 0 && polled[0].revents != 0 && errno != EINTR)
            return -errno;
        if (n < 0)
            continue;
        if (n == 0 && used == 0)
            return -ENODATA;
        if (n == 0 || byte == '\n')
            break;
        if (used + 1 < size)
            buffer[used++] = byte;
        else
            too_long = true;
    }
    buffer[used] = '\0';
    return too_long ? -EMSGSIZE : 0;
}

static int read_unseen(int fd, int signals, char *buffer, size_t size)
{
    struct termios usual, unseen;
    int r;

    if (tcgetattr(fd, &usual) < 0)
        return -errno;
    unseen = usual;
    unseen.c_lflag &= ~(tcflag_t)ECHO;
    unseen.c_lflag |= ECHONL;
    if (tcsetattr(fd, TCSAFLUSH, &unseen) < 0)
        return -errno;
    r = read_line(fd, signals, buffer, size);
    /* Not TCSAFLUSH: what was typed ahead is the answer to the next question. */
    if (tcsetattr(fd, TCSADRAIN, &usual) < 0 && r == 0)
        r = -errno;
    return r;
}

int prompt_read(int fd, bool echo, char *buffer, size_t size)
{
    _cleanup_(descriptor_closep) int signals = -1;
    sigset_t ending, before;
    int r;

    if (echo)
        return read_line(fd, -1, buffer, size);
    sigemptyset(&ending);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGQUIT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGTSTP);
    signals = signalfd(-1, &ending, SFD_CLOEXEC);
    if (signals < 0 || sigprocmask(SIG_BLOCK, &ending, &before) < 0)
        return -errno;
    r = read_unseen(fd, signals, buffer, size);
    if (sigprocmask(SIG_SETMASK, &before, NULL) < 0 && r == 0) /* a signal that waited comes now */
        r = -errno;
    return r;
}
