// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define POLICY_NAME      "adminkeyd/policy.yaml"
#define SOCKET_FILE      "adminkeyd.sock"
#define SOCKET_NAME      "adminkeyd/" SOCKET_FILE
#define LEDGER_FILE      "ledger.jsonl"
#define LEDGER_NAME      "adminkeyd/" LEDGER_FILE
#define CREDENTIALS_NAME "adminkeyd/credentials.encrypted"

static const struct {
    const char *system;
    const char *user_variable, *user_fallback,
        *user_name;                              /* the fallback lies below $HOME; NULL: there is none */
    const char *service_variable, *service_name; /* NULL: systemd gives no such directory */
} rows[] = {
    [PATH_POLICY] = {SYSCONFDIR "/" POLICY_NAME, "XDG_CONFIG_HOME", ".config", POLICY_NAME, NULL, NULL},
    [PATH_SOCKET] = {RUNSTATEDIR "/" SOCKET_NAME, "XDG_RUNTIME_DIR", NULL, SOCKET_NAME, "RUNTIME_DIRECTORY",
                     SOCKET_FILE},
    [PATH_LEDGER] = {LOCALSTATEDIR "/lib/" LEDGER_NAME, "XDG_STATE_HOME", ".local/state", LEDGER_NAME,
                     "STATE_DIRECTORY", LEDGER_FILE},
    [PATH_ENCRYPTED_CREDENTIALS] = {SYSCONFDIR "/" CREDENTIALS_NAME, "XDG_CONFIG_HOME", ".config",
                                    CREDENTIALS_NAME, NULL, NULL},
};

/* `directory`/`name`, of which the first `size` bytes of `directory` count. */
static int join(const char *directory, size_t size, const char *name, char **ret_path,
                struct error *ret_error)
{
    size_t name_size = strlen(name);
    char *path = malloc(size + 1 + name_size + 1);

    if (!path) {
        error_set(ret_error, "out of memory");
        return -ENOMEM;
    }
    memcpy(path, directory, size);
    path[size] = '/';
    memcpy(path + size + 1, name, name_size + 1);
    *ret_path = path;
    return 0;
}

/* The directory that a variable names; NULL: none. Relative ones are to be ignored, says the specification.
 */
static const char *directory_of(const char *variable)
{
    const char *directory = variable ? getenv(variable) : NULL;

    return directory && *directory == '/' ? directory : NULL;
}

static int find_of_user(enum path path, char **ret_path, struct error *ret_error)
{
    const char *base = directory_of(rows[path].user_variable), *home = directory_of("HOME");
    _cleanup_free_ char *below_home = NULL;
    int r;

    if (base)
        return join(base, strlen(base), rows[path].user_name, ret_path, ret_error);
    if (!rows[path].user_fallback || !home) {
        error_set(ret_error, "%s is not set: log in as this user, or name the path by an option",
                  rows[path].user_fallback ? "HOME" : rows[path].user_variable);
        return -ENOENT;
    }
    r = join(home, strlen(home), rows[path].user_fallback, &below_home, ret_error);
    return r < 0 ? r : join(below_home, strlen(below_home), rows[path].user_name, ret_path, ret_error);
}

int paths_find(enum paths_of of, enum path path, char **ret_path, struct error *ret_error)
{
    if (of == PATHS_OF_USER)
        return find_of_user(path, ret_path, ret_error);
    return join("", 0, rows[path].system + 1, ret_path, ret_error);
}

/* The variable holds one absolute directory, or several with colons between: the first counts. */
int paths_find_of_service(enum paths_of of, enum path path, char **ret_path, struct error *ret_error)
{
    const char *directory = directory_of(rows[path].service_variable);

    if (!directory)
        return paths_find(of, path, ret_path, ret_error);
    return join(directory, strcspn(directory, ":"), rows[path].service_name, ret_path, ret_error);
}
