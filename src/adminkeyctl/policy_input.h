// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The policy file, for the commands that need no daemon: read, parsed, and kept as text to quote from.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "adminkeyctl/verb.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "policy/policy.h"

struct policy_input {
    const char *path; /* borrowed */
    struct bytes text;
    struct problems problems; /* the warnings that depend on the present are not among them */
    struct policy *policy;    /* NULL: it was refused, or cannot be read; `problems` says why */
};

/* 0, also where the policy is refused, or a negative errno that has nothing to do with the file. In any case
 * policy_input_done() frees what was taken. */
int policy_input_read(const char *path, struct policy_input *ret_input);
void policy_input_done(struct policy_input *input);

/* Reads the policy that the arguments name; complains on stderr where there is none. An exit status. */
int policy_input_open(const struct arguments *arguments, struct policy_input *ret_input);

/* The site that the arguments name; complains on stderr where there is none. An exit status. */
int policy_input_find_site(const struct policy_input *input, const char *name,
                           const struct policy_site **ret_site);

/* One problem as compilers print theirs: "PATH:LINE:COLUMN: warning: KEY: message". */
void policy_input_print_problem(FILE *out, const char *path, const struct problem *problem);

/* A line of the file, 1-based, without its end; borrowed, not ended by a NUL. False: there is none. */
bool policy_input_line(const struct policy_input *input, unsigned line, const char **ret_text,
                       size_t *ret_size);
