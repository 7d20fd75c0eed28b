// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/daemon_path.h"

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

void daemon_path_find(char path[static PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    char *slash;

    path[n > 0 ? n : 0] = '\0';
    slash = strrchr(path, '/');
    if (slash && (size_t)(slash - path) < PATH_MAX - sizeof("/adminkeyd")) {
        strcpy(slash, "/adminkeyd");
        if (access(path, X_OK) == 0)
            return;
    }
    strcpy(path, SBINDIR "/adminkeyd");
}
