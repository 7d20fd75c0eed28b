// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/confluence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <json.h>

#include <cmocka.h>

static void test_names_and_methods(void **state)
{
    static const struct {
        enum confluence_call call;
        const char *name, *method;
    } rows[] = {
        {CONFLUENCE_GET, "get", "GET"},
        {CONFLUENCE_POST, "post", "POST"},
        {CONFLUENCE_DELETE, "delete", "DELETE"},
    };

    (void)state;
    assert_int_equal(ARRAY_SIZE(rows), N_CONFLUENCE_CALLS);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_string_equal(confluence_call_name(rows[i].call), rows[i].name);
        assert_string_equal(confluence_method(rows[i].call), rows[i].method);
    }
}

static void test_the_body_of_a_post_says_the_minutes(void **state)
{
    (void)state;
    for (unsigned minutes = CONFLUENCE_MINUTES_MIN; minutes <= CONFLUENCE_MINUTES_MAX; minutes++) {
        char buffer[64];
        struct json_object *body = json_tokener_parse(confluence_post_body(buffer, minutes)), *value;

        assert_true(json_object_object_get_ex(body, "durationInMinutes", &value));
        assert_true(json_object_is_type(value, json_type_int));
        assert_int_equal(json_object_get_int(value), minutes);
        assert_int_equal(json_object_object_length(body), 1);
        json_object_put(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_methods),
        cmocka_unit_test(test_the_body_of_a_post_says_the_minutes),
    };

    return cmocka_run_group_tests_name("confluence/confluence", tests, NULL, NULL);
}
