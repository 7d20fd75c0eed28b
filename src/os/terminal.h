// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is known of the terminal behind a descriptor: whether there is one, how large it is, whether colour is
 * wished for.
 */

#include <stdbool.h>

enum terminal_colour {
    TERMINAL_COLOUR_AUTO, /* on a terminal that knows it, unless NO_COLOR says otherwise */
    TERMINAL_COLOUR_ALWAYS,
    TERMINAL_COLOUR_NEVER,
};

bool terminal_is(int fd);

/* Columns: from the terminal, else from COLUMNS, else 80; never below 20 or above 500. */
unsigned terminal_width(int fd);

/* Lines: from the terminal, else 24; never below 2. */
unsigned terminal_height(int fd);

/* Whether to colour. NO_COLOR counts when it is set and not empty (no-color.org), TERM=dumb as well. */
bool terminal_wants_colour(int fd, enum terminal_colour wish);

/* "auto", "always", "never". 0 or -EINVAL. */
int terminal_colour_parse(const char *text, enum terminal_colour *ret_wish);
