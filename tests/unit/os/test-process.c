// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/process.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static int shell(const char *line, const char *input, struct bytes *output, int *ret_status)
{
    const char *arguments[] = {"sh", "-c", line, NULL};
    const struct process_run run = {.arguments = arguments,
                                    .input = input,
                                    .input_size = input ? strlen(input) : 0,
                                    .output = output,
                                    .quiet = true};

    return process_run(&run, ret_status);
}

static void test_what_goes_in_comes_out(void **state)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(64);
    int status = -1;

    (void)state;
    assert_int_equal(shell("cat; echo nothing of this >&2", "a secret", &output, &status), 0);
    assert_int_equal(status, 0);
    assert_string_equal(bytes_text(&output), "a secret");
}

static void test_without_input_there_is_none(void **state)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(64);
    int status = -1;

    (void)state;
    assert_int_equal(shell("cat; echo end", NULL, &output, &status), 0);
    assert_string_equal(bytes_text(&output), "end\n");
}

static void test_how_it_ended_is_told(void **state)
{
    static const struct {
        const char *line;
        int status;
    } rows[] = {{"exit 0", 0}, {"exit 3", 3}, {"kill -TERM $$", 128 + SIGTERM}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int status = -1;

        assert_int_equal(shell(rows[i].line, NULL, NULL, &status), 0);
        assert_int_equal(status, rows[i].status);
    }
}

static void test_a_pipe_takes_the_largest_input(void **state)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(64);
    static char input[PROCESS_INPUT_MAX + 1];
    int status = -1;

    (void)state;
    memset(input, 'x', PROCESS_INPUT_MAX);
    assert_int_equal(shell("wc -c", input, &output, &status), 0);
    assert_int_equal(atoi(bytes_text(&output)), PROCESS_INPUT_MAX);
    /* One that nobody reads holds nobody up. */
    assert_int_equal(shell("exit 0", input, NULL, &status), 0);
}

static void test_output_past_the_cap_is_a_failure(void **state)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(8);
    int status = -1;

    (void)state;
    assert_int_equal(shell("head -c 1000000 /dev/zero", NULL, &output, &status), -ENOBUFS);
    assert_true(output.size <= 8);
}

static void test_a_program_that_is_not_there(void **state)
{
    const char *arguments[] = {"/nonexistent/program", NULL};
    const struct process_run run = {.arguments = arguments};
    int status = -1;

    (void)state;
    assert_int_equal(process_run(&run, &status), -ENOENT);
    assert_int_equal(status, -1);
    /* However the C library tells of it. */
    assert_int_equal(shell("exit 127", NULL, NULL, &status), -ENOENT);
    assert_int_equal(status, -1);
}

static void test_no_signal_is_blocked_in_it(void **state)
{
    sigset_t all, before;
    int status = -1;

    (void)state;
    signal(SIGINT, SIG_DFL); /* whoever runs the tests in the background lets them ignore it */
    sigfillset(&all);
    assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
    assert_int_equal(shell("kill -INT $$; exit 0", NULL, NULL, &status), 0);
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_int_equal(status, 128 + SIGINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_without_input_there_is_none),
        cmocka_unit_test(test_how_it_ended_is_told),
        cmocka_unit_test(test_a_pipe_takes_the_largest_input),
        cmocka_unit_test(test_output_past_the_cap_is_a_failure),
        cmocka_unit_test(test_a_program_that_is_not_there),
        cmocka_unit_test(test_no_signal_is_blocked_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
