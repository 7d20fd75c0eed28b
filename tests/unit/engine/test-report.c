// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_REPORT_KINDS; i++) {
        const char *name = report_kind_row((enum report_kind)i)->name;

        assert_non_null(name);
        assert_true(strlen(name) > 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(name, report_kind_row((enum report_kind)k)->name);
    }
}

static void test_each_kind_has_a_message_id_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_REPORT_KINDS; i++) {
        const char *id = report_kind_row((enum report_kind)i)->message_id;

        assert_non_null(id);
        assert_int_equal(strlen(id), 32);
        assert_int_equal(strspn(id, "0123456789abcdef"), 32);
        assert_int_equal(id[12], '4'); /* made at random (RFC 9562, section 5.4) */
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(id, report_kind_row((enum report_kind)k)->message_id);
    }
}

static void test_each_kind_has_a_priority_of_syslog(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_REPORT_KINDS; i++)
        assert_in_range(report_kind_row((enum report_kind)i)->priority, PRIORITY_CRITICAL, PRIORITY_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_has_a_name_of_its_own),
        cmocka_unit_test(test_each_kind_has_a_message_id_of_its_own),
        cmocka_unit_test(test_each_kind_has_a_priority_of_syslog),
    };

    return cmocka_run_group_tests_name("engine/report", tests, NULL, NULL);
}
