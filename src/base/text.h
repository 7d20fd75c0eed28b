// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What every layer needs of text: UTF-8 checked, bounded copies, the nearest known word to a mistyped one.
 */

#include <stdbool.h>
#include <stddef.h>

/* Whether all bytes are well-formed UTF-8 (RFC 3629: no overlong forms, surrogates, or beyond U+10FFFF).
 * Where not, `ret_offset` (may be NULL) is the offset of the first bad byte. */
bool text_is_utf8(const char *text, size_t size, size_t *ret_offset);

/* The number of characters (code points) in well-formed UTF-8. */
size_t text_characters(const char *text, size_t size);

static inline bool text_equal(const char *a, const char *b)
{
    return __builtin_strcmp(a, b) == 0;
}

bool text_starts_with(const char *text, const char *prefix);

/* Copies `text` into a buffer of `size` bytes, cut at a character's edge, always NUL-terminated. */
void text_copy(char *buffer, size_t size, const char *text);

/* The edit distance (insert, delete, replace, swap of neighbours; each counts 1), letter case ignored.
 * Words beyond TEXT_DISTANCE_MAX bytes count as different in all their letters. */
#define TEXT_DISTANCE_MAX 64
size_t text_distance(const char *a, const char *b);

/* The known word nearest to `word`, or NULL where none is near enough to be meant (more than a third of its
 * letters differ, two at least). `known` ends with NULL. */
const char *text_nearest(const char *word, const char *const *known);
