// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static bool is_blank(const struct secret *secret)
{
    const char *bytes = (const char *)secret;

    for (size_t i = 0; i < sizeof(*secret); i++)
        if (bytes[i])
            return false;
    return true;
}

static void test_what_is_a_secret(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        int r;
        const char *kept;
    } rows[] = {
        {"token", 5, 0, "token"},         {"token\n", 6, 0, "token"},       {" to ken ", 8, 0, " to ken "},
        {"\xff\x01", 2, 0, "\xff\x01"},   {"", 0, -EBADMSG, NULL},          {"\n", 1, -EBADMSG, NULL},
        {"token\n\n", 7, -EBADMSG, NULL}, {"token\r\n", 7, -EBADMSG, NULL}, {"to\nken", 6, -EBADMSG, NULL},
        {"to\rken", 6, -EBADMSG, NULL},   {"to\0ken", 6, -EBADMSG, NULL},   {"token\0", 6, -EBADMSG, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct secret secret;

        memset(&secret, '#', sizeof(secret));
        assert_int_equal(secret_set(&secret, rows[i].bytes, rows[i].size), rows[i].r);
        if (rows[i].r < 0) {
            assert_true(is_blank(&secret));
            continue;
        }
        assert_int_equal(secret.size, strlen(rows[i].kept));
        assert_string_equal(secret.bytes, rows[i].kept);
    }
}

static void test_the_longest(void **state)
{
    char bytes[SECRET_MAX + 2];
    struct secret secret;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(secret_set(&secret, bytes, SECRET_MAX), 0);
    assert_int_equal(secret.size, SECRET_MAX);
    assert_int_equal(strlen(secret.bytes), SECRET_MAX);
    bytes[SECRET_MAX] = '\n';
    assert_int_equal(secret_set(&secret, bytes, SECRET_MAX + 1), 0);
    assert_int_equal(secret.size, SECRET_MAX);
    bytes[SECRET_MAX] = 'x';
    assert_int_equal(secret_set(&secret, bytes, SECRET_MAX + 1), -EMSGSIZE);
    assert_true(is_blank(&secret));
}

static void test_nothing_of_an_older_one_is_left(void **state)
{
    struct secret secret;

    (void)state;
    assert_int_equal(secret_set(&secret, "a longer secret", 15), 0);
    assert_int_equal(secret_set(&secret, "short", 5), 0);
    for (size_t i = 5; i < sizeof(secret.bytes); i++)
        assert_int_equal(secret.bytes[i], '\0');
    secret_wipe(&secret);
    assert_true(is_blank(&secret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_a_secret),
        cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_nothing_of_an_older_one_is_left),
    };

    return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}
