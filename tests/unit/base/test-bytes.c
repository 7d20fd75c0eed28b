// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"

static void assert_holds(const struct bytes *bytes, const char *text)
{
    assert_int_equal(bytes->size, strlen(text));
    assert_string_equal(bytes_text(bytes), text);
    assert_true(bytes->size <= bytes->cap);
}

static void test_nothing_is_an_empty_string(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(8);

    (void)state;
    assert_null(bytes.data);
    assert_holds(&bytes, "");
    assert_int_equal(bytes_append(&bytes, NULL, 0), 0);
    assert_int_equal(bytes_printf(&bytes, "%s", ""), 0);
    assert_holds(&bytes, "");
    bytes_clear(&bytes);
    bytes_drop(&bytes, 3);
    assert_holds(&bytes, "");
}

static void test_each_way_to_append(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(100);

    (void)state;
    assert_int_equal(bytes_append(&bytes, "a\0b", 3), 0);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "a\0b", 4);
    bytes_clear(&bytes);
    assert_int_equal(bytes_append_text(&bytes, "one"), 0);
    assert_int_equal(bytes_printf(&bytes, " %d %s", 2, "three"), 0);
    assert_holds(&bytes, "one 2 three");
}

static void test_grows_in_small_and_large_pieces(void **state)
{
    enum { PIECES = 5000 };
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(1 << 20);
    char large[3000];

    (void)state;
    for (unsigned i = 0; i < PIECES; i++)
        assert_int_equal(bytes_append(&bytes, &"0123456789"[i % 10], 1), 0);
    memset(large, 'x', sizeof(large));
    assert_int_equal(bytes_append(&bytes, large, sizeof(large)), 0);
    assert_int_equal(bytes.size, PIECES + sizeof(large));
    for (unsigned i = 0; i < PIECES; i++)
        assert_int_equal(bytes.data[i], "0123456789"[i % 10]);
    assert_memory_equal(bytes.data + PIECES, large, sizeof(large));
    assert_int_equal(bytes.data[bytes.size], '\0');
}

static void test_the_cap_holds_and_nothing_changes(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(8);

    (void)state;
    assert_int_equal(bytes_append_text(&bytes, "123456789"), -ENOBUFS);
    assert_null(bytes.data);
    assert_int_equal(bytes_append_text(&bytes, "123456"), 0);
    assert_int_equal(bytes_append(&bytes, "789", 3), -ENOBUFS);
    assert_int_equal(bytes_append(&bytes, "789", (size_t)-1), -ENOBUFS);
    assert_int_equal(bytes_append_text(&bytes, "789"), -ENOBUFS);
    assert_int_equal(bytes_printf(&bytes, "%d", 789), -ENOBUFS);
    assert_holds(&bytes, "123456");
    assert_int_equal(bytes_printf(&bytes, "%d", 78), 0);
    assert_holds(&bytes, "12345678");
    assert_int_equal(bytes_append(&bytes, "", 0), 0);
    assert_int_equal(bytes_append(&bytes, "9", 1), -ENOBUFS);
}

static void test_drop(void **state)
{
    static const struct {
        size_t drop;
        const char *left;
    } rows[] = {{0, "abcdef"}, {1, "bcdef"}, {5, "f"}, {6, ""}, {7, ""}, {(size_t)-1, ""}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(8);

        assert_int_equal(bytes_append_text(&bytes, "abcdef"), 0);
        bytes_drop(&bytes, rows[i].drop);
        assert_holds(&bytes, rows[i].left);
        assert_int_equal(bytes_append_text(&bytes, "xy"), 0);
        assert_string_equal(bytes_text(&bytes) + strlen(rows[i].left), "xy");
    }
}

static void test_clear_keeps_the_memory_and_done_the_cap(void **state)
{
    struct bytes bytes = BYTES_INIT(8);
    const char *data;

    (void)state;
    assert_int_equal(bytes_append_text(&bytes, "abc"), 0);
    data = bytes.data;
    bytes_clear(&bytes);
    assert_holds(&bytes, "");
    assert_ptr_equal(bytes.data, data);
    bytes_done(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.cap, 8);
    bytes_done(&bytes);
    assert_int_equal(bytes_append_text(&bytes, "again"), 0);
    bytes_done(&bytes);
}

static void test_steal(void **state)
{
    struct bytes bytes = BYTES_INIT(8);
    _cleanup_free_ char *nothing = NULL, *text = NULL;

    (void)state;
    nothing = bytes_steal_text(&bytes);
    assert_string_equal(nothing, "");
    assert_int_equal(bytes_append_text(&bytes, "abc"), 0);
    text = bytes_steal_text(&bytes);
    assert_string_equal(text, "abc");
    assert_null(bytes.data);
    assert_holds(&bytes, "");
    assert_int_equal(bytes.cap, 8);
    allocation_fail_at(1);
    assert_null(bytes_steal_text(&bytes));
    assert_true(allocation_failed());
    allocation_fail_at(0);
}

static int append(struct bytes *bytes, const char *large)
{
    return bytes_append(bytes, large, strlen(large));
}

static int print(struct bytes *bytes, const char *large)
{
    return bytes_printf(bytes, "%s", large);
}

static void test_out_of_memory_changes_nothing(void **state)
{
    static int (*const ways[])(struct bytes *, const char *) = {append, bytes_append_text, print};
    char large[1000];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(4096);

        allocation_fail_at(1);
        assert_int_equal(ways[i](&bytes, "small"), -ENOMEM);
        assert_true(allocation_failed());
        assert_holds(&bytes, "");
        assert_int_equal(ways[i](&bytes, "small"), 0);
        allocation_fail_at(1);
        assert_int_equal(ways[i](&bytes, large), -ENOMEM);
        assert_true(allocation_failed());
        assert_holds(&bytes, "small");
        allocation_fail_at(0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_an_empty_string),
        cmocka_unit_test(test_each_way_to_append),
        cmocka_unit_test(test_grows_in_small_and_large_pieces),
        cmocka_unit_test(test_the_cap_holds_and_nothing_changes),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_clear_keeps_the_memory_and_done_the_cap),
        cmocka_unit_test(test_steal),
        cmocka_unit_test(test_out_of_memory_changes_nothing),
    };

    return cmocka_run_group_tests_name("base/bytes", tests, NULL, NULL);
}
