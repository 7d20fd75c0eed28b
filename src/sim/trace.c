// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/trace.h"

#include <stdarg.h>
#include <stdio.h>

#define FNV_PRIME UINT64_C(0x100000001b3) /* FNV-1a (Fowler, Noll, Vo) */

static uint64_t digest(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    return (hash ^ '\n') * FNV_PRIME;
}

void trace_say(struct trace *trace, usec true_utc, unsigned daemon, const char *format, ...)
{
    char line[TRACE_LINE_MAX], time[TIME_TEXT_MAX];
    va_list arguments;
    int used;

    if (!trace->digests && !trace->sink)
        return;
    /* To the microsecond: the seconds as they are everywhere, and a fraction of its own. */
    time_format_rfc3339(time, true_utc);
    used = snprintf(line, sizeof(line), "%.19s.%06dZ %u ", time, (int)(true_utc % USEC_PER_SEC), daemon);
    va_start(arguments, format);
    vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
    va_end(arguments);
    if (trace->digests)
        trace->digest = digest(trace->digest, line);
    if (trace->sink)
        trace->sink(trace->context, line);
}
