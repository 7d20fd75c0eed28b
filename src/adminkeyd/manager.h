// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The daemon: brings policy, ledger, control socket and fleet together, in that order, and carries them
 * through reloads to an orderly end. What the service manager and the journal are told of the whole is told
 * here.
 */

#include "adminkeyd/options.h"
#include "host/journal.h"

enum manager_outcome {
    MANAGER_POLICY_REFUSED = 1, /* told to the journal: there is nothing to keep */
};

/* Runs until SIGTERM or SIGINT, and until every key is off or left as the policy says. 0, an outcome or a
 * negative errno, the latter with words. Signals must not be handled elsewhere. */
int manager_run(const struct options *options, struct journal journal, struct error *ret_error);
