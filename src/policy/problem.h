// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is wrong, or doubtful, in a policy: a list of findings, each with its place and the path of its key,
 * in the order of the file. All findings of a file come in one run.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

#define PROBLEMS_MAX 1000 /* further ones are counted, not kept */

struct problem {
    bool warning;    /* else an error: the policy is refused */
    unsigned line;   /* 1-based; 0: none, the file could not be read */
    unsigned column; /* 1-based, in characters; 0: none */
    char *key;       /* "sites.acme.active_hours[0].times[1]"; "" for the whole file */
    char *message;   /* one sentence: what is wrong and what would be right */
};

struct problems {
    struct problem *list;
    size_t n, n_errors, n_warnings, n_dropped;
};

#define PROBLEMS_INIT ((struct problems){0})

/* 0 or -ENOMEM. */
int problems_add(struct problems *problems, bool warning, unsigned line, unsigned column, const char *key,
                 const char *format, ...) __attribute__((format(printf, 6, 7)));
/* By line and column; stable. */
void problems_sort(struct problems *problems);
void problems_done(struct problems *problems);
