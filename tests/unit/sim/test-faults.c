// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Lists of faults as text: what is read, what is refused and with which words, and that a printed list reads
 * back.
 */
#include "sim/faults.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"

static int parse(const char *text, struct faults *faults, struct error *error)
{
    return faults_parse(text, strlen(text), faults, error);
}

static void test_what_is_read(void **state)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    static const char text[] = "# two faults, the later one first\n"
                               "\n"
                               "2026-03-02T08:31:00Z throttle -1 # without Retry-After\n"
                               "2026-03-02T08:30:00.500Z status 503 for 1m30s calls post,get daemon 2";

    (void)state;
    assert_int_equal(parse(text, &faults, NULL), 0);
    assert_int_equal(faults.n, 2);
    assert_int_equal(faults.list[0].kind, FAULT_STATUS);
    assert_int_equal(faults.list[0].number, 503);
    assert_int_equal(faults.list[0].lasts, 90 * USEC_PER_SEC);
    assert_int_equal(faults.list[0].calls, 1U << CONFLUENCE_POST | 1U << CONFLUENCE_GET);
    assert_int_equal(faults.list[0].daemon, 2);
    assert_int_equal(faults.list[1].kind, FAULT_THROTTLE);
    assert_int_equal(faults.list[1].number, -1);
    assert_int_equal(faults.list[1].calls, FAULT_ALL_CALLS);
    assert_int_equal(faults.list[1].daemon, 0);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"now cut", "line 1: a line is an instant such as 2026-03-02T08:30:00Z, a kind of fault, and more"},
        {"\n2026-03-02T08:30:00Z",
         "line 2: a line is an instant such as 2026-03-02T08:30:00Z, a kind of fault, and more"},
        {"2026-03-02T08:30:00Z crush", "line 1: 'crush' is no kind of fault; did you mean 'crash'?"},
        {"2026-03-02T08:30:00Z status", "line 1: 'status' needs a number from 300 to 599 behind it"},
        {"2026-03-02T08:30:00Z status 200", "line 1: 'status' needs a number from 300 to 599 behind it"},
        {"2026-03-02T08:30:00Z status 5x3", "line 1: 'status' needs a number from 300 to 599 behind it"},
        {"2026-03-02T08:30:00Z cut calls put",
         "line 1: calls: names of calls with commas between them: get, post, delete"},
        {"2026-03-02T08:30:00Z cut daemon 0", "line 1: daemon: a number from 1 on"},
        {"2026-03-02T08:30:00Z cut since 1m",
         "line 1: 'since' is not known here: for, calls or daemon may follow"},
        {"2026-03-02T08:30:00Z cut for", "line 1: 'for' needs a value behind it"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(faults_donep) struct faults faults = {0};
        struct error error = {0};

        assert_int_equal(parse(rows[i].text, &faults, &error), -EINVAL);
        assert_string_equal(error.text, rows[i].words);
    }
}

static void test_lines_longer_than_any_fault(void **state)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    struct error error = {0};
    char text[400];

    (void)state;
    memset(text, ' ', sizeof(text));
    assert_int_equal(faults_parse(text, sizeof(text), &faults, &error), -EINVAL);
    assert_string_equal(error.text, "line 1: longer than any fault");
}

static void test_a_printed_list_reads_back(void **state)
{
    static const enum faults_profile profiles[] = {FAULTS_NONE, FAULTS_MILD, FAULTS_HARSH};
    const struct faults_range range = {
        .from_true = INT64_C(1795420800) * USEC_PER_SEC,
        .until_true = INT64_C(1827000000) * USEC_PER_SEC,
        .n_daemons = 2,
        .n_policies = 2,
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
        _cleanup_(faults_donep) struct faults faults = {0}, again = {0};
        _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(FAULTS_TEXT_MAX);
        _cleanup_(bytes_donep) struct bytes text_again = BYTES_INIT(FAULTS_TEXT_MAX);
        struct random random = {.state = 5};

        assert_int_equal(faults_draw(&faults, profiles[i], &range, &random), 0);
        assert_true((faults.n > 0) == (profiles[i] != FAULTS_NONE));
        assert_int_equal(faults_print(&faults, &text), 0);
        assert_int_equal(faults_parse(bytes_text(&text), text.size, &again, NULL), 0);
        assert_int_equal(faults.n, again.n);
        assert_int_equal(faults_print(&again, &text_again), 0);
        assert_string_equal(bytes_text(&text), bytes_text(&text_again));
    }
}

static void test_profiles_have_names(void **state)
{
    enum faults_profile profile;

    (void)state;
    assert_int_equal(faults_profile_parse("mild", &profile), 0);
    assert_int_equal(profile, FAULTS_MILD);
    assert_int_equal(faults_profile_parse("harsh", &profile), 0);
    assert_int_equal(profile, FAULTS_HARSH);
    assert_int_equal(faults_profile_parse("wild", &profile), -EINVAL);
}

static void test_the_cap_and_no_memory(void **state)
{
    _cleanup_(faults_donep) struct faults faults = {0};
    struct fault fault = {.kind = FAULT_CUT};
    unsigned n = 1;

    (void)state;
    for (;; n++) {
        _cleanup_(faults_donep) struct faults few = {0};
        int r;

        allocation_fail_at(n);
        r = parse("2026-03-02T08:30:00Z cut\n", &few, NULL);
        if (!allocation_failed())
            break;
        assert_int_equal(r, -ENOMEM);
    }
    allocation_fail_at(0);
    assert_true(n > 1);
    for (size_t i = 0; i < FAULTS_MAX; i++)
        assert_int_equal(faults_add(&faults, &fault), 0);
    assert_int_equal(faults_add(&faults, &fault), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_lines_longer_than_any_fault),
        cmocka_unit_test(test_a_printed_list_reads_back),
        cmocka_unit_test(test_profiles_have_names),
        cmocka_unit_test(test_the_cap_and_no_memory),
    };

    return cmocka_run_group_tests_name("sim/faults", tests, NULL, NULL);
}
