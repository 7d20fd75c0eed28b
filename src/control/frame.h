// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Varlink's framing: messages, each ended by a NUL byte, cut out of bytes that come in pieces of any size.
 * What is in a message, message.h knows. Serves both ends of the socket, so the cap is the caller's.
 */

#include <stddef.h>

#include "base/bytes.h"

struct frame {
    struct bytes bytes;
    size_t begin;   /* of the first message that was not dropped */
    size_t scanned; /* no NUL stands in [begin, scanned) */
};

enum frame_outcome {
    FRAME_COMPLETE = 1,
    FRAME_TOO_LARGE, /* a message goes past the cap: nothing behind it can be found */
};

/* Messages may have `cap` bytes without their NUL. Allocates nothing. */
void frame_init(struct frame *frame, size_t cap);
void frame_done(struct frame *frame);

/* How many bytes frame_push() takes now. */
size_t frame_room(const struct frame *frame);

/* Takes bytes as they came. Requires size <= frame_room(). 0 or -ENOMEM. */
int frame_push(struct frame *frame, const void *data, size_t size);

/* The first message, without its NUL; one stands behind it all the same. Borrowed until the next push.
 * FRAME_COMPLETE, FRAME_TOO_LARGE, or 0: it is not whole yet. */
int frame_peek(struct frame *frame, const char **ret_text, size_t *ret_size);

/* Drops the message that frame_peek() gave. */
void frame_drop(struct frame *frame, size_t size);

/* How many bytes wait, NULs included. */
size_t frame_waiting(const struct frame *frame);
