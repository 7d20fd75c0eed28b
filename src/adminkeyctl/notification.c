// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/notification.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "notify-send"

int notification_prepare(void)
{
    const char *path = getenv("PATH");
    char file[4096];

    /* Children are not waited for: they must not stay as zombies. */
    signal(SIGCHLD, SIG_IGN);
    for (const char *at = path ? path : "/usr/bin:/bin"; at;
         at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        snprintf(file, sizeof(file), "%.*s/" PROGRAM, (int)strcspn(at, ":"), at);
        if (access(file, X_OK) == 0)
            return 0;
    }
    return -ENOENT;
}

void notification_show(const char *text, bool urgent)
{
    char *arguments[] = {
        (char *)PROGRAM,
        (char *)"--app-name=adminkeyd",
        (char *)(urgent ? "--urgency=critical" : "--urgency=normal"),
        (char *)"--",
        (char *)"Admin key",
        (char *)text,
        NULL,
    };
    pid_t child;

    (void)posix_spawnp(&child, PROGRAM, NULL, NULL, arguments, environ);
}
