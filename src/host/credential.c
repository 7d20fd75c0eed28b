// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/descriptor.h"
#include "os/locked_memory.h"

/* One byte more than a secret and its newline may have: a longer file is noticed. */
#define READ_MAX (SECRET_MAX + 2)

static int find_path(const char *directory, const char *token, char path[static PATH_MAX],
                     struct error *ret_error)
{
    int n;

    if (*token == '/') {
        n = snprintf(path, PATH_MAX, "%s", token);
    } else if (directory) {
        n = snprintf(path, PATH_MAX, "%s/" CREDENTIAL_PREFIX_PLAIN "%s", directory, token);
        if (n < 0 || n >= PATH_MAX || access(path, F_OK) < 0)
            n = snprintf(path, PATH_MAX, "%s/" CREDENTIAL_PREFIX "%s", directory, token);
    } else {
        error_set(ret_error,
                  "credential %s cannot be had: the daemon was not started by systemd with "
                  "LoadCredential=" CREDENTIAL_PREFIX "%s; name an absolute path as the token instead",
                  token, token);
        return -ENOENT;
    }
    if (n < 0 || n >= PATH_MAX) {
        error_set(ret_error, "the path of the token is too long");
        return -ENAMETOOLONG;
    }
    return 0;
}

static int explain_open(const char *path, bool given_by_systemd, int r, struct error *ret_error)
{
    if (r == -ENOENT && given_by_systemd) {
        error_set(ret_error, "credential %s was not given to the daemon: see 'adminkeyctl doctor'", path);
        return r;
    }
    switch (r) {
    case -ENOENT: error_set(ret_error, "token file %s does not exist: put the API token there", path); break;
    case -ELOOP: error_set(ret_error, "token file %s is a symbolic link: name the file itself", path); break;
    case -EACCES:
        error_set(ret_error, "token file %s must not be read by the daemon's user (uid %u): chown it", path,
                  geteuid());
        break;
    default: error_set(ret_error, "token file %s cannot be read: %s", path, strerror(-r));
    }
    return r;
}

static int check_file(int fd, const char *path, bool given_by_systemd, struct error *ret_error)
{
    struct stat stat;

    if (fstat(fd, &stat) < 0)
        return explain_open(path, given_by_systemd, -errno, ret_error);
    if (!S_ISREG(stat.st_mode)) {
        error_set(ret_error, "token file %s is %s: name a regular file", path,
                  S_ISDIR(stat.st_mode) ? "a directory" : "not a regular file");
        return S_ISDIR(stat.st_mode) ? -EISDIR : -EINVAL;
    }
    if (stat.st_uid != geteuid() && !(given_by_systemd && stat.st_uid == 0)) {
        error_set(ret_error, "token file %s belongs to uid %u: it must belong to the daemon's user (uid %u)",
                  path, stat.st_uid, geteuid());
        return -EPERM;
    }
    if (!given_by_systemd && (stat.st_mode & 077) != 0) {
        error_set(ret_error, "token file %s is open to others (mode %04o): make it 0600, and the token anew",
                  path, stat.st_mode & 07777);
        return -EPERM;
    }
    return 0;
}

static int read_secret(int fd, const char *path, char *buffer, struct secret *secret, struct error *ret_error)
{
    size_t size = 0;
    int r;

    while (size < READ_MAX) {
        ssize_t n = read(fd, buffer + size, READ_MAX - size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return explain_open(path, false, -errno, ret_error);
        if (n == 0)
            break;
        size += (size_t)n;
    }
    r = secret_set(secret, buffer, size);
    if (r == -EMSGSIZE)
        error_set(ret_error, "token file %s is too large: a token has at most %d bytes", path, SECRET_MAX);
    else if (r < 0)
        error_set(ret_error, "token file %s holds no token: it must be one line of text", path);
    return r;
}

int credential_read(const char *directory, const char *token, struct secret *secret, struct error *ret_error)
{
    _cleanup_(descriptor_closep) int fd = -1;
    void *buffer = NULL;
    char path[PATH_MAX];
    int r;

    r = find_path(directory, token, path, ret_error);
    if (r < 0)
        return r;
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return explain_open(path, *token != '/', -errno, ret_error);
    r = check_file(fd, path, *token != '/', ret_error);
    if (r < 0)
        return r;
    r = locked_memory_new(READ_MAX, &buffer);
    if (r < 0) {
        error_set(ret_error, "token file %s cannot be read: out of memory", path);
        return r;
    }
    r = read_secret(fd, path, buffer, secret, ret_error);
    locked_memory_free(buffer, READ_MAX);
    return r;
}
