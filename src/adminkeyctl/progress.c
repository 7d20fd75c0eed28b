// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/progress.h"

#include <langinfo.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "os/clock.h"
#include "os/terminal.h"

#define PATIENCE (400 * USEC_PER_MSEC)
#define EVERY    (100 * USEC_PER_MSEC)
#define COLUMNS  40

struct progress progress_for_stderr(const char *what)
{
    return (struct progress){
        .what = what,
        .paint = {.colour = terminal_wants_colour(STDERR_FILENO, TERMINAL_COLOUR_AUTO),
                  .unicode = text_equal(nl_langinfo(CODESET), "UTF-8")},
        .wanted = terminal_is(STDERR_FILENO),
        .began_boot = clock_boot(),
    };
}

void progress_show(struct progress *progress, usec part, usec whole)
{
    usec now_boot = progress->wanted ? clock_boot() : 0;

    if (!progress->wanted || now_boot - progress->began_boot < PATIENCE ||
        now_boot - progress->shown_boot < EVERY)
        return;
    progress->shown = true;
    progress->shown_boot = now_boot;
    fprintf(stderr, "\r%s ", progress->what);
    paint_bar(stderr, &progress->paint, COLUMNS, part, whole);
    fprintf(stderr, " %d %% ", (int)(100 * part / whole));
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
