// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The network of this machine is not to be changed by a test, so the kernel's end of netlink is played.
 */
#include "host/network_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <systemd/sd-event.h>

#include "../allocation.h"

static struct {
    int fd; /* the watch's end */
    int socket_errno, bind_errno;
    uint32_t sender;
    bool overrun;
} kernel = {.fd = -1};

int __wrap_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol)
{
    assert_int_equal(family, AF_NETLINK);
    assert_int_equal(type, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_int_equal(protocol, NETLINK_ROUTE);
    errno = kernel.socket_errno;
    return kernel.socket_errno ? -1 : kernel.fd;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size)
{
    assert_int_equal(fd, kernel.fd);
    assert_int_equal(address->sa_family, AF_NETLINK);
    assert_int_equal(size, sizeof(struct sockaddr_nl));
    errno = kernel.bind_errno;
    return kernel.bind_errno ? -1 : 0;
}

ssize_t __wrap_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *sender,
                        socklen_t *sender_size);
ssize_t __wrap_recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *sender,
                        socklen_t *sender_size)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_pid = kernel.sender};
    ssize_t received = recv(fd, buffer, size, flags);

    assert_true(*sender_size >= sizeof(address));
    memcpy(sender, &address, sizeof(address));
    if (!kernel.overrun)
        return received;
    errno = ENOBUFS;
    return -1;
}

struct bench {
    struct network_watch *watch;
    sd_event *event;
    int fd; /* the kernel's end */
    unsigned told;
};

static void count(void *context)
{
    ++*(unsigned *)context;
}

static void begin(struct bench *bench)
{
    int ends[2];

    *bench = (struct bench){0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    kernel = (typeof(kernel)){.fd = ends[0]};
    bench->fd = ends[1];
    assert_true(sd_event_new(&bench->event) >= 0);
}

static void given(struct bench *bench)
{
    begin(bench);
    assert_int_equal(network_watch_new(bench->event, count, &bench->told, &bench->watch), 0);
}

static void end(struct bench *bench)
{
    assert_null(network_watch_free(bench->watch));
    sd_event_unref(bench->event);
    close(bench->fd);
}

/* Returns how often the watch told of a way. */
static unsigned send_bytes(struct bench *bench, const void *bytes, size_t size)
{
    unsigned before = bench->told;

    assert_int_equal(send(bench->fd, bytes, size, 0), size);
    assert_int_equal(sd_event_run(bench->event, 0), 1);
    assert_int_equal(sd_event_run(bench->event, 0), 0);
    return bench->told - before;
}

static unsigned send_link(struct bench *bench, int type, int index, unsigned flags)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } message = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(message.link)), .nlmsg_type = (uint16_t)type},
        .link = {.ifi_index = index, .ifi_flags = flags},
    };

    return send_bytes(bench, &message, sizeof(message));
}

static unsigned send_route(struct bench *bench, int type, unsigned char length, unsigned char kind)
{
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
    } message = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(message.route)), .nlmsg_type = (uint16_t)type},
        .route = {.rtm_dst_len = length, .rtm_type = kind},
    };

    return send_bytes(bench, &message, sizeof(message));
}

static void test_a_link_is_told_when_it_comes_up(void **state)
{
    const unsigned up = IFF_UP | IFF_RUNNING;
    struct bench bench;

    (void)state;
    given(&bench);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 2, IFF_UP), 0);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 2, up), 1);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 2, up), 0); /* said again, for whatever reason */
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 3, up), 1);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 2, IFF_UP), 0); /* its cable is out */
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 2, up), 1);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 3, up), 0);
    assert_int_equal(send_link(&bench, RTM_DELLINK, 3, up), 0);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 3, up), 1);
    end(&bench);
}

