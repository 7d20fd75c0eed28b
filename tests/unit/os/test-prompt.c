// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "os/descriptor.h"

static void open_terminal(int *ret_master, int *ret_slave)
{
    *ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(*ret_master >= 0);
    assert_int_equal(grantpt(*ret_master), 0);
    assert_int_equal(unlockpt(*ret_master), 0);
    *ret_slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(*ret_slave >= 0);
}

static void type(int master, const char *text)
{
    assert_int_equal(write(master, text, strlen(text)), strlen(text));
}

static void test_one_line_at_a_time(void **state)
{
    _cleanup_(descriptor_closep) int master = -1, slave = -1;
    char line[16];

    (void)state;
    open_terminal(&master, &slave);
    type(master, "first\n\nthird\n");
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), 0);
    assert_string_equal(line, "first");
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), 0);
    assert_string_equal(line, "");
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), 0);
    assert_string_equal(line, "third");
}

static void test_a_line_that_does_not_fit_is_dropped_whole(void **state)
{
    _cleanup_(descriptor_closep) int master = -1, slave = -1;
    char line[6];

    (void)state;
    open_terminal(&master, &slave);
    type(master, "just5\nmore than that\nnext\n");
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), 0);
    assert_string_equal(line, "just5");
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), -EMSGSIZE);
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), 0);
    assert_string_equal(line, "next");
}

static void test_the_end_of_the_input(void **state)
{
    _cleanup_(descriptor_closep) int master = -1, slave = -1;
    char line[16];

    (void)state;
    open_terminal(&master, &slave);
    type(master, "\x04"); /* Ctrl-D */
    assert_int_equal(prompt_read(slave, true, line, sizeof(line)), -ENODATA);
}

static void test_only_a_terminal_can_hide_what_is_typed(void **state)
{
    _cleanup_(descriptor_closep) int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char line[16];

    (void)state;
    assert_int_equal(prompt_read(null, false, line, sizeof(line)), -ENOTTY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line_at_a_time),
        cmocka_unit_test(test_a_line_that_does_not_fit_is_dropped_whole),
        cmocka_unit_test(test_the_end_of_the_input),
        cmocka_unit_test(test_only_a_terminal_can_hide_what_is_typed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
