// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where the daemon's program is: only that one has TLS and tokens, so it is run to ask a site.
 */

#include <limits.h>

/* Beside this program, as in a build, or where it is installed. */
void daemon_path_find(char path[static PATH_MAX]);
