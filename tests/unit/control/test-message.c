// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/limits.h"

static void test_calls_are_read(void **state)
{
    static const struct {
        const char *text;
        int r;
        const char *word; /* read: the method; wrong: the member */
        bool oneway, more;
    } rows[] = {
        {"{\"method\":\"a.B\"}", 0, "a.B", false, false},
        {" {\"method\" : \"a.B\" , \"parameters\" : { } } ", 0, "a.B", false, false},
        {"{\"method\":\"a.B\",\"more\":true}", 0, "a.B", false, true},
        {"{\"method\":\"a.B\",\"oneway\":true,\"more\":false}", 0, "a.B", true, false},
        {"{\"method\":\"a.B\",\"parameters\":null,\"more\":null}", 0, "a.B", false, false},
        {"{\"method\":\"a.B\",\"later\":\"unknown members pass\"}", 0, "a.B", false, false},
        {"{\"method\":\"a.B\",\"upgrade\":false}", 0, "a.B", false, false},
        {"{\"method\":\"\\u00e9\"}", 0, "\xc3\xa9", false, false},
        {"{}", MESSAGE_WRONG, "method", false, false},
        {"{\"oneway\":true}", MESSAGE_WRONG, "method", true, false},
        {"{\"method\":null}", MESSAGE_WRONG, "method", false, false},
        {"{\"method\":7}", MESSAGE_WRONG, "method", false, false},
        {"{\"method\":\"a.B\\u0000.C\"}", MESSAGE_WRONG, "method", false, false},
        {"{\"method\":\"a.B\",\"more\":1}", MESSAGE_WRONG, "more", false, false},
        {"{\"method\":\"a.B\",\"oneway\":\"yes\"}", MESSAGE_WRONG, "oneway", false, false},
        {"{\"method\":\"a.B\",\"upgrade\":true}", MESSAGE_WRONG, "upgrade", false, false},
        {"{\"method\":\"a.B\",\"parameters\":[]}", MESSAGE_WRONG, "parameters", false, false},
        {"", MESSAGE_GARBAGE, NULL, false, false},
        {"null", MESSAGE_GARBAGE, NULL, false, false},
        {"[]", MESSAGE_GARBAGE, NULL, false, false},
        {"7", MESSAGE_GARBAGE, NULL, false, false},
        {"\"method\"", MESSAGE_GARBAGE, NULL, false, false},
        {"GET / HTTP/1.1", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"a.B\"", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"a.B\"}}", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"a.B\"}{}", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"a.B\",}", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"\xff\"}", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"\xc3\"}", MESSAGE_GARBAGE, NULL, false, false},
        {"{'method':'a.B'}", MESSAGE_GARBAGE, NULL, false, false},
        {"{\"method\":\"a.B\"} // comment", MESSAGE_GARBAGE, NULL, false, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct message_call call = {0};
        const char *wrong = NULL;
        int r = message_parse_call(rows[i].text, strlen(rows[i].text), &call, &wrong);

        if (r != rows[i].r)
            fail_msg("%s: %d", rows[i].text, r);
        if (r == 0)
            assert_string_equal(call.method, rows[i].word);
        if (r == MESSAGE_WRONG)
            assert_string_equal(wrong, rows[i].word);
        assert_int_equal(call.oneway, rows[i].oneway);
        assert_int_equal(call.more, rows[i].more);
        message_call_done(&call);
    }
}

static int parse_nested(const char *open, const char *close, unsigned levels)
{
    char text[4096] = "{\"method\":\"a.B\",\"x\":";
    struct message_call call = {0};
    const char *wrong;
    int r;

    for (unsigned i = 1; i < levels; i++)
        strcat(text, open);
    strcat(text, "7");
    for (unsigned i = 1; i < levels; i++)
        strcat(text, close);
    strcat(text, "}");
    r = message_parse_call(text, strlen(text), &call, &wrong);
    message_call_done(&call);
    return r;
}

static void test_nesting_ends_at_its_limit(void **state)
{
    (void)state;
    for (unsigned levels = 1; levels < 100; levels++) {
        int expected = levels <= LIMIT_MESSAGE_NESTING_MAX ? 0 : MESSAGE_TOO_DEEP;

        assert_int_equal(parse_nested("[", "]", levels), expected);
        assert_int_equal(parse_nested("{\"k\":", "}", levels), expected);
    }
}

static void test_replies_are_read(void **state)
{
    static const struct {
        const char *text;
        int r;
        const char *error;
        bool continues;
    } rows[] = {
        {"{}", 0, NULL, false},
        {"{\"parameters\":{},\"continues\":true}", 0, NULL, true},
        {"{\"error\":\"a.B\",\"parameters\":{\"x\":1}}", 0, "a.B", false},
        {"{\"error\":7}", MESSAGE_WRONG, NULL, false},
        {"{\"parameters\":7}", MESSAGE_WRONG, NULL, false},
        {"{\"continues\":7}", MESSAGE_WRONG, NULL, false},
        {"SSH-2.0-OpenSSH", MESSAGE_GARBAGE, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct message_reply reply = {0};

        assert_int_equal(message_parse_reply(rows[i].text, strlen(rows[i].text), &reply), rows[i].r);
        if (rows[i].error)
            assert_string_equal(reply.error, rows[i].error);
        else
            assert_null(reply.error);
        assert_int_equal(reply.continues, rows[i].continues);
        message_reply_done(&reply);
    }
}

static void test_messages_are_written_as_varlink_has_them(void **state)
{
    struct bytes bytes = BYTES_INIT(256);
    struct json_object *parameters = json_tokener_parse("{\"site\":\"a/b\"}");

    (void)state;
    assert_int_equal(message_format_call(&bytes, "a.B", parameters, true), 0);
    assert_string_equal(bytes.data, "{\"method\":\"a.B\",\"parameters\":{\"site\":\"a/b\"},\"more\":true}");
    assert_int_equal(bytes.size, strlen(bytes.data) + 1);
    bytes_clear(&bytes);
    assert_int_equal(message_format_call(&bytes, "a.B", NULL, false), 0);
    assert_string_equal(bytes.data, "{\"method\":\"a.B\",\"parameters\":{}}");
    bytes_clear(&bytes);
    assert_int_equal(message_format_reply(&bytes, "a.E", parameters, false), 0);
    assert_string_equal(bytes.data, "{\"error\":\"a.E\",\"parameters\":{\"site\":\"a/b\"}}");
    bytes_clear(&bytes);
    assert_int_equal(message_format_reply(&bytes, NULL, NULL, true), 0);
    assert_string_equal(bytes.data, "{\"parameters\":{},\"continues\":true}");
    bytes_done(&bytes);
    bytes = BYTES_INIT(8);
    assert_int_equal(message_format_reply(&bytes, NULL, NULL, true), -ENOBUFS);
    assert_int_equal(bytes.size, 0);
    bytes_done(&bytes);
    json_object_put(parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_are_read),
        cmocka_unit_test(test_nesting_ends_at_its_limit),
        cmocka_unit_test(test_replies_are_read),
        cmocka_unit_test(test_messages_are_written_as_varlink_has_them),
    };

    return cmocka_run_group_tests_name("control/message", tests, NULL, NULL);
}
