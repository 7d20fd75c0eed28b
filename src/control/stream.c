// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/stream.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int stream_restart(struct stream *stream, size_t first, size_t end)
{
    unsigned char *waiting = calloc((end - first) / CHAR_BIT + 1, 1);

    if (!waiting)
        return -ENOMEM;
    free(stream->waiting);
    stream->waiting = waiting;
    stream->n_waiting = 0;
    stream->first = first;
    stream->end = end;
    for (size_t i = first; i < end; i++)
        stream_mark(stream, i);
    return 0;
}

int stream_begin(struct stream *stream, bool endless, const char *site, size_t first, size_t end)
{
    int r = stream_restart(stream, first, end);

    if (r < 0)
        return r;
    stream->active = true;
    stream->endless = endless;
    stream->one_site = site != NULL;
    text_copy(stream->site, sizeof(stream->site), site ? site : "");
    return 0;
}

void stream_end(struct stream *stream)
{
    free(stream->waiting);
    *stream = (struct stream){0};
}

void stream_mark(struct stream *stream, size_t index)
{
    size_t bit = index - stream->first;
    unsigned char mask = (unsigned char)(1u << (bit % CHAR_BIT));

    if (index < stream->first || index >= stream->end || stream->waiting[bit / CHAR_BIT] & mask)
        return;
    stream->waiting[bit / CHAR_BIT] |= mask;
    stream->n_waiting++;
}

bool stream_take(struct stream *stream, size_t *ret_index)
{
    size_t byte = 0;
    unsigned bit;

    if (stream->n_waiting == 0)
        return false;
    while (stream->waiting[byte] == 0)
        byte++;
    bit = (unsigned)__builtin_ctz(stream->waiting[byte]);
    stream->waiting[byte] &= (unsigned char)(stream->waiting[byte] - 1);
    stream->n_waiting--;
    *ret_index = stream->first + byte * CHAR_BIT + bit;
    return true;
}
