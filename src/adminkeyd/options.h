// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The command line of adminkeyd.
 */

#include <stdbool.h>

#include "os/paths.h"

enum options_outcome {
    OPTIONS_ANSWERED = 1, /* --help or --version was printed: nothing else is to be done */
    OPTIONS_WRONG,        /* a complaint was printed: exit 2 */
};

struct options {
    enum paths_of of;               /* --user, or the system's service */
    char *policy, *socket, *ledger; /* owned; where things are, by default or by option */
    bool revoke_only;
    bool revoke_all;
    const char *test_site; /* borrowed from the command line; NULL: be the daemon, or revoke */
    bool test_enable;
    bool json;
};

/* 0, an outcome, -ENOMEM or another errno. The options are the caller's to clean up when 0. */
int options_read(int argc, char **argv, struct options *ret_options);
void options_done(struct options *options);
static inline void options_donep(struct options *options)
{
    options_done(options);
}
