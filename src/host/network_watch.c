// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/network_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <systemd/sd-event.h>

#include "os/descriptor.h"

#define MESSAGES_BYTES 32768 /* what the kernel sends at once is smaller (NLMSG_GOODSIZE) */
#define LINKS_MAX      64    /* that are known to be up; of more than that, each message is news */

struct network_watch {
    network_watch_handler handler;
    void *context;
    int fd;
    sd_event_source *source;
    int up[LINKS_MAX]; /* the indices of links that are up */
    size_t n_up;
};

/* Returns whether that is news. Messages about links come for many reasons; only the first that finds it up
 * counts. */
static bool note_link(struct network_watch *watch, int index, bool up)
{
    size_t i = 0;

    while (i < watch->n_up && watch->up[i] != index)
        i++;
    if (i < watch->n_up) {
        if (!up)
            watch->up[i] = watch->up[--watch->n_up];
        return false;
    }
    if (up && watch->n_up < LINKS_MAX)
        watch->up[watch->n_up++] = index;
    return up;
}

static bool is_way(struct network_watch *watch, const struct nlmsghdr *message)
{
    if (message->nlmsg_type == RTM_NEWROUTE && message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg))) {
        const struct rtmsg *route = NLMSG_DATA(message);

        return route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST;
    }
    if ((message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK) &&
        message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg))) {
        const struct ifinfomsg *link = NLMSG_DATA(message);
        unsigned wanted = IFF_UP | IFF_RUNNING;

        return note_link(watch, link->ifi_index,
                         message->nlmsg_type == RTM_NEWLINK && (link->ifi_flags & wanted) == wanted);
    }
    return false;
}

/* One datagram, which may hold several messages; the loop comes again for the next. */
static bool read_messages(struct network_watch *watch)
{
    _Alignas(struct nlmsghdr) char bytes[MESSAGES_BYTES];
    struct sockaddr_nl sender = {0};
    socklen_t sender_size = sizeof(sender);
    ssize_t size =
        recvfrom(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&sender, &sender_size);
    bool way = false;

    if (size < 0)
        return errno == ENOBUFS; /* some were lost, and there may be one among them */
    if (sender.nl_pid != 0)      /* not the kernel */
        return false;
    for (const struct nlmsghdr *message = (const void *)bytes; NLMSG_OK(message, (size_t)size);
         message = NLMSG_NEXT(message, size))
        way |= is_way(watch, message);
    return way;
}

static int on_messages(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct network_watch *watch = userdata;

    (void)source;
    (void)fd;
    (void)revents;
    if (read_messages(watch))
        watch->handler(watch->context);
    return 0;
}

int network_watch_new(sd_event *event, network_watch_handler handler, void *context,
                      struct network_watch **ret_watch)
{
    static const struct sockaddr_nl groups = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    _cleanup_(network_watch_freep) struct network_watch *watch = calloc(1, sizeof(*watch));
    int r;

    if (!watch)
        return -ENOMEM;
    *watch = (struct network_watch){.handler = handler, .context = context};
    watch->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch->fd < 0 || bind(watch->fd, (const struct sockaddr *)&groups, sizeof(groups)) < 0)
        return -errno;
    r = sd_event_add_io(event, &watch->source, watch->fd, EPOLLIN, on_messages, watch);
    if (r < 0)
        return r;
    *ret_watch = steal_pointer(&watch);
    return 0;
}

struct network_watch *network_watch_free(struct network_watch *watch)
{
    if (watch) {
        sd_event_source_disable_unref(watch->source);
        descriptor_close(watch->fd);
        free(watch);
    }
    return NULL;
}
