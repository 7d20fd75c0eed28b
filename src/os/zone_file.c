// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/zone_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/file.h"

#define ZONE_DIRECTORY  "/usr/share/zoneinfo"
#define NAME_LENGTH_MAX 63 /* the longest of tzdata 2025b has 32 */

/* Letters, digits, '_', '+', '-', in parts divided by '/', none of them empty: no dot, so nothing leads out
 * of the directory. "posix/" and "right/" hold every zone once more, the latter with leap seconds. */
static bool is_zone_name(const char *name)
{
    bool part_begins = true;

    if (strlen(name) > NAME_LENGTH_MAX || text_starts_with(name, "posix/") ||
        text_starts_with(name, "right/"))
        return false;
    for (; *name; name++) {
        if (*name == '/' ? part_begins : !isalnum((unsigned char)*name) && !strchr("_+-", *name))
            return false;
        part_begins = *name == '/';
    }
    return !part_begins;
}

const char *zone_file_directory(void)
{
    const char *directory = secure_getenv("TZDIR");

    return directory && *directory == '/' ? directory : ZONE_DIRECTORY;
}

int zone_file_read(void *context, const char *name, struct bytes *bytes)
{
    char path[PATH_MAX];
    int r;

    (void)context;
    if (!is_zone_name(name))
        return -ENOENT;
    if (snprintf(path, sizeof(path), "%s/%s", zone_file_directory(), name) >= (int)sizeof(path))
        return -ENOENT;
    r = file_read(path, bytes->cap, bytes, NULL);
    return r == -EISDIR || r == -EINVAL || r == -ENOTDIR ? -ENOENT : r;
}
