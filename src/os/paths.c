// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define POLICY_NAME "adminkeyd/policy.yaml"
#define SOCKET_FILE "adminkeyd.sock"
#define SOCKET_NAME "adminkeyd/" SOCKET_FILE
#define LEDGER_FILE "ledger.jsonl"
#define LEDGER_NAME "adminkeyd/" LEDGER_FILE

/* `directory`/`name`, of which the first `size` bytes of `directory` count. NULL when out of memory. */
static char *join(const char *directory, size_t size, const char *name)
{
    size_t name_size = strlen(name);
    char *path = malloc(size + 1 + name_size + 1);

    if (path) {
        memcpy(path, directory, size);
        path[size] = '/';
        memcpy(path + size + 1, name, name_size + 1);
    }
    return path;
}

/* A base directory of XDG; relative ones are to be ignored, says the specification. `fallback` lies below
 * $HOME; NULL: there is none. */
static int find_user_path(const char *variable, const char *fallback, const char *name, char **ret_path,
                          struct error *ret_error)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    _cleanup_free_ char *below_home = NULL;

    if (!base || *base != '/') {
        if (!fallback || !home || *home != '/') {
            error_set(ret_error, "%s is not set: log in as this user, or name the path by an option",
                      fallback ? "HOME" : variable);
            return -ENOENT;
        }
        base = below_home = join(home, strlen(home), fallback);
    }
    *ret_path = base ? join(base, strlen(base), name) : NULL;
    return *ret_path ? 0 : -ENOMEM;
}

static int find_user_paths(struct paths *paths, struct error *ret_error)
{
    int r = find_user_path("XDG_CONFIG_HOME", ".config", POLICY_NAME, &paths->policy, ret_error);

    if (r == 0)
        r = find_user_path("XDG_RUNTIME_DIR", NULL, SOCKET_NAME, &paths->socket, ret_error);
    if (r == 0)
        r = find_user_path("XDG_STATE_HOME", ".local/state", LEDGER_NAME, &paths->ledger, ret_error);
    return r;
}

static int find_system_paths(struct paths *paths)
{
    paths->policy = strdup(SYSCONFDIR "/" POLICY_NAME);
    paths->socket = strdup(RUNSTATEDIR "/" SOCKET_NAME);
    paths->ledger = strdup(LOCALSTATEDIR "/lib/" LEDGER_NAME);
    return paths->policy && paths->socket && paths->ledger ? 0 : -ENOMEM;
}

int paths_init(struct paths *paths, enum paths_of of, struct error *ret_error)
{
    int r;

    *paths = (struct paths){0};
    r = of == PATHS_OF_USER ? find_user_paths(paths, ret_error) : find_system_paths(paths);
    if (r < 0)
        paths_done(paths);
    if (r == -ENOMEM)
        error_set(ret_error, "out of memory");
    return r;
}

void paths_done(struct paths *paths)
{
    free(paths->policy);
    free(paths->socket);
    free(paths->ledger);
    *paths = (struct paths){0};
}

/* The variable holds one absolute directory, or several with colons between: the first counts. */
static int take_directory(const char *variable, const char *name, char **path)
{
    const char *directory = getenv(variable);
    char *taken;

    if (!directory || *directory != '/')
        return 0;
    taken = join(directory, strcspn(directory, ":"), name);
    if (!taken)
        return -ENOMEM;
    free(*path);
    *path = taken;
    return 0;
}

int paths_take_service_directories(struct paths *paths)
{
    int r = take_directory("RUNTIME_DIRECTORY", SOCKET_FILE, &paths->socket);

    return r < 0 ? r : take_directory("STATE_DIRECTORY", LEDGER_FILE, &paths->ledger);
}
