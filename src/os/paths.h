// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where things are, unless an option says otherwise: for the system's service, or for a user's own by the XDG
 * base directory specification.
 */

#include <stdbool.h>

#include "base/error.h"

enum paths_of {
    PATHS_OF_SYSTEM,
    PATHS_OF_USER,
};

struct paths {
    char *policy;
    char *socket;
    char *ledger;
};

/* 0, -ENOMEM, or -ENOENT when the user's directories cannot be known ($HOME or $XDG_RUNTIME_DIR is missing).
 */
int paths_init(struct paths *paths, enum paths_of of, struct error *ret_error);
void paths_done(struct paths *paths);

/* For the daemon: where its service manager gave it directories ($RUNTIME_DIRECTORY, $STATE_DIRECTORY),
 * socket and ledger lie in those. Clients must not ask this: they may run in a service with directories of
 * its own. 0 or -ENOMEM. */
int paths_take_service_directories(struct paths *paths);
