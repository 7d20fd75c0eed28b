// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The clock of this machine is not to be set by a test, so the kernel's timer is played: a pipe that can be
 * read when the clock was set.
 */
#include "host/clock_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    int fd; /* the watch's end */
    bool cancelled;
    unsigned armed;
} timer = {.fd = -1};

int __wrap_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags)
{
    assert_int_equal(clock, CLOCK_REALTIME);
    assert_int_equal(flags, TFD_NONBLOCK | TFD_CLOEXEC);
    return timer.fd;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new_value,
                           struct itimerspec *old_value);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new_value,
                           struct itimerspec *old_value)
{
    assert_int_equal(fd, timer.fd);
    assert_int_equal(flags, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
    assert_true(new_value->it_value.tv_sec > INT64_C(1) << 40);
    assert_null(old_value);
    timer.armed++;
    return 0;
}

ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
    ssize_t r = __real_read(fd, buffer, fd == timer.fd ? 1 : size);

    if (fd != timer.fd || !timer.cancelled)
        return r;
    timer.cancelled = false;
    errno = ECANCELED;
    return -1;
}

static void count(void *context)
{
    ++*(unsigned *)context;
}

static void test_each_step_of_the_clock_is_told_once(void **state)
{
    struct clock_watch *watch = NULL;
    sd_event *event = NULL;
    unsigned told = 0;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    timer.fd = ends[0];
    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(clock_watch_new(event, count, &told, &watch), 0);
    assert_int_equal(timer.armed, 1);
    assert_int_equal(sd_event_run(event, 0), 0);
    assert_int_equal(told, 0);
    for (unsigned n = 1; n <= 3; n++) {
        timer.cancelled = true;
        assert_int_equal(write(ends[1], "", 1), 1);
        assert_int_equal(sd_event_run(event, 0), 1);
        assert_int_equal(told, n);
        assert_int_equal(timer.armed, 1 + n); /* the next step counts, too */
        assert_int_equal(sd_event_run(event, 0), 0);
    }
    /* Woken for nothing. */
    assert_int_equal(write(ends[1], "", 1), 1);
    assert_int_equal(sd_event_run(event, 0), 1);
    assert_int_equal(told, 3);
    assert_null(clock_watch_free(watch));
    assert_null(clock_watch_free(NULL));
    sd_event_unref(event);
    close(ends[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_step_of_the_clock_is_told_once),
    };

    return cmocka_run_group_tests_name("host/clock_watch", tests, NULL, NULL);
}
