// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The command line, by the tables of verb.h; and the help that is printed from them.
 */

#include "adminkeyctl/verb.h"

/* Reads it. *ret_verb is NULL where none was named (then --help, --version or --list-commands was).
 * STATUS_DONE, or STATUS_USAGE after saying what is wrong. Global options may stand anywhere. */
int arguments_parse(int argc, char **argv, struct arguments *ret_arguments, const struct verb **ret_verb);

/* Fills in paths that no option gave. STATUS_DONE, or STATUS_NO after saying why not. */
int arguments_complete(struct arguments *arguments);
void arguments_done(struct arguments *arguments);

/* The help of one command; NULL: of the program. */
void arguments_help(const struct verb *verb);

/* For completions: one line a command and option. */
void arguments_list(void);