static void test_more_links_than_it_remembers(void **state)
{
    const unsigned up = IFF_UP | IFF_RUNNING;
    struct bench bench;

    (void)state;
    given(&bench);
    for (int index = 1; index <= 200; index++)
        assert_int_equal(send_link(&bench, RTM_NEWLINK, index, up), 1);
    for (int index = 1; index <= 200; index++)
        assert_int_equal(send_link(&bench, RTM_NEWLINK, index, up), index > 64);
    for (int index = 1; index <= 200; index++)
        assert_int_equal(send_link(&bench, RTM_DELLINK, index, up), 0);
    assert_int_equal(send_link(&bench, RTM_NEWLINK, 1, up), 1);
    end(&bench);
}

static void test_only_a_new_default_route_is_a_way(void **state)
{
    struct bench bench;

    (void)state;
    given(&bench);
    assert_int_equal(send_route(&bench, RTM_NEWROUTE, 0, RTN_UNICAST), 1);
    assert_int_equal(send_route(&bench, RTM_DELROUTE, 0, RTN_UNICAST), 0);
    assert_int_equal(send_route(&bench, RTM_NEWROUTE, 24, RTN_UNICAST), 0);
    assert_int_equal(send_route(&bench, RTM_NEWROUTE, 0, RTN_UNREACHABLE), 0);
    assert_int_equal(send_route(&bench, RTM_NEWADDR, 0, RTN_UNICAST), 0);
    end(&bench);
}

static void test_lost_messages_may_have_told_of_one(void **state)
{
    struct bench bench;

    (void)state;
    given(&bench);
    kernel.overrun = true;
    assert_int_equal(send_route(&bench, RTM_DELROUTE, 0, RTN_UNICAST), 1);
    end(&bench);
}

static void test_nobody_but_the_kernel_is_believed(void **state)
{
    struct bench bench;

    (void)state;
    given(&bench);
    kernel.sender = 4711;
    assert_int_equal(send_route(&bench, RTM_NEWROUTE, 0, RTN_UNICAST), 0);
    end(&bench);
}

static void test_messages_that_are_cut(void **state)
{
    struct nlmsghdr header = {.nlmsg_len = NLMSG_LENGTH(0), .nlmsg_type = RTM_NEWROUTE};
    struct bench bench;

    (void)state;
    given(&bench);
    assert_int_equal(send_bytes(&bench, &header, sizeof(header)), 0);
    header.nlmsg_type = RTM_NEWLINK;
    assert_int_equal(send_bytes(&bench, &header, sizeof(header)), 0);
    header.nlmsg_len = 4000;
    assert_int_equal(send_bytes(&bench, &header, sizeof(header)), 0);
    header.nlmsg_len = 0;
    assert_int_equal(send_bytes(&bench, &header, sizeof(header)), 0);
    assert_int_equal(send_bytes(&bench, &header, 3), 0);
    end(&bench);
}

static void test_where_netlink_is_shut_off(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench);
    kernel.socket_errno = EAFNOSUPPORT;
    assert_int_equal(network_watch_new(bench.event, count, NULL, &bench.watch), -EAFNOSUPPORT);
    kernel.socket_errno = 0;
    kernel.bind_errno = EPERM;
    assert_int_equal(network_watch_new(bench.event, count, NULL, &bench.watch), -EPERM);
    assert_null(bench.watch);
    assert_int_equal(fcntl(kernel.fd, F_GETFD), -1); /* closed */
    end(&bench);
}

static void test_out_of_memory(void **state)
{
    struct bench bench;

    (void)state;
    begin(&bench);
    allocation_fail_at(1);
    assert_int_equal(network_watch_new(bench.event, count, NULL, &bench.watch), -ENOMEM);
    assert_true(allocation_failed());
    allocation_fail_at(0);
    close(kernel.fd);
    end(&bench);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_link_is_told_when_it_comes_up),
        cmocka_unit_test(test_more_links_than_it_remembers),
        cmocka_unit_test(test_only_a_new_default_route_is_a_way),
        cmocka_unit_test(test_lost_messages_may_have_told_of_one),
        cmocka_unit_test(test_nobody_but_the_kernel_is_believed),
        cmocka_unit_test(test_messages_that_are_cut),
        cmocka_unit_test(test_where_netlink_is_shut_off),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests_name("host/network_watch", tests, NULL, NULL);
}
