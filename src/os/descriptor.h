// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A file descriptor with an owner: `_cleanup_(descriptor_closep) int fd = -1;`
 */

#include <unistd.h>

/* Closes it where it is one. Returns -1, so that an owner can forget it in the same line. */
static inline int descriptor_close(int fd)
{
    if (fd >= 0)
        close(fd);
    return -1;
}

static inline void descriptor_closep(int *owner)
{
    *owner = descriptor_close(*owner);
}

/* Hands the descriptor on: the owner holds none afterwards. */
static inline int descriptor_steal(int *owner)
{
    int fd = *owner;

    *owner = -1;
    return fd;
}
