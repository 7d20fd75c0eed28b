// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* The length of the well-formed sequence at `text`, 0 where it is not one (RFC 3629, section 4). */
static size_t sequence_length(const unsigned char *text, size_t size)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t length;

    if (text[0] < 0x80)
        return 1;
    if (text[0] < 0xc2 || text[0] > 0xf4)
        return 0;
    length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    if (length > size)
        return 0;
    if (text[0] == 0xe0)
        low = 0xa0;
    else if (text[0] == 0xed)
        high = 0x9f;
    else if (text[0] == 0xf0)
        low = 0x90;
    else if (text[0] == 0xf4)
        high = 0x8f;
    if (text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool text_is_utf8(const char *text, size_t size, size_t *ret_offset)
{
    for (size_t at = 0; at < size;) {
        size_t length = sequence_length((const unsigned char *)text + at, size - at);

        if (length == 0) {
            if (ret_offset)
                *ret_offset = at;
            return false;
        }
        at += length;
    }
    return true;
}

size_t text_characters(const char *text, size_t size)
{
    size_t characters = 0;

    for (size_t i = 0; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            characters++;
    return characters;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

void text_copy(char *buffer, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (size == 0)
        return;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(buffer, text, length);
    buffer[length] = '\0';
}

static size_t smallest(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: the rows of the usual table, of which three are needed at a time. */
size_t text_distance(const char *a, const char *b)
{
    size_t size_a = strlen(a), size_b = strlen(b);
    size_t rows[3][TEXT_DISTANCE_MAX + 1];

    if (size_a > TEXT_DISTANCE_MAX || size_b > TEXT_DISTANCE_MAX)
        return size_a > size_b ? size_a : size_b;
    for (size_t j = 0; j <= size_b; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= size_a; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= size_b; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

            row[j] = smallest(smallest(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]))
                row[j] = smallest(row[j], before[j - 2] + 1);
        }
    }
    return rows[size_a % 3][size_b];
}

const char *text_nearest(const char *word, const char *const *known)
{
    size_t limit = strlen(word) / 3;
    const char *nearest = NULL;

    limit = limit < 2 ? 2 : limit;
    for (; *known; known++) {
        size_t distance = text_distance(word, *known);

        if (distance <= limit && distance < strlen(*known)) {
            limit = distance;
            if (!nearest || distance < text_distance(word, nearest))
                nearest = *known;
        }
    }
    return nearest;
}
