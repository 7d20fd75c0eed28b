// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A secret: bytes that are never formatted, logged, copied into a string or left behind. The struct has a
 * fixed size so that it can lie in one locked page (os/locked_memory.h) and be wiped whole. There is no
 * function here that prints one, on purpose.
 */

#include <stddef.h>

#define SECRET_MAX 4096

struct secret {
    size_t size;
    char bytes[SECRET_MAX + 1]; /* NUL-terminated, for libraries that want a string */
};

/* Copies the secret in; one newline at its end is dropped. 0, -EMSGSIZE beyond SECRET_MAX bytes, -EBADMSG for
 * an empty one or one with a NUL byte or a line break inside (it would smuggle a header). */
int secret_set(struct secret *secret, const void *bytes, size_t size);

/* Overwrites it, in a way that the compiler cannot leave out. */
void secret_wipe(struct secret *secret);
