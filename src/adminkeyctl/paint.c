// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/paint.h"

#include <langinfo.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

struct paint paint_for_stdout(const struct arguments *arguments)
{
    return (struct paint){
        .colour = terminal_wants_colour(STDOUT_FILENO, arguments->colour),
        .unicode = text_equal(nl_langinfo(CODESET), "UTF-8"),
        .bars = terminal_is(STDOUT_FILENO),
        .width = terminal_width(STDOUT_FILENO),
    };
}

const char *paint_begin(const struct paint *paint, enum colour colour)
{
    static const char *const sequences[] = {
        [COLOUR_PLAIN] = "",       [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
        [COLOUR_RED] = "\033[31m", [COLOUR_FAINT] = "\033[2m",  [COLOUR_BOLD] = "\033[1m",
    };

    return paint->colour ? sequences[colour] : "";
}

const char *paint_end(const struct paint *paint)
{
    return paint->colour ? "\033[0m" : "";
}

enum colour paint_colour_of(const struct site_view *view)
{
    if (view->state == SITE_BLOCKED || !view->agrees)
        return COLOUR_RED;
    if (view->failures > 0)
        return COLOUR_YELLOW;
    switch (view->state) {
    case SITE_ON: return COLOUR_GREEN;
    case SITE_OFF: return COLOUR_PLAIN;
    default: return COLOUR_YELLOW;
    }
}

void paint_dot(FILE *out, const struct paint *paint, const struct site_view *view)
{
    const char *dot = view->state == SITE_OFF ? (paint->unicode ? "○" : "o") : (paint->unicode ? "●" : "*");

    fprintf(out, "%s%s%s", paint_begin(paint, paint_colour_of(view)), dot, paint_end(paint));
}

void paint_bar(FILE *out, const struct paint *paint, unsigned columns, usec part, usec whole)
{
    unsigned full;

    part = part < 0 ? 0 : part > whole ? whole : part;
    full = whole > 0 ? (unsigned)((part * columns + whole / 2) / whole) : 0;
    if (full == 0 && part > 0)
        full = 1; /* as long as there is life, it shows */
    fprintf(out, "%s", paint_begin(paint, part * 5 < whole ? COLOUR_YELLOW : COLOUR_GREEN));
    for (unsigned i = 0; i < columns; i++) {
        if (i == full)
            fprintf(out, "%s%s", paint_end(paint), paint_begin(paint, COLOUR_FAINT));
        fprintf(out, "%s", i < full ? (paint->unicode ? "█" : "#") : (paint->unicode ? "░" : "."));
    }
    fprintf(out, "%s", paint_end(paint));
}

const char *paint_time(char buffer[static PAINT_TIME_MAX], usec utc, usec now_utc)
{
    time_t seconds = (time_t)(utc / USEC_PER_SEC), now_seconds = (time_t)(now_utc / USEC_PER_SEC);
    struct tm local, today;

    if (!localtime_r(&seconds, &local) || !localtime_r(&now_seconds, &today))
        return strcpy(buffer, "?");
    if (local.tm_year == today.tm_year && local.tm_yday == today.tm_yday)
        strftime(buffer, PAINT_TIME_MAX, "%H:%M:%S %Z", &local);
    else
        strftime(buffer, PAINT_TIME_MAX, "%a %Y-%m-%d %H:%M:%S %Z", &local);
    return buffer;
}

const char *paint_span(char buffer[static PAINT_TIME_MAX], usec span)
{
    static const struct {
        usec large, small;
        const char *letters;
    } rows[] = {
        {USEC_PER_DAY, USEC_PER_HOUR, "dh"},
        {USEC_PER_HOUR, USEC_PER_MINUTE, "hm"},
        {USEC_PER_MINUTE, USEC_PER_SEC, "ms"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        long long large = span / rows[i].large, small = span % rows[i].large / rows[i].small;

        if (large <= 0)
            continue;
        if (small > 0)
            snprintf(buffer, PAINT_TIME_MAX, "%lld%c %lld%c", large, rows[i].letters[0], small,
                     rows[i].letters[1]);
        else
            snprintf(buffer, PAINT_TIME_MAX, "%lld%c", large, rows[i].letters[0]);
        return buffer;
    }
    snprintf(buffer, PAINT_TIME_MAX, "%llds", span > 0 ? (long long)(span / USEC_PER_SEC) : 0);
    return buffer;
}
