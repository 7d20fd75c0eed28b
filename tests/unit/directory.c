// SPDX-License-Identifier: GPL-3.0-or-later
#include "directory.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int directory_setup(void **state)
{
    const char *parent = getenv("TMPDIR");
    char *path;

    if (asprintf(&path, "%s/adminkeyd-test.XXXXXX", parent ? parent : "/tmp") < 0)
        return -1;
    *state = path;
    return mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *where)
{
    (void)stat;
    (void)kind;
    (void)where;
    return remove(path);
}

int directory_teardown(void **state)
{
    int r = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return r;
}

const char *directory_path(void **state, const char *name, char path[static PATH_MAX])
{
    assert_true(snprintf(path, PATH_MAX, "%s/%s", (const char *)*state, name) < PATH_MAX);
    return path;
}

void directory_write(const char *path, const void *data, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}
