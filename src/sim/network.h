// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The way between a daemon and the site: when a call arrives there, when its reply comes back, or when the
 * client gives it up; and the reply as bytes, through the reader that the daemon uses.
 */

#include "confluence/confluence.h"
#include "sim/faults.h"
#include "sim/site.h"

/* Stands in every body and header that no daemon has a use for: it must never come up in a record or a
 * report. */
#define NETWORK_CANARY "canary-5d1c9f"

struct passage {
    const struct fault *fault; /* NULL: all went well */
    bool acts;                 /* the site carries the call out, when it arrives */
    usec arrives_after;        /* USEC_INFINITY: never */
    usec ends_after;           /* the client has its reply, or none, and goes on */
    enum transport transport;
};

/* One call, `there` and `back` on its way, given up after `timeout`. */
struct passage network_pass(const struct fault *fault, usec there, usec back, usec timeout);

/* What the client makes of it. `answer` is the site's; only its Date counts where the call did not act. 0 or
 * -ENOMEM. */
int network_reply(const struct passage *passage, enum confluence_call call, const struct site_answer *answer,
                  usec believed_site, struct confluence_reply *ret_reply);

/* How long after such a call the daemon may wait, by its rules, until it tries again: the calls that switch
 * on, and those that switch off. */
usec network_retry_on(const struct fault *fault);
usec network_retry_off(const struct fault *fault, enum confluence_call call);
