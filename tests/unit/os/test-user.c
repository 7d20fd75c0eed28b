// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/user.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../allocation.h"

static void test_root_is_known(void **state)
{
    uid_t uid = 7;
    gid_t gid = 7;

    (void)state;
    assert_int_equal(user_find("root", &uid), 0);
    assert_int_equal(uid, 0);
    assert_int_equal(group_find("root", &gid), 0);
    assert_int_equal(gid, 0);
}

static void test_who_does_not_exist_is_not_found(void **state)
{
    uid_t uid = 7;
    gid_t gid = 7;

    (void)state;
    assert_int_equal(user_find("no such user", &uid), -ENOENT);
    assert_int_equal(uid, 7);
    assert_int_equal(group_find("no such group", &gid), -ENOENT);
    assert_int_equal(gid, 7);
}

static void test_no_memory_is_told(void **state)
{
    uid_t uid;
    gid_t gid;

    (void)state;
    allocation_fail_at(1);
    assert_int_equal(user_find("root", &uid), -ENOMEM);
    allocation_fail_at(1);
    assert_int_equal(group_find("root", &gid), -ENOMEM);
    allocation_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_is_known),
        cmocka_unit_test(test_who_does_not_exist_is_not_found),
        cmocka_unit_test(test_no_memory_is_told),
    };

    return cmocka_run_group_tests_name("os/user", tests, NULL, NULL);
}
