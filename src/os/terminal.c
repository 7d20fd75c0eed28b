// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

#define WIDTH_USUAL  80
#define WIDTH_MIN    20
#define WIDTH_MAX    500
#define HEIGHT_USUAL 24
#define HEIGHT_MIN   2

bool terminal_is(int fd)
{
    return isatty(fd) == 1;
}

static unsigned clamp_width(unsigned long width)
{
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (unsigned)width;
}

unsigned terminal_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size = {0};
    unsigned long width;
    char *end;

    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return clamp_width(size.ws_col);
    if (!columns || *columns < '0' || *columns > '9')
        return WIDTH_USUAL;
    width = strtoul(columns, &end, 10);
    return *end || width == 0 ? WIDTH_USUAL : clamp_width(width);
}

unsigned terminal_height(int fd)
{
    struct winsize size = {0};

    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return HEIGHT_USUAL;
    return size.ws_row < HEIGHT_MIN ? HEIGHT_MIN : size.ws_row;
}

bool terminal_wants_colour(int fd, enum terminal_colour wish)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (wish != TERMINAL_COLOUR_AUTO)
        return wish == TERMINAL_COLOUR_ALWAYS;
    if (no_color && *no_color)
        return false;
    return terminal_is(fd) && term && !text_equal(term, "dumb");
}

int terminal_colour_parse(const char *text, enum terminal_colour *ret_wish)
{
    static const char *const names[] = {
        [TERMINAL_COLOUR_AUTO] = "auto",
        [TERMINAL_COLOUR_ALWAYS] = "always",
        [TERMINAL_COLOUR_NEVER] = "never",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (text_equal(text, names[i])) {
            *ret_wish = (enum terminal_colour)i;
            return 0;
        }
    return -EINVAL;
}
