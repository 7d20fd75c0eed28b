// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What listens to systemd-logind, without one: what it does on a bus, tests/daemon/test-sleep.py shows.
 */
#include "host/logind.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "../allocation.h"
#include "host/session_watch.h"
#include "host/sleep_lock.h"

static void on_way(void *context, sd_bus *bus, const char *owner)
{
    (void)context, (void)bus, (void)owner;
    fail();
}

static void on_lack(void *context, enum logind_lack lack, const char *why)
{
    (void)context, (void)lack, (void)why;
    fail();
}

static void on_flag(void *context, bool flag)
{
    (void)context, (void)flag;
    fail();
}

static void on_words(void *context, const char *why)
{
    (void)context;
    assert_null(why); /* nothing is wrong */
}

static const struct logind_handlers of_logind = {.way = on_way, .lack = on_lack};
static const struct sleep_lock_handlers of_sleep = {.sleep = on_flag, .refused = on_words};
static const struct session_watch_handlers of_sessions = {.locked = on_flag, .failed = on_words};

static int new_logind(struct loop *loop)
{
    _cleanup_(logind_freep) struct logind *logind = NULL;

    return logind_new(loop, &of_logind, NULL, &logind);
}

static int new_sleep_lock(struct loop *loop)
{
    _cleanup_(sleep_lock_freep) struct sleep_lock *lock = NULL;

    return sleep_lock_new(loop, &of_sleep, NULL, &lock);
}

static int new_session_watch(struct loop *loop)
{
    _cleanup_(session_watch_freep) struct session_watch *watch = NULL;

    (void)loop;
    return session_watch_new(SESSION_WATCH_ALL, &of_sessions, NULL, &watch);
}

static void test_out_of_memory(void **state)
{
    static int (*const makers[])(struct loop * loop) = {new_logind, new_sleep_lock, new_session_watch};
    _cleanup_(loop_freep) struct loop *loop = NULL;

    (void)state;
    assert_int_equal(loop_new(&loop), 0);
    for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
        for (unsigned n = 1;; n++) {
            int r;

            allocation_fail_at(n);
            r = makers[i](loop);
            if (!allocation_failed()) {
                assert_true(n > 1);
                assert_int_equal(r, 0);
                break;
            }
            assert_int_equal(r, -ENOMEM);
        }
        allocation_fail_at(0);
    }
}

static void test_without_a_bus_nothing_is_asked_or_told(void **state)
{
    _cleanup_(loop_freep) struct loop *loop = NULL;
    _cleanup_(sleep_lock_freep) struct sleep_lock *lock = NULL;
    _cleanup_(session_watch_freep) struct session_watch *watch = NULL;

    (void)state;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(sleep_lock_new(loop, &of_sleep, NULL, &lock), 0);
    assert_int_equal(session_watch_new(1000, &of_sessions, NULL, &watch), 0);
    for (int i = 0; i < 2; i++) {
        sleep_lock_use(lock, NULL, NULL);
        sleep_lock_want(lock, true);
        sleep_lock_release(lock);
        sleep_lock_want(lock, false);
        session_watch_use(watch, NULL, NULL);
        session_watch_want(watch, true);
        session_watch_want(watch, false);
    }
    assert_null(logind_free(NULL));
    assert_null(sleep_lock_free(NULL));
    assert_null(session_watch_free(NULL));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_without_a_bus_nothing_is_asked_or_told),
    };

    return cmocka_run_group_tests_name("host/logind", tests, NULL, NULL);
}
