// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What happened, in order: a line an event, made of nothing but the seed and what was asked for, so that two
 * runs can be held against each other byte for byte. Whoever wants to read it gives a sink; whoever only
 * wants to compare takes the digest.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define TRACE_LINE_MAX 1024

struct trace {
    bool digests; /* keep `digest` up to date */
    uint64_t digest;
    void (*sink)(void *context, const char *line); /* NULL: nobody reads; the line has no newline */
    void *context;
};

/* One line: the true instant, which daemon (0: the world itself), and words. */
void trace_say(struct trace *trace, usec true_utc, unsigned daemon, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
