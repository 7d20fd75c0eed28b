// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void error_set(struct error *ret_error, const char *format, ...)
{
    va_list arguments;

    if (!ret_error)
        return;
    va_start(arguments, format);
    vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
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
    snprintf(error->text + used, sizeof(error->text) - used, "%s", old);
}
