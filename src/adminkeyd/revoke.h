// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * --revoke-only: switches off what a daemon that is gone may have left on, and ends. Run by the service
 * manager when it gives the daemon up, and before the package is removed.
 */

#include "adminkeyd/options.h"
#include "host/journal.h"

enum revoke_outcome {
    REVOKE_POLICY_REFUSED = 1, /* told to the journal */
    REVOKE_NOT_PROVED,         /* a key may still be on; told to the journal */
};

/* 0: each key is proved off, or is not ours, or on as the policy wants; an outcome; or a negative errno with
 * words. */
int revoke_run(const struct options *options, struct journal journal, struct error *ret_error);
