// SPDX-License-Identifier: GPL-3.0-or-later
#include "talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void talk_say(struct conversation *conversation, const char *text)
{
    assert_true(strlen(text) + 1 <= conversation_room(conversation));
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, text, strlen(text) + 1), 0);
}

const char *talk_hear(struct conversation *conversation)
{
    static char reply[2 * 1024 * 1024];
    const char *output;
    size_t size, length;

    if (conversation_has_more(conversation))
        assert_int_equal(conversation_turn(conversation, TALK_BOOT), 0);
    output = conversation_output(conversation, &size);
    if (size == 0)
        return NULL;
    length = strnlen(output, size);
    assert_true(length < size); /* what waits always ends with a whole message */
    memcpy(reply, output, length + 1);
    assert_int_equal(conversation_sent(conversation, TALK_BOOT, length + 1), 0);
    return reply;
}

void talk_assert_heard(struct conversation *conversation, const char *expected)
{
    const char *reply = talk_hear(conversation);

    assert_non_null(reply);
    assert_string_equal(reply, expected);
}

void talk_assert_silence(struct conversation *conversation)
{
    const char *reply = talk_hear(conversation);

    if (reply)
        fail_msg("unexpected: %s", reply);
}

void talk_assert_error(struct conversation *conversation, const char *error, const char *parameters)
{
    char expected[8192];

    snprintf(expected, sizeof(expected), "{\"error\":\"%s\",\"parameters\":%s}", error, parameters);
    talk_assert_heard(conversation, expected);
}
