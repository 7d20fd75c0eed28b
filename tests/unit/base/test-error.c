// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void test_words_and_prefixes(void **state)
{
    struct error error = {0};

    (void)state;
    error_set(&error, "'%s' is not %d", "x", 7);
    assert_string_equal(error.text, "'x' is not 7");
    error_set(&error, "again");
    assert_string_equal(error.text, "again");
    error_prefix(&error, "line %u: ", 12u);
    assert_string_equal(error.text, "line 12: again");
    error_prefix(&error, "%s: ", "policy.yaml");
    assert_string_equal(error.text, "policy.yaml: line 12: again");
    error_prefix(&error, "%s", "");
    assert_string_equal(error.text, "policy.yaml: line 12: again");
}

static void test_what_does_not_fit_is_cut(void **state)
{
    char large[ERROR_TEXT_MAX * 2];
    struct {
        struct error error;
        char behind[4];
    } guarded = {.behind = "###"};

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    error_set(&guarded.error, "%s", large);
    assert_int_equal(strlen(guarded.error.text), ERROR_TEXT_MAX - 1);
    error_prefix(&guarded.error, "here: ");
    assert_int_equal(strlen(guarded.error.text), ERROR_TEXT_MAX - 1);
    assert_memory_equal(guarded.error.text, "here: xxx", 9);
    error_prefix(&guarded.error, "%s", large);
    assert_int_equal(strlen(guarded.error.text), ERROR_TEXT_MAX - 1);
    assert_null(strchr(guarded.error.text, 'h'));
    assert_string_equal(guarded.behind, "###");
}

static void test_no_character_is_cut_in_two(void **state)
{
    static const char key[] = "\xf0\x9f\x94\x91";
    struct error error;
    size_t offset;

    (void)state;
    for (int blanks = ERROR_TEXT_MAX - 9; blanks < ERROR_TEXT_MAX; blanks++) {
        error_set(&error, "%*s%s%s", blanks, "", key, key);
        assert_true(text_is_utf8(error.text, strlen(error.text), &offset));
        assert_true(strlen(error.text) >= ERROR_TEXT_MAX - 4);
        error_prefix(&error, "x");
        assert_true(text_is_utf8(error.text, strlen(error.text), &offset));
        assert_true(strlen(error.text) >= ERROR_TEXT_MAX - 4);
    }
}

static void test_nobody_needs_to_want_the_words(void **state)
{
    (void)state;
    error_set(NULL, "%s", "unheard");
    error_prefix(NULL, "%s", "unheard");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_prefixes),
        cmocka_unit_test(test_what_does_not_fit_is_cut),
        cmocka_unit_test(test_no_character_is_cut_in_two),
        cmocka_unit_test(test_nobody_needs_to_want_the_words),
    };

    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
