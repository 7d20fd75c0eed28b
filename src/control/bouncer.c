// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/bouncer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "control/limits.h"

struct members {
    uid_t uids[POLICY_PRINCIPALS_MAX];
    size_t n_uids;
    gid_t gids[POLICY_PRINCIPALS_MAX];
    size_t n_gids;
};

struct bouncer {
    uid_t own_uid;
    struct members operators, viewers;
};

/* Of what the policy names, that is: a default that the system lacks is nobody's mistake. */
static int warn(struct problems *warnings, const char *who, const char *kind, const char *name, int error)
{
    if (error == -ENOENT)
        return problems_add(warnings, true, 0, 0, who,
                            "there is no %s '%s' on this system: the entry matches nobody", kind, name);
    return problems_add(warnings, true, 0, 0, who,
                        "the %s '%s' cannot be looked up (%s): the entry matches nobody", kind, name,
                        strerror(-error));
}

static int resolve_users(const struct policy_principals *principals, const struct principal_finder *finder,
                         const char *who, struct problems *warnings, struct members *members)
{
    assert(principals->n_users <= POLICY_PRINCIPALS_MAX);
    for (size_t i = 0; i < principals->n_users; i++) {
        int r = finder->user(principals->users[i], &members->uids[members->n_uids]);

        if (r == 0)
            members->n_uids++;
        else if (r == -ENOMEM || warn(warnings, who, "user", principals->users[i], r) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int resolve_groups(const struct policy_principals *principals, const struct principal_finder *finder,
                          const char *who, struct problems *warnings, struct members *members)
{
    assert(principals->n_groups <= POLICY_PRINCIPALS_MAX);
    for (size_t i = 0; i < principals->n_groups; i++) {
        int r = finder->group(principals->groups[i], &members->gids[members->n_gids]);

        if (r == 0)
            members->n_gids++;
        else if (r == -ENOENT && principals->by_default)
            continue;
        else if (r == -ENOMEM || warn(warnings, who, "group", principals->groups[i], r) < 0)
            return -ENOMEM;
    }
    return 0;
}

int bouncer_new(const struct policy *policy, uid_t own_uid, const struct principal_finder *finder,
                struct problems *warnings, struct bouncer **ret_bouncer)
{
    _cleanup_(bouncer_freep) struct bouncer *bouncer = calloc(1, sizeof(*bouncer));

    if (!bouncer)
        return -ENOMEM;
    bouncer->own_uid = own_uid;
    if (resolve_users(&policy->operators, finder, "access.operators.users", warnings, &bouncer->operators) <
            0 ||
        resolve_groups(&policy->operators, finder, "access.operators.groups", warnings, &bouncer->operators) <
            0 ||
        resolve_users(&policy->viewers, finder, "access.viewers.users", warnings, &bouncer->viewers) < 0 ||
        resolve_groups(&policy->viewers, finder, "access.viewers.groups", warnings, &bouncer->viewers) < 0)
        return -ENOMEM;
    *ret_bouncer = steal_pointer(&bouncer);
    return 0;
}

struct bouncer *bouncer_free(struct bouncer *bouncer)
{
    free(bouncer);
    return NULL;
}

static bool is_in_group(const struct peer *peer, gid_t gid)
{
    if (peer->gid == gid)
        return true;
    for (size_t i = 0; i < peer->n_groups; i++)
        if (peer->groups[i] == gid)
            return true;
    return false;
}

static bool is_member(const struct members *members, const struct peer *peer)
{
    for (size_t i = 0; i < members->n_uids; i++)
        if (members->uids[i] == peer->uid)
            return true;
    for (size_t i = 0; i < members->n_gids; i++)
        if (is_in_group(peer, members->gids[i]))
            return true;
    return false;
}

static bool is_operator(const struct bouncer *bouncer, const struct peer *peer)
{
    return peer->uid == 0 || peer->uid == bouncer->own_uid || is_member(&bouncer->operators, peer);
}

bool bouncer_allows(const struct bouncer *bouncer, const struct peer *peer, enum access access)
{
    switch (access) {
    case ACCESS_ANYBODY: return true;
    case ACCESS_VIEWERS: return is_operator(bouncer, peer) || is_member(&bouncer->viewers, peer);
    case ACCESS_OPERATORS: return is_operator(bouncer, peer);
    case ACCESS_NOBODY: break;
    }
    return false;
}

const char *bouncer_admits(const struct bouncer *bouncer, const struct peer *peer, size_t n_connections,
                           size_t n_of_uid)
{
    size_t limit = LIMIT_CONNECTIONS_MAX;

    if (n_of_uid >= LIMIT_CONNECTIONS_PER_UID_MAX)
        return LIMIT_CONNECTIONS_PER_UID;
    if (!is_operator(bouncer, peer))
        limit -= LIMIT_CONNECTIONS_KEPT;
    return n_connections >= limit ? LIMIT_CONNECTIONS : NULL;
}
