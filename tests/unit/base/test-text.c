// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* A copy without a NUL behind it, so that a sanitizer sees a read past the end. */
static bool is_utf8(const char *text, size_t size, size_t *ret_offset)
{
    _cleanup_free_ char *exact = malloc(size ? size : 1);

    assert_non_null(exact);
    memcpy(exact, text, size);
    return text_is_utf8(exact, size, ret_offset);
}

static void test_well_formed_utf8(void **state)
{
    static const struct {
        const char *bytes;
        size_t characters;
    } rows[] = {
        {"", 0},
        {"plain", 5},
        {"\x7f", 1},
        {"\xc2\x80", 1},         /* U+0080 */
        {"\xdf\xbf", 1},         /* U+07FF */
        {"\xe0\xa0\x80", 1},     /* U+0800 */
        {"\xed\x9f\xbf", 1},     /* U+D7FF, the last before the surrogates */
        {"\xee\x80\x80", 1},     /* U+E000, the first behind them */
        {"\xef\xbf\xbf", 1},     /* U+FFFF */
        {"\xf0\x90\x80\x80", 1}, /* U+10000 */
        {"\xf4\x8f\xbf\xbf", 1}, /* U+10FFFF, the last of all */
        {"Gr\xc3\xbc\xc3\x9f"
         "e \xf0\x9f\x94\x91",
         7}, /* two, two and four bytes */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t size = strlen(rows[i].bytes);

        assert_true(is_utf8(rows[i].bytes, size, NULL));
        assert_int_equal(text_characters(rows[i].bytes, size), rows[i].characters);
    }
    assert_true(is_utf8("a\0b", 3, NULL));
}

static void test_ill_formed_utf8_and_where(void **state)
{
    static const struct {
        const char *bytes;
        size_t offset;
    } rows[] = {
        {"\x80", 0},                 /* a continuation alone */
        {"ok\xbf", 2},               /* */
        {"\xc0\x80", 0},             /* NUL, overlong */
        {"\xc1\xbf", 0},             /* U+007F, overlong */
        {"\xe0\x9f\xbf", 0},         /* U+07FF, overlong */
        {"\xf0\x8f\xbf\xbf", 0},     /* U+FFFF, overlong */
        {"\xed\xa0\x80", 0},         /* U+D800, a surrogate */
        {"\xed\xbf\xbf", 0},         /* U+DFFF, a surrogate */
        {"\xf4\x90\x80\x80", 0},     /* U+110000 */
        {"\xf5\x80\x80\x80", 0},     /* beyond any */
        {"\xff", 0},                 /* never used */
        {"a\xc3", 1},                /* cut */
        {"\xe2\x82", 0},             /* cut */
        {"\xf0\x9f\x94", 0},         /* cut */
        {"\xc3(", 0},                /* not a continuation, second */
        {"\xe2\x82(", 0},            /* third */
        {"\xf0\x9f\x94(", 0},        /* fourth */
        {"\xc3\xbc\xe2\x28\xa1", 2}, /* behind a good one */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t size = strlen(rows[i].bytes), offset = 99;

        assert_false(is_utf8(rows[i].bytes, size, &offset));
        assert_int_equal(offset, rows[i].offset);
        assert_false(is_utf8(rows[i].bytes, size, NULL));
    }
}

static void test_good_utf8_leaves_the_offset_alone(void **state)
{
    size_t offset = 99;

    (void)state;
    assert_true(text_is_utf8("fine", 4, &offset));
    assert_int_equal(offset, 99);
}

static void test_starts_with(void **state)
{
    (void)state;
    assert_true(text_starts_with("adminkeyd", "admin"));
    assert_true(text_starts_with("admin", "admin"));
    assert_true(text_starts_with("x", ""));
    assert_true(text_starts_with("", ""));
    assert_false(text_starts_with("admi", "admin"));
    assert_false(text_starts_with("Admin", "admin"));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "ab"));
}

