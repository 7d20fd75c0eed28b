// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What all keepers work with, in the daemon and under --revoke-only alike: event loop, libcurl, ledger,
 * journal and chance.
 */

#include "base/error.h"
#include "base/random.h"
#include "host/journal.h"
#include "host/ledger.h"
#include "host/loop.h"
#include "host/site_client.h"

struct surroundings {
    struct loop *loop;
    struct site_client *client;
    struct ledger *ledger;
    const char *credentials; /* systemd's credential directory; NULL: none */
    struct journal journal;
    struct random random;
    bool ledger_failed;    /* and has not worked since */
    usec ledger_told_boot; /* when that was said last */
};

/* Opens all of it; the ledger is read later. 0 or a negative errno with words: then nothing is open. */
int surroundings_init(struct surroundings *surroundings, struct journal journal, const char *ledger_path,
                      struct error *ret_error);
void surroundings_done(struct surroundings *surroundings);
