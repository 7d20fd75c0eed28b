// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the daemon lends to the control interface: questions it may ask and the one thing it may do. Methods
 * call these; nothing else of the daemon is within their reach. Values are borrowed until the event loop goes
 * on.
 */

#include <stddef.h>

#include "base/time.h"
#include "engine/status.h"
#include "policy/policy.h"

struct daemon_status {
    const char *version;
    usec since_utc;
    const char *policy_path;
    usec policy_loaded_utc;
    const char *policy_sha256;       /* 64 hexadecimal digits */
    usec rejected_utc;               /* STATUS_NEVER: the last load succeeded */
    const struct problems *rejected; /* errors of the refused policy; NULL: none */
    const char *const *notices;      /* what is missing, a sentence each */
    size_t n_notices;
};

enum control_reload {
    CONTROL_RELOAD_REFUSED = 1, /* the old policy stays in force; daemon_status.rejected says why */
};

struct control_source {
    void *context;
    void (*daemon)(void *context, struct daemon_status *ret_status);
    /* Sites are sorted by name; there is at least one, as in each policy; index < n_sites. */
    size_t (*n_sites)(void *context);
    void (*site)(void *context, size_t index, struct site_status *ret_status);
    /* 0, CONTROL_RELOAD_REFUSED or a negative errno. */
    int (*reload)(void *context);
};
