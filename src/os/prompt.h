// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A line that somebody types at a terminal; for a secret, without showing it.
 */

#include <stdbool.h>
#include <stddef.h>

/* Reads a line from the terminal, without its end. While it is not echoed, signals that would end or stop the
 * program wait until the terminal is as it was. 0, -ENODATA (the end of the input), -EMSGSIZE (more than
 * fits; the rest of the line is dropped) or another errno. */
int prompt_read(int fd, bool echo, char *buffer, size_t size);
