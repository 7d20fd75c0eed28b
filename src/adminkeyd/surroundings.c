// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/surroundings.h"

#include <stdlib.h>
#include <string.h>

#include "host/curl_memory.h"
#include "os/seed.h"

int surroundings_init(struct surroundings *surroundings, struct journal journal, const char *ledger_path,
                      struct error *ret_error)
{
    int r;

    *surroundings = (struct surroundings){
        .credentials = getenv("CREDENTIALS_DIRECTORY"),
        .journal = journal,
        .random.state = seed_draw(),
        .ledger_told_boot = -USEC_PER_HOUR,
    };
    r = curl_memory_init();
    if (r < 0) {
        error_set(ret_error, "libcurl cannot be set up");
        return r;
    }
    r = loop_new(&surroundings->loop);
    if (r == 0)
        r = site_client_new(surroundings->loop, &surroundings->client);
    if (r < 0)
        error_set(ret_error, "the event loop cannot be set up: %s", strerror(-r));
    else
        r = ledger_open(ledger_path, &surroundings->ledger, ret_error);
    if (r < 0)
        surroundings_done(surroundings);
    return r;
}

void surroundings_done(struct surroundings *surroundings)
{
    surroundings->client = site_client_free(surroundings->client);
    surroundings->ledger = ledger_free(surroundings->ledger);
    surroundings->loop = loop_free(surroundings->loop);
    curl_memory_done();
}
