// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Other programs, run with arguments of our own and no shell. What must not be seen in a list of processes
 * goes in through a pipe.
 */

#include <stddef.h>

#include "base/bytes.h"

#define PROCESS_INPUT_MAX 16384 /* a pipe takes that much before anybody reads */

struct process_run {
    const char *const
        *arguments;       /* the program first: a path, or a name to be found in $PATH; NULL at the end */
    const void *input;    /* all of its standard input; NULL: there is none */
    size_t input_size;    /* PROCESS_INPUT_MAX at most */
    struct bytes *output; /* gets its standard output up to the cap; NULL: it goes where ours goes */
    bool quiet;           /* what it says on standard error is dropped */
};

/* Runs it to its end, with no signal blocked. `ret_status` is what it exited with, 128 and more where a
 * signal ended it. 0, -ENOENT (there is no such program, or it cannot be loaded), -ENOBUFS (the output is
 * past its cap) or another errno; `ret_status` is written for 0 alone. */
int process_run(const struct process_run *run, int *ret_status);
