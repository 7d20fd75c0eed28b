// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
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

static void test_colour_follows_wish_terminal_and_environment(void **state)
{
    static const struct {
        bool on_terminal;
        enum terminal_colour wish;
        const char *no_color, *term;
        bool colour;
    } rows[] = {
        {true, TERMINAL_COLOUR_AUTO, NULL, "xterm", true},
        {true, TERMINAL_COLOUR_AUTO, "", "xterm", true},
        {true, TERMINAL_COLOUR_AUTO, "1", "xterm", false},
        {true, TERMINAL_COLOUR_AUTO, NULL, "dumb", false},
        {true, TERMINAL_COLOUR_AUTO, NULL, NULL, false},
        {false, TERMINAL_COLOUR_AUTO, NULL, "xterm", false},
        {false, TERMINAL_COLOUR_ALWAYS, "1", "dumb", true},
        {true, TERMINAL_COLOUR_NEVER, NULL, "xterm", false},
    };
    _cleanup_(descriptor_closep) int master = -1, slave = -1, file = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)state;
    open_terminal(&master, &slave);
    assert_true(terminal_is(slave));
    assert_false(terminal_is(file));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        rows[i].no_color ? setenv("NO_COLOR", rows[i].no_color, 1) : unsetenv("NO_COLOR");
        rows[i].term ? setenv("TERM", rows[i].term, 1) : unsetenv("TERM");
        assert_int_equal(terminal_wants_colour(rows[i].on_terminal ? slave : file, rows[i].wish),
                         rows[i].colour);
    }
}

static void test_the_width_has_bounds(void **state)
{
    static const struct {
        unsigned short terminal; /* columns; 0: it does not say */
        const char *columns;
        unsigned width;
    } rows[] = {
        {132, "40", 132}, {5, NULL, 20}, {9999, NULL, 500},
        {0, "100", 100},  {0, "1", 20},  {0, "9999999999999999999999", 500},
        {0, "10x", 80},   {0, "-5", 80}, {0, "0", 80},
        {0, NULL, 80},
    };
    _cleanup_(descriptor_closep) int master = -1, slave = -1;

    (void)state;
    open_terminal(&master, &slave);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct winsize size = {.ws_col = rows[i].terminal};

        assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
        rows[i].columns ? setenv("COLUMNS", rows[i].columns, 1) : unsetenv("COLUMNS");
        assert_int_equal(terminal_width(slave), rows[i].width);
    }
}

static void test_wishes_by_name(void **state)
{
    enum terminal_colour wish = TERMINAL_COLOUR_AUTO;

    (void)state;
    assert_int_equal(terminal_colour_parse("always", &wish), 0);
    assert_int_equal(wish, TERMINAL_COLOUR_ALWAYS);
    assert_int_equal(terminal_colour_parse("never", &wish), 0);
    assert_int_equal(wish, TERMINAL_COLOUR_NEVER);
    assert_int_equal(terminal_colour_parse("yes", &wish), -EINVAL);
    assert_int_equal(wish, TERMINAL_COLOUR_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colour_follows_wish_terminal_and_environment),
        cmocka_unit_test(test_the_width_has_bounds),
        cmocka_unit_test(test_wishes_by_name),
    };

    return cmocka_run_group_tests_name("os/terminal", tests, NULL, NULL);
}
