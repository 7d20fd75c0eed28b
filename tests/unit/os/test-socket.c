// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "../directory.h"
#include "base/cleanup.h"
#include "os/clock.h"
#include "os/descriptor.h"

static int listen_at(const char *path, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(strlen(path) < sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    if (backlog >= 0)
        assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static void test_what_is_sent_arrives(void **state)
{
    _cleanup_(descriptor_closep) int server = -1, client = -1, peer = -1;
    struct error error = {0};
    char path[PATH_MAX], buffer[8];
    size_t size;

    server = listen_at(directory_path(state, "s", path), 4);
    assert_int_equal(socket_connect(path, USEC_INFINITY, &client, &error), 0);
    peer = accept(server, NULL, NULL);
    assert_int_equal(socket_send(client, "hello", 5, USEC_INFINITY), 0);
    assert_int_equal(socket_receive(peer, buffer, sizeof(buffer), USEC_INFINITY, &size), 0);
    assert_int_equal(size, 5);
    assert_memory_equal(buffer, "hello", 5);
    peer = descriptor_close(peer);
    assert_int_equal(socket_receive(client, buffer, sizeof(buffer), USEC_INFINITY, &size), 0);
    assert_int_equal(size, 0);
    assert_int_equal(socket_send(client, "x", 1, USEC_INFINITY), -EPIPE);
}

static void test_who_does_not_answer_is_not_waited_for(void **state)
{
    _cleanup_(descriptor_closep) int server = -1, client = -1, peer = -1;
    struct error error = {0};
    char path[PATH_MAX], buffer[65536] = {0};
    size_t size;
    int r;

    server = listen_at(directory_path(state, "s", path), 4);
    assert_int_equal(socket_connect(path, clock_boot() + USEC_PER_SEC, &client, &error), 0);
    peer = accept(server, NULL, NULL);
    assert_int_equal(socket_receive(client, buffer, sizeof(buffer), clock_boot() + 1000, &size), -ETIMEDOUT);
    do
        r = socket_send(client, buffer, sizeof(buffer), clock_boot() + 1000);
    while (r == 0);
    assert_int_equal(r, -ETIMEDOUT);
}

static void test_a_full_backlog_is_given_up_in_time(void **state)
{
    _cleanup_(descriptor_closep) int server = -1, first = -1, second = -1;
    struct error error = {0};
    char path[PATH_MAX];

    server = listen_at(directory_path(state, "s", path), 0);
    assert_int_equal(socket_connect(path, clock_boot() + USEC_PER_SEC, &first, &error), 0);
    assert_int_equal(socket_connect(path, clock_boot() + 1000, &second, &error), -ETIMEDOUT);
    assert_non_null(strstr(error.text, "in time"));
}

static void test_each_failure_names_the_socket(void **state)
{
    _cleanup_(descriptor_closep) int deaf = -1;
    struct error error = {0};
    char path[PATH_MAX], too_long[PATH_MAX];
    int fd = -1;

    assert_int_equal(socket_connect(directory_path(state, "missing", path), USEC_INFINITY, &fd, &error),
                     -ENOENT);
    assert_non_null(strstr(error.text, path));
    deaf = listen_at(directory_path(state, "deaf", path), -1);
    assert_int_equal(socket_connect(path, USEC_INFINITY, &fd, &error), -ECONNREFUSED);
    assert_non_null(strstr(error.text, "nobody listens"));
    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    assert_int_equal(socket_connect(too_long, USEC_INFINITY, &fd, &error), -ENAMETOOLONG);
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_sent_arrives, directory_setup, directory_teardown),
        cmocka_unit_test_setup_teardown(test_who_does_not_answer_is_not_waited_for, directory_setup,
                                        directory_teardown),
        cmocka_unit_test_setup_teardown(test_a_full_backlog_is_given_up_in_time, directory_setup,
                                        directory_teardown),
        cmocka_unit_test_setup_teardown(test_each_failure_names_the_socket, directory_setup,
                                        directory_teardown),
    };

    return cmocka_run_group_tests_name("os/socket", tests, NULL, NULL);
}