static void test_copies_are_cut_between_characters(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *copy;
    } rows[] = {
        {"abc", 4, "abc"},
        {"abc", 3, "ab"},
        {"abc", 1, ""},
        {"", 1, ""},
        {"a\xc3\xbc"
         "b",
         5,
         "a\xc3\xbc"
         "b"},
        {"a\xc3\xbc"
         "b",
         4, "a\xc3\xbc"},
        {"a\xc3\xbc"
         "b",
         3, "a"},
        {"a\xc3\xbc"
         "b",
         2, "a"},
        {"\xf0\x9f\x94\x91\xf0\x9f\x94\x91", 8, "\xf0\x9f\x94\x91"},
        {"\xf0\x9f\x94\x91", 4, ""},
        {"\xf0\x9f\x94\x91", 2, ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char buffer[16];

        memset(buffer, '#', sizeof(buffer));
        text_copy(buffer, rows[i].size, rows[i].text);
        assert_string_equal(buffer, rows[i].copy);
        for (size_t at = rows[i].size; at < sizeof(buffer); at++)
            assert_int_equal(buffer[at], '#');
    }
}

static void test_a_copy_into_no_buffer_writes_nothing(void **state)
{
    char buffer[] = "#";

    (void)state;
    text_copy(buffer, 0, "abc");
    assert_string_equal(buffer, "#");
}

static void test_distance(void **state)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"timezone", "timezone", 0},
        {"timezone", "TimeZone", 0},  /* letter case */
        {"timezone", "timzone", 1},   /* one missing */
        {"timezone", "timeszone", 1}, /* one too many */
        {"timezone", "timezome", 1},  /* one replaced */
        {"timezone", "tmiezone", 1},  /* neighbours swapped */
        {"timezone", "itmezoen", 2},
        {"ca", "abc", 3}, /* optimal string alignment: no edit inside a swapped pair */
        {"kitten", "sitting", 3},
        {"abc", "xyz", 3},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_int_equal(text_distance(rows[i].a, rows[i].b), rows[i].distance);
        assert_int_equal(text_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

static void test_distance_of_long_words(void **state)
{
    char longest[TEXT_DISTANCE_MAX + 1], beyond[TEXT_DISTANCE_MAX + 2];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    memset(beyond, 'x', sizeof(beyond) - 1);
    beyond[sizeof(beyond) - 1] = '\0';
    assert_int_equal(text_distance(longest, longest), 0);
    assert_int_equal(text_distance(longest, ""), TEXT_DISTANCE_MAX);
    assert_int_equal(text_distance(beyond, longest), TEXT_DISTANCE_MAX + 1);
    assert_int_equal(text_distance("x", beyond), TEXT_DISTANCE_MAX + 1);
}

static void test_nearest(void **state)
{
    static const char *const known[] = {"timezone", "sites", "site", "renewal", "maintenance_windows",
                                        "a",        NULL};
    static const struct {
        const char *word, *nearest; /* NULL: none is near */
    } rows[] = {
        {"timezone", "timezone"},
        {"time_zone", "timezone"},
        {"TIMEZONE", "timezone"},
        {"sties", "sites"},
        {"sit", "site"},
        {"stie", "site"}, /* one edit, not the two of "sites" that stands first */
        {"renwal", "renewal"},
        {"reneawl", "renewal"},
        {"maintainance_window", "maintenance_windows"}, /* a long word may have more mistakes */
        {"frobnicate", NULL},
        {"", NULL},  /* all of "a" would have to be invented */
        {"b", NULL}, /* not a letter of it is right */
    };
    static const char *const none[] = {NULL};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *nearest = text_nearest(rows[i].word, known);

        if (!rows[i].nearest)
            assert_null(nearest);
        else
            assert_string_equal(nearest ? nearest : "(none)", rows[i].nearest);
    }
    assert_null(text_nearest("site", none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed_utf8),
        cmocka_unit_test(test_ill_formed_utf8_and_where),
        cmocka_unit_test(test_good_utf8_leaves_the_offset_alone),
        cmocka_unit_test(test_starts_with),
        cmocka_unit_test(test_copies_are_cut_between_characters),
        cmocka_unit_test(test_a_copy_into_no_buffer_writes_nothing),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_distance_of_long_words),
        cmocka_unit_test(test_nearest),
    };

    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
