// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Why the service is stopped, asked on buses that do not answer: a stop waits for none of them. What a
 * service manager answers, tests/system shows.
 */
#include "host/unit_job.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/clock.h"

#define PATIENCE (5 * USEC_PER_SEC) /* the two seconds that are promised, on a busy machine */

static char folder[] = "/tmp/adminkeyd-unit_job-XXXXXX";
static int listening;

static int set_up(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char bus[sizeof(address.sun_path) + 16];

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/bus", folder);
    snprintf(bus, sizeof(bus), "unix:path=%s", address.sun_path);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", bus, 1);
    setenv("DBUS_SESSION_BUS_ADDRESS", bus, 1);
    setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
    listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof(address)) < 0 ||
                   listen(listening, 4) < 0
               ? -1
               : 0;
}

static int tear_down(void **state)
{
    char path[sizeof(folder) + 8];

    (void)state;
    close(listening);
    snprintf(path, sizeof(path), "%s/bus", folder);
    unlink(path);
    return rmdir(folder);
}

static void assert_no_restart_in_time(enum unit_job_manager manager)
{
    usec began_boot = clock_boot();

    assert_false(unit_job_is_restart(manager));
    assert_true(clock_boot() - began_boot < PATIENCE);
}

static void test_a_bus_that_says_nothing(void **state)
{
    (void)state;
    assert_no_restart_in_time(UNIT_JOB_SYSTEM);
}

/* The server's part of the handshake, and then silence:
 * https://dbus.freedesktop.org/doc/dbus-specification.html, "Authentication Protocol". */
static void *shake_hands(void *context)
{
    static const char agreed[] = "OK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";
    char heard[4096];

    (void)context;
    for (;;) {
        int fd = accept(listening, NULL, NULL);

        if (fd < 0)
            return NULL;
        if (read(fd, heard, sizeof(heard)) > 0 && send(fd, agreed, strlen(agreed), MSG_NOSIGNAL) > 0)
            while (read(fd, heard, sizeof(heard)) > 0)
                ;
        close(fd);
    }
}

static void test_a_bus_that_only_authenticates(void **state)
{
    pthread_t server;

    (void)state;
    assert_int_equal(pthread_create(&server, NULL, shake_hands, NULL), 0);
    assert_no_restart_in_time(UNIT_JOB_USER);
    shutdown(listening, SHUT_RDWR);
    pthread_join(server, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bus_that_says_nothing),
        cmocka_unit_test(test_a_bus_that_only_authenticates),
    };

    return cmocka_run_group_tests_name("host/unit_job", tests, set_up, tear_down);
}
