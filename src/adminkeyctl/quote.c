// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/quote.h"

#include <string.h>

#define LINES_MAX 12

static size_t indent_of(const char *text, size_t size)
{
    size_t indent = 0;

    while (indent < size && text[indent] == ' ')
        indent++;
    return indent;
}

/* Whether the line belongs to the entry whose '-' stands in that column. */
static bool belongs(const char *text, size_t size, size_t dash)
{
    size_t indent = indent_of(text, size);

    return indent < size && indent > dash;
}

static void print_line(FILE *out, const struct paint *paint, unsigned line, const char *text, size_t size,
                       size_t indent, enum colour colour)
{
    size_t skip = indent_of(text, size);

    skip = skip < indent ? skip : indent;
    fprintf(out, "  %s%5u |%s %s%.*s%s\n", paint_begin(paint, COLOUR_FAINT), line, paint_end(paint),
            paint_begin(paint, colour), (int)(size - skip), text + skip, paint_end(paint));
}

void quote_interval(FILE *out, const struct paint *paint, const struct policy_input *input,
                    const struct interval *interval, enum colour colour)
{
    const char *text;
    size_t size, dash;
    unsigned line = interval->line;

    if (!policy_input_line(input, line, &text, &size))
        return;
    dash = indent_of(text, size);
    print_line(out, paint, line, text, size, dash, colour);
    if (dash == size || text[dash] != '-')
        return; /* a list in one line */
    while (line - interval->line < LINES_MAX && policy_input_line(input, ++line, &text, &size) &&
           belongs(text, size, dash))
        print_line(out, paint, line, text, size, dash, colour);
}
