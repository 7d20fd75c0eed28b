// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/credential.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../directory.h"
#include "base/cleanup.h"

static void test_a_token_is_read_without_its_newline(void **state)
{
    struct secret secret = {0};
    struct error error = {0};
    char path[PATH_MAX];

    directory_write(directory_path(state, "token", path), "abc123\n", 7, 0600);
    assert_int_equal(credential_read(NULL, path, &secret, &error), 0);
    assert_int_equal(secret.size, 6);
    assert_string_equal(secret.bytes, "abc123");
}

/* systemd 252 lets the service in by an ACL, which shows as group bits. */
static void test_the_credential_directory_is_trusted_with_the_mode(void **state)
{
    struct secret secret = {0};
    struct error error = {0};
    char path[PATH_MAX];

    directory_write(directory_path(state, CREDENTIAL_PREFIX "acme", path), "abc", 3, 0440);
    assert_int_equal(credential_read(*state, "acme", &secret, &error), 0);
    assert_string_equal(secret.bytes, "abc");
}

static void test_a_name_without_a_directory_says_how_to_get_one(void **state)
{
    struct secret secret = {0};
    struct error error = {0};

    (void)state;
    assert_int_equal(credential_read(NULL, "acme", &secret, &error), -ENOENT);
    assert_non_null(strstr(error.text, "LoadCredential=adminkeyd_acme"));
}

static void test_a_file_open_to_others_is_refused_with_the_right_mode(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0644, 0610, 0601};
    char path[PATH_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        struct secret secret = {0};
        struct error error = {0};

        directory_write(directory_path(state, "token", path), "abc", 3, modes[i]);
        assert_int_equal(credential_read(NULL, path, &secret, &error), -EPERM);
        assert_non_null(strstr(error.text, path));
        assert_non_null(strstr(error.text, "0600"));
        assert_null(strstr(error.text, "abc"));
        assert_int_equal(secret.size, 0);
    }
}

static void test_a_file_of_somebody_else_is_refused(void **state)
{
    struct secret secret = {0};
    struct error error = {0};
    char path[PATH_MAX];

    if (geteuid() != 0)
        skip(); /* only root can make one */
    directory_write(directory_path(state, "token", path), "abc", 3, 0600);
    assert_int_equal(chown(path, 65534, 65534), 0);
    assert_int_equal(credential_read(NULL, path, &secret, &error), -EPERM);
    assert_non_null(strstr(error.text, "belongs to uid 65534"));
}

static void test_only_a_regular_file_will_do(void **state)
{
    struct secret secret = {0};
    struct error error = {0};
    char path[PATH_MAX], link[PATH_MAX];

    assert_int_equal(credential_read(NULL, *state, &secret, &error), -EISDIR);
    directory_write(directory_path(state, "token", path), "abc", 3, 0600);
    assert_int_equal(symlink(path, directory_path(state, "link", link)), 0);
    assert_int_equal(credential_read(NULL, link, &secret, &error), -ELOOP);
    assert_int_equal(mkfifo(directory_path(state, "pipe", path), 0600), 0);
    assert_int_equal(credential_read(NULL, path, &secret, &error), -EINVAL);
    assert_int_equal(credential_read(NULL, directory_path(state, "missing", path), &secret, &error), -ENOENT);
    assert_non_null(strstr(error.text, path));
}

static void test_content_that_is_no_token_is_refused(void **state)
{
    static char longest[SECRET_MAX + 2];
    const struct {
        const char *data;
        size_t size;
        int r;
    } rows[] = {
        {"", 0, -EBADMSG},
        {"\n", 1, -EBADMSG},
        {"abc\ndef", 7, -EBADMSG},
        {"abc\0", 4, -EBADMSG},
        {"abc\r\n", 5, -EBADMSG},
        {longest, SECRET_MAX, 0},
        {longest, SECRET_MAX + 1, -EMSGSIZE},
    };
    char path[PATH_MAX];

    memset(longest, 'x', sizeof(longest));
    directory_path(state, "token", path);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct secret secret = {0};
        struct error error = {0};

        directory_write(path, rows[i].data, rows[i].size, 0600);
        assert_int_equal(credential_read(NULL, path, &secret, &error), rows[i].r);
        assert_int_equal(*error.text != '\0', rows[i].r < 0);
    }
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, directory_setup, directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_a_token_is_read_without_its_newline),
        WITH_DIRECTORY(test_the_credential_directory_is_trusted_with_the_mode),
        cmocka_unit_test(test_a_name_without_a_directory_says_how_to_get_one),
        WITH_DIRECTORY(test_a_file_open_to_others_is_refused_with_the_right_mode),
        WITH_DIRECTORY(test_a_file_of_somebody_else_is_refused),
        WITH_DIRECTORY(test_only_a_regular_file_will_do),
        WITH_DIRECTORY(test_content_that_is_no_token_is_refused),
    };

    return cmocka_run_group_tests_name("host/credential", tests, NULL, NULL);
}
