// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The bouncer: the one object that says who may do what on the control socket, asked before any handler runs.
 * What nobody has allowed is denied. Users and groups are numbers here, as the kernel vouches for them; names
 * are resolved once, when a policy comes into force.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "policy/policy.h"

/* Who is at the other end, by the kernel's word. */
struct peer {
    uid_t uid;
    gid_t gid;
    const gid_t *groups; /* supplementary; the primary one may be missing here */
    size_t n_groups;
};

/* Whom a method is for. The zero value denies, so that a forgotten entry opens nothing. */
enum access {
    ACCESS_NOBODY,
    ACCESS_ANYBODY,
    ACCESS_VIEWERS,
    ACCESS_OPERATORS,
};

/* Names to numbers, as an argument to pure code: user_find() and group_find() of os/user.h, outside tests. 0,
 * -ENOENT for a name the system does not have, or another negative errno. */
struct principal_finder {
    int (*user)(const char *name, uid_t *ret_uid);
    int (*group)(const char *name, gid_t *ret_gid);
};

struct bouncer;

/* Operators are root, `own_uid` (the daemon's own user) and the policy's; viewers are these and the policy's.
 * A name that cannot be resolved matches nobody and adds a warning to `warnings`. 0 or -ENOMEM. */
int bouncer_new(const struct policy *policy, uid_t own_uid, const struct principal_finder *finder,
                struct problems *warnings, struct bouncer **ret_bouncer);
struct bouncer *bouncer_free(struct bouncer *bouncer);
DEFINE_CLEANUP(struct bouncer *, bouncer_free);

bool bouncer_allows(const struct bouncer *bouncer, const struct peer *peer, enum access access);

/* Whether one more connection is to be served, where there are that many and that many of the peer's uid
 * already. NULL: yes; else the name of the limit (limits.h) that it would pass. */
const char *bouncer_admits(const struct bouncer *bouncer, const struct peer *peer, size_t n_connections,
                           size_t n_of_uid);
