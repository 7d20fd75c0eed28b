// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A bar for work that takes long: on stderr, only where that is a terminal, and only once the work has lasted
 * for a while.
 */

#include <stdbool.h>

#include "adminkeyctl/paint.h"

struct progress {
    const char *what; /* borrowed */
    struct paint paint;
    bool wanted, shown;
    usec began_boot, shown_boot;
};

struct progress progress_for_stderr(const char *what);
void progress_show(struct progress *progress, usec part, usec whole);
void progress_end(struct progress *progress);
