// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/verdict.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* The names stand in ledgers and in programs of others: they never change. */
static void test_names_are_the_interface(void **state)
{
    static const char *const names[] = {
        [VERDICT_DONE] = "done",
        [VERDICT_THROTTLED] = "throttled",
        [VERDICT_TRANSIENT] = "transient",
        [VERDICT_CREDENTIAL] = "credential",
        [VERDICT_NOT_ELIGIBLE] = "not_eligible",
        [VERDICT_REFUSED] = "refused",
        [VERDICT_IMPLAUSIBLE] = "implausible",
        [VERDICT_UNTRUSTED] = "untrusted",
    };

    (void)state;
    assert_int_equal(ARRAY_SIZE(names), N_VERDICTS);
    for (unsigned i = 0; i < N_VERDICTS; i++) {
        enum verdict verdict;

        assert_string_equal(verdict_name((enum verdict)i), names[i]);
        assert_int_equal(verdict_parse(names[i], &verdict), 0);
        assert_int_equal(verdict, i);
    }
}

static void test_what_is_no_name(void **state)
{
    static const char *const rows[] = {"", "Done", "done ", "not-eligible", "don", "unknown"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        enum verdict verdict = VERDICT_UNTRUSTED;

        assert_int_equal(verdict_parse(rows[i], &verdict), -EINVAL);
        assert_int_equal(verdict, VERDICT_UNTRUSTED);
    }
}

static void test_each_has_a_sentence_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < N_VERDICTS; i++) {
        const char *words = verdict_words((enum verdict)i);

        assert_int_equal(words[strlen(words) - 1], '.');
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(words, verdict_words((enum verdict)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_the_interface),
        cmocka_unit_test(test_what_is_no_name),
        cmocka_unit_test(test_each_has_a_sentence_of_its_own),
    };

    return cmocka_run_group_tests_name("confluence/verdict", tests, NULL, NULL);
}
