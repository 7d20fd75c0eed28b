// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define ENTRY_BYTES_MIN 4096
#define ENTRY_BYTES_MAX (4 * 1024 * 1024) /* a group of very many members */

/* What getpwnam_r() and getgrnam_r() say of a name that does not exist differs by system (see their manual).
 */
static int settle(int error, const void *found)
{
    if (found)
        return 0;
    switch (error) {
    case 0:
    case ENOENT:
    case ESRCH:
    case EBADF:
    case EPERM: return -ENOENT;
    default: return -error;
    }
}

int user_find(const char *name, uid_t *ret_uid)
{
    for (size_t size = ENTRY_BYTES_MIN; size <= ENTRY_BYTES_MAX; size *= 4) {
        _cleanup_free_ char *buffer = malloc(size);
        struct passwd entry, *found = NULL;
        int r;

        if (!buffer)
            return -ENOMEM;
        r = getpwnam_r(name, &entry, buffer, size, &found);
        if (r == ERANGE)
            continue;
        r = settle(r, found);
        if (r == 0)
            *ret_uid = found->pw_uid;
        return r;
    }
    return -ERANGE;
}

int group_find(const char *name, gid_t *ret_gid)
{
    for (size_t size = ENTRY_BYTES_MIN; size <= ENTRY_BYTES_MAX; size *= 4) {
        _cleanup_free_ char *buffer = malloc(size);
        struct group entry, *found = NULL;
        int r;

        if (!buffer)
            return -ENOMEM;
        r = getgrnam_r(name, &entry, buffer, size, &found);
        if (r == ERANGE)
            continue;
        r = settle(r, found);
        if (r == 0)
            *ret_gid = found->gr_gid;
        return r;
    }
    return -ERANGE;
}
