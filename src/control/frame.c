// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/frame.h"

#include <assert.h>
#include <string.h>

void frame_init(struct frame *frame, size_t cap)
{
    *frame = (struct frame){.bytes = BYTES_INIT(cap + 1)};
}

void frame_done(struct frame *frame)
{
    bytes_done(&frame->bytes);
    frame->begin = frame->scanned = 0;
}

size_t frame_waiting(const struct frame *frame)
{
    return frame->bytes.size - frame->begin;
}

size_t frame_room(const struct frame *frame)
{
    return frame->bytes.cap - frame_waiting(frame);
}

int frame_push(struct frame *frame, const void *data, size_t size)
{
    assert(size <= frame_room(frame));
    /* Moved once a push and not once a message: thousands of tiny ones must not cost their square. */
    bytes_drop(&frame->bytes, frame->begin);
    frame->scanned -= frame->begin;
    frame->begin = 0;
    return bytes_append(&frame->bytes, data, size);
}

int frame_peek(struct frame *frame, const char **ret_text, size_t *ret_size)
{
    const char *start = bytes_text(&frame->bytes), *end;

    end = memchr(start + frame->scanned, '\0', frame->bytes.size - frame->scanned);
    if (!end) {
        frame->scanned = frame->bytes.size;
        return frame_room(frame) == 0 ? FRAME_TOO_LARGE : 0;
    }
    frame->scanned = (size_t)(end - start);
    *ret_text = start + frame->begin;
    *ret_size = frame->scanned - frame->begin;
    return FRAME_COMPLETE;
}

void frame_drop(struct frame *frame, size_t size)
{
    assert(size < frame_waiting(frame));
    frame->begin += size + 1;
    frame->scanned = frame->begin;
}
