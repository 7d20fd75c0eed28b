// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The texts of the Varlink interfaces that are served, taken from their .varlink files when the program is
 * built.
 */

struct interface {
    const char *name; /* "io.adminkeyd.Control" */
    const char *text; /* the whole file */
};

/* Ended by an entry without a name. */
extern const struct interface interfaces[];
