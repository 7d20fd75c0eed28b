// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "allocation.h"
#include "base/cleanup.h"

/* Everything that comes out, messages joined by '|'; "!" at the end where one was too large. */
static void drain(struct frame *frame, char *out)
{
    const char *text;
    size_t size;
    int r;

    while ((r = frame_peek(frame, &text, &size)) == FRAME_COMPLETE) {
        assert_int_equal(text[size], '\0');
        strncat(out, text, size);
        strcat(out, "|");
        frame_drop(frame, size);
    }
    if (r == FRAME_TOO_LARGE)
        strcat(out, "!");
}

static void test_messages_come_out_whole_however_the_bytes_are_split(void **state)
{
    static const char bytes[] = "one\0\0three\0fou";
    size_t size = sizeof(bytes) - 1;

    (void)state;
    for (size_t first = 0; first <= size; first++)
        for (size_t second = first; second <= size; second++) {
            struct frame frame;
            char out[64] = "";

            frame_init(&frame, 8);
            assert_int_equal(frame_push(&frame, bytes, first > 9 ? 9 : first), 0);
            drain(&frame, out);
            for (size_t at = first > 9 ? 9 : first; at < size;) {
                size_t end = at < second ? second : size, room = frame_room(&frame);
                size_t take = end - at < room ? end - at : room;

                assert_int_equal(frame_push(&frame, bytes + at, take), 0);
                drain(&frame, out);
                at += take;
            }
            assert_string_equal(out, "one||three|");
            assert_int_equal(frame_waiting(&frame), 3);
            frame_done(&frame);
        }
}

static void test_byte_by_byte(void **state)
{
    static const char bytes[] = "{}\0{\"a\":1}\0";
    struct frame frame;
    char out[64] = "";

    (void)state;
    frame_init(&frame, 8);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
        assert_int_equal(frame_push(&frame, bytes + i, 1), 0);
        drain(&frame, out);
    }
    assert_string_equal(out, "{}|{\"a\":1}|");
    frame_done(&frame);
}

static void test_a_message_may_have_exactly_the_cap(void **state)
{
    struct frame frame;
    char out[64] = "";

    (void)state;
    frame_init(&frame, 4);
    assert_int_equal(frame_room(&frame), 5);
    assert_int_equal(frame_push(&frame, "abcd", 4), 0);
    drain(&frame, out);
    assert_string_equal(out, "");
    assert_int_equal(frame_push(&frame, "", 1), 0);
    drain(&frame, out);
    assert_string_equal(out, "abcd|");
    assert_int_equal(frame_push(&frame, "abcde", 5), 0);
    drain(&frame, out);
    assert_string_equal(out, "abcd|!");
    frame_done(&frame);
}

static void test_many_tiny_messages_cost_no_square(void **state)
{
    enum { CAP = 1 << 20 };
    struct frame frame;
    char *zeros = calloc(1, CAP);
    size_t size, n = 0;
    const char *text;

    (void)state;
    assert_non_null(zeros);
    frame_init(&frame, CAP);
    assert_int_equal(frame_push(&frame, zeros, CAP), 0);
    while (frame_peek(&frame, &text, &size) == FRAME_COMPLETE) {
        frame_drop(&frame, size);
        n++;
    }
    assert_int_equal(n, CAP); /* moving the rest at each would be 512 GiB of copying */
    frame_done(&frame);
    free(zeros);
}

static void test_out_of_memory(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame, 8);
    allocation_fail_at(1);
    assert_int_equal(frame_push(&frame, "abc", 3), -ENOMEM);
    assert_true(allocation_failed());
    allocation_fail_at(0);
    assert_int_equal(frame_waiting(&frame), 0);
    assert_int_equal(frame_push(&frame, "abc", 3), 0);
    frame_done(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_come_out_whole_however_the_bytes_are_split),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_a_message_may_have_exactly_the_cap),
        cmocka_unit_test(test_many_tiny_messages_cost_no_square),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests_name("control/frame", tests, NULL, NULL);
}
