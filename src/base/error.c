// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Words that were cut end with a whole character, for they may go into JSON. */
static void drop_half_character(char *text)
{
    size_t size = strlen(text), at = size;

    while (at > 0 && size - at < 3 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
        at--;
    if (at > 0 && !text_is_utf8(text + at - 1, size - at + 1, NULL))
        text[at - 1] = '\0';
}

void error_set(struct error *ret_error, const char *format, ...)
{
    va_list arguments;

    if (!ret_error)
        return;
    va_start(arguments, format);
    if (vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments) >= ERROR_TEXT_MAX)
        drop_half_character(ret_error->text);
    va_end(arguments);
}

void error_prefix(struct error *error, const char *format, ...)
{
    char old[ERROR_TEXT_MAX];
    va_list arguments;
    size_t used;

    if (!error)
        return;
    memcpy(old, error->text, sizeof(old));
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    used = strlen(error->text);
    if (snprintf(error->text + used, sizeof(error->text) - used, "%s", old) >= (int)(ERROR_TEXT_MAX - used))
        drop_half_character(error->text);
}
