// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_one_object_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        int r;
    } rows[] = {
        {"{}", 0},
        {"{\"a\":[1,2.5,null,true,\"x\"]}", 0},
        {"{\"reason\":\"Pr\xc3\xbc\x66ung\"}", 0}, /* refused by json-c 0.18 when it is strict */
        {"{\"a\":{\"b\":{\"c\":1}}}", 0},
        {"{\"a\":{\"b\":{\"c\":{\"d\":1}}}}", JSON_TEXT_TOO_DEEP},
        {"", JSON_TEXT_GARBAGE},
        {"[]", JSON_TEXT_GARBAGE},
        {"1", JSON_TEXT_GARBAGE},
        {"null", JSON_TEXT_GARBAGE},
        {"{", JSON_TEXT_GARBAGE},
        {"{}{}", JSON_TEXT_GARBAGE},
        {"{\"a\":1,}", JSON_TEXT_GARBAGE},
        {"{\"a\":01}", JSON_TEXT_GARBAGE},
        {"{}/* */", JSON_TEXT_GARBAGE},
        {"{\"a\":\"\xff\"}", JSON_TEXT_GARBAGE},
        {"{\"a\":\"\xc3\"}", JSON_TEXT_GARBAGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(json_freep) struct json_object *object = NULL;

        if (json_text_parse(rows[i].text, strlen(rows[i].text), 3, &object) != rows[i].r)
            fail_msg("%s was not read as it should be", rows[i].text);
        assert_int_equal(object != NULL, rows[i].r == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_object_and_nothing_else),
    };

    return cmocka_run_group_tests_name("base/json_text", tests, NULL, NULL);
}
