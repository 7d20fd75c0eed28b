// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A growing run of bytes with a cap, so that no input can make the program grow without bound. A NUL always
 * stands behind the last byte, so that text built here can be used as a string. Also the way to build text:
 * a value that could not be appended leaves the bytes as they were.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct bytes {
    char *data;      /* NULL while nothing was ever appended; use bytes_text() for a string */
    size_t size;     /* bytes in use, without the NUL */
    size_t capacity; /* bytes allocated */
    size_t cap;      /* `size` never exceeds this */
};

/* An empty run that may grow to `cap` bytes. Allocates nothing. */
#define BYTES_INIT(cap_bytes)                                                                                \
    (struct bytes)                                                                                           \
    {                                                                                                        \
        .cap = (cap_bytes)                                                                                   \
    }

/* Frees what it holds and leaves it empty, with the same cap. */
void bytes_done(struct bytes *bytes);
static inline void bytes_donep(struct bytes *bytes)
{
    bytes_done(bytes);
}

/* 0, -ENOBUFS when the cap would be passed, -ENOMEM. On failure nothing changed. */
int bytes_append(struct bytes *bytes, const void *data, size_t size);
int bytes_append_text(struct bytes *bytes, const char *text);
int bytes_printf(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first `size` bytes (at most all of them). */
void bytes_drop(struct bytes *bytes, size_t size);

/* Forgets the content, keeps the memory. */
void bytes_clear(struct bytes *bytes);

/* The content as a string, never NULL; valid until the next call that changes the bytes. */
const char *bytes_text(const struct bytes *bytes);

/* The content as a string that the caller owns; the bytes are empty afterwards. NULL when out of memory. */
char *bytes_steal_text(struct bytes *bytes);
