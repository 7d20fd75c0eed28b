// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../allocation.h"
#include "../directory.h"

#define CAP 64

static void test_what_is_written_is_read_back(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(CAP);
    struct error error = {0};
    struct stat stat_;
    char path[PATH_MAX];

    directory_path(state, "file", path);
    assert_int_equal(file_write(path, "one\0two", 7, 0640, &error), 0);
    assert_int_equal(file_write(path, "three\0four", 10, 0640, &error), 0);
    assert_int_equal(file_read(path, CAP, &bytes, &error), 0);
    assert_int_equal(bytes.size, 10);
    assert_memory_equal(bytes.data, "three\0four", 10);
    assert_int_equal(stat(path, &stat_), 0);
    assert_int_equal(stat_.st_mode & 07777, 0640);
}

static void test_each_failure_names_the_file_and_the_remedy(void **state)
{
    static const struct {
        const char *name;
        int r;
        const char *words;
    } rows[] = {
        {"missing", -ENOENT, "does not exist"},        {"file/below", -ENOTDIR, "not a directory"},
        {".", -EISDIR, "is a directory: name a file"}, {"large", -EFBIG, "too large: 65 bytes, at most 64"},
        {"pipe", -EINVAL, "not a regular file"},
    };
    char path[PATH_MAX], data[CAP + 1] = {0};

    directory_write(directory_path(state, "file", path), "x", 1, 0600);
    directory_write(directory_path(state, "large", path), data, sizeof(data), 0600);
    assert_int_equal(mkfifo(directory_path(state, "pipe", path), 0600), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(CAP);
        struct error error = {0};

        directory_path(state, rows[i].name, path);
        assert_int_equal(file_read(path, CAP, &bytes, &error), rows[i].r);
        assert_int_equal(bytes.size, 0);
        assert_non_null(strstr(error.text, path));
        assert_non_null(strstr(error.text, rows[i].words));
    }
}

static void test_a_file_without_a_size_is_capped_too(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(CAP);
    struct error error = {0};

    (void)state;
    assert_int_equal(file_read("/proc/self/status", CAP, &bytes, &error), -EFBIG);
    assert_int_equal(bytes.size, 0);
}

static void test_no_memory_is_told(void **state)
{
    char path[PATH_MAX];

    directory_write(directory_path(state, "file", path), "x", 1, 0600);
    for (unsigned n = 1;; n++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(CAP);
        struct error error = {0};
        int r;

        allocation_fail_at(n);
        r = file_read(path, CAP, &bytes, &error);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            assert_true(n > 1);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_true(*error.text);
    }
    allocation_fail_at(0);
}

static void test_directories_are_made_as_far_as_they_miss(void **state)
{
    struct error error = {0};
    struct stat stat_;
    char path[PATH_MAX];

    directory_path(state, "a/b/c", path);
    assert_int_equal(file_make_directory(path, 0700, &error), 0);
    assert_int_equal(file_make_directory(path, 0700, &error), 0);
    assert_int_equal(stat(path, &stat_), 0);
    assert_int_equal(stat_.st_mode & 07777, 0700);
    directory_write(directory_path(state, "file", path), "x", 1, 0600);
    assert_int_equal(file_make_directory(directory_path(state, "file/d", path), 0700, &error), -ENOTDIR);
    assert_non_null(strstr(error.text, path));
}

static void test_a_write_that_fails_leaves_the_old_file(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(CAP);
    struct error error = {0};
    char path[PATH_MAX], below[PATH_MAX];

    directory_write(directory_path(state, "file", path), "old", 3, 0600);
    assert_int_equal(file_write(directory_path(state, "file/x", below), "new", 3, 0600, &error), -ENOTDIR);
    assert_int_equal(file_read(path, CAP, &bytes, &error), 0);
    assert_string_equal(bytes_text(&bytes), "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read_back, directory_setup,
                                        directory_teardown),
        cmocka_unit_test_setup_teardown(test_each_failure_names_the_file_and_the_remedy, directory_setup,
                                        directory_teardown),
        cmocka_unit_test(test_a_file_without_a_size_is_capped_too),
        cmocka_unit_test_setup_teardown(test_no_memory_is_told, directory_setup, directory_teardown),
        cmocka_unit_test_setup_teardown(test_directories_are_made_as_far_as_they_miss, directory_setup,
                                        directory_teardown),
        cmocka_unit_test_setup_teardown(test_a_write_that_fails_leaves_the_old_file, directory_setup,
                                        directory_teardown),
    };

    return cmocka_run_group_tests_name("os/file", tests, NULL, NULL);
}
