// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 64

void bytes_done(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = BYTES_INIT(bytes->cap);
}

static int reserve(struct bytes *bytes, size_t more)
{
    size_t needed, capacity;
    char *data;

    if (more > bytes->cap - bytes->size)
        return -ENOBUFS;
    needed = bytes->size + more + 1;
    if (needed <= bytes->capacity)
        return 0;
    capacity = bytes->capacity ? bytes->capacity : CAPACITY_MIN;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    data = realloc(bytes->data, capacity);
    if (!data)
        return -ENOMEM;
    bytes->data = data;
    bytes->capacity = capacity;
    return 0;
}

int bytes_append(struct bytes *bytes, const void *data, size_t size)
{
    int r = reserve(bytes, size);

    if (r < 0)
        return r;
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    bytes->data[bytes->size] = '\0';
    return 0;
}

int bytes_append_text(struct bytes *bytes, const char *text)
{
    return bytes_append(bytes, text, strlen(text));
}

int bytes_printf(struct bytes *bytes, const char *format, ...)
{
    va_list arguments;
    int length, r;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return -EINVAL;
    r = reserve(bytes, (size_t)length);
    if (r < 0)
        return r;
    va_start(arguments, format);
    vsnprintf(bytes->data + bytes->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    bytes->size += (size_t)length;
    return 0;
}

void bytes_drop(struct bytes *bytes, size_t size)
{
    if (size >= bytes->size) {
        bytes_clear(bytes);
        return;
    }
    bytes->size -= size;
    memmove(bytes->data, bytes->data + size, bytes->size + 1);
}

void bytes_clear(struct bytes *bytes)
{
    bytes->size = 0;
    if (bytes->data)
        bytes->data[0] = '\0';
}

const char *bytes_text(const struct bytes *bytes)
{
    return bytes->data ? bytes->data : "";
}

char *bytes_steal_text(struct bytes *bytes)
{
    char *text = bytes->data ? steal_pointer(&bytes->data) : strdup("");

    *bytes = BYTES_INIT(bytes->cap);
    return text;
}
