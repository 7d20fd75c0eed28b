// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/descriptor.h"

#define READ_CHUNK 65536

static int explain_open(const char *path, int r, struct error *ret_error)
{
    switch (r) {
    case -ENOENT: error_set(ret_error, "%s does not exist", path); break;
    case -ENOTDIR:
        error_set(ret_error, "%s does not exist: a part of the path is not a directory", path);
        break;
    case -EACCES:
        error_set(ret_error, "%s must not be read by this user: see its owner and mode with ls -l", path);
        break;
    default: error_set(ret_error, "%s cannot be opened: %s", path, strerror(-r));
    }
    return r;
}

static int check_kind(const char *path, const struct stat *stat, size_t cap, struct error *ret_error)
{
    if (S_ISDIR(stat->st_mode)) {
        error_set(ret_error, "%s is a directory: name a file", path);
        return -EISDIR;
    }
    if (!S_ISREG(stat->st_mode)) {
        error_set(ret_error, "%s is not a regular file: save the content in one and name that", path);
        return -EINVAL;
    }
    if ((uint64_t)stat->st_size > cap) {
        error_set(ret_error, "%s is too large: %lld bytes, at most %zu are read", path,
                  (long long)stat->st_size, cap);
        return -EFBIG;
    }
    return 0;
}

/* A file may grow while it is read, and those of /proc have no size: the cap is kept here once more. */
static int read_all(int fd, const char *path, size_t cap, struct bytes *bytes, struct error *ret_error)
{
    _cleanup_free_ char *chunk = malloc(READ_CHUNK);

    if (!chunk)
        return -ENOMEM;
    for (;;) {
        ssize_t n = read(fd, chunk, READ_CHUNK);
        int r;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            r = -errno;
            error_set(ret_error, "%s cannot be read: %s", path, strerror(-r));
            return r;
        }
        if (n == 0)
            return 0;
        if ((size_t)n > cap - bytes->size) {
            error_set(ret_error, "%s is too large: at most %zu bytes are read", path, cap);
            return -EFBIG;
        }
        r = bytes_append(bytes, chunk, (size_t)n);
        if (r < 0)
            return r;
    }
}

int file_read(const char *path, size_t cap, struct bytes *bytes, struct error *ret_error)
{
    _cleanup_(descriptor_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat stat;
    int r;

    bytes_clear(bytes);
    if (fd < 0)
        return explain_open(path, -errno, ret_error);
    if (fstat(fd, &stat) < 0)
        return explain_open(path, -errno, ret_error);
    r = check_kind(path, &stat, cap, ret_error);
    if (r < 0)
        return r;
    r = read_all(fd, path, cap, bytes, ret_error);
    if (r == -ENOMEM)
        error_set(ret_error, "%s cannot be read: out of memory", path);
    if (r < 0)
        bytes_clear(bytes);
    return r;
}

int file_write_all(int fd, const void *data, size_t size)
{
    const char *rest = data;

    while (size > 0) {
        ssize_t n = write(fd, rest, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        rest += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_synced(int fd, const void *data, size_t size, mode_t mode)
{
    int r = file_write_all(fd, data, size);

    if (r < 0)
        return r;
    return fchmod(fd, mode) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int file_write(const char *path, const void *data, size_t size, mode_t mode, struct error *ret_error)
{
    _cleanup_(descriptor_closep) int fd = -1;
    _cleanup_free_ char *beside = NULL;
    const char *slash = strrchr(path, '/');
    int directory = slash ? (int)(slash + 1 - path) : 0, r;

    /* A dot at its front: who reads all files of a directory, as systemd does of one of credentials, leaves
     * alone what is not whole yet and gone in a moment. */
    if (asprintf(&beside, "%.*s.%s.XXXXXX", directory, path, path + directory) < 0) {
        beside = NULL;
        error_set(ret_error, "%s cannot be written: out of memory", path);
        return -ENOMEM;
    }
    fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        r = -errno;
        error_set(ret_error, "%s cannot be made: %s", beside, strerror(-r));
        return r;
    }
    r = write_synced(fd, data, size, mode);
    if (r == 0 && rename(beside, path) < 0)
        r = -errno;
    if (r < 0) {
        unlink(beside);
        error_set(ret_error, "%s cannot be written: %s", path, strerror(-r));
        return r;
    }
    return file_sync_directory_of(path);
}

int file_make_directory(const char *path, mode_t mode, struct error *ret_error)
{
    char part[PATH_MAX];
    size_t size = strlen(path);

    if (size == 0 || size >= sizeof(part)) {
        error_set(ret_error, "the path of a directory must have 1 to %zu characters", sizeof(part) - 1);
        return -ENAMETOOLONG;
    }
    for (size_t end = 1; end <= size; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        memcpy(part, path, end);
        part[end] = '\0';
        if (mkdir(part, mode) < 0 && errno != EEXIST) {
            int r = -errno;

            error_set(ret_error, "directory %s cannot be made: %s", part, strerror(-r));
            return r;
        }
    }
    return 0;
}

int file_sync_directory_of(const char *path)
{
    _cleanup_(descriptor_closep) int fd = -1;
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;

    if (size >= sizeof(directory))
        return -ENAMETOOLONG;
    memcpy(directory, path, size);
    directory[size] = '\0';
    fd = open(size > 0 ? directory : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    return fsync(fd) < 0 ? -errno : 0;
}
