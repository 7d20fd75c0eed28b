// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where things are, unless an option says otherwise: for the system's service, or for a user's own by the XDG
 * base directory specification. One place at a time, so that nobody needs to know a place that he does not
 * ask for.
 */

#include "base/error.h"

enum paths_of {
    PATHS_OF_SYSTEM,
    PATHS_OF_USER,
};

enum path {
    PATH_POLICY,
    PATH_SOCKET,
    PATH_LEDGER,
    PATH_ENCRYPTED_CREDENTIALS, /* a directory */
};

/* The caller frees the path. 0, or a negative errno with words: -ENOMEM, or -ENOENT when a user's directory
 * cannot be known ($HOME or $XDG_RUNTIME_DIR is missing). */
int paths_find(enum paths_of of, enum path path, char **ret_path, struct error *ret_error);

/* For the daemon: the same, but socket and ledger lie where its service manager gave it directories
 * ($RUNTIME_DIRECTORY, $STATE_DIRECTORY). Clients must not ask this: they may run in a service with
 * directories of its own. */
int paths_find_of_service(enum paths_of of, enum path path, char **ret_path, struct error *ret_error);
