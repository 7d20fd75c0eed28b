// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/clock_watch.h"

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "os/descriptor.h"

#define NEVER INT64_C(0x7fffffff0000) /* seconds; far beyond any clock, within what the kernel accepts */

struct clock_watch {
    clock_watch_handler handler;
    void *context;
    int fd;
    sd_event_source *source;
};

/* A timer that is never due, and is cancelled whenever the clock is set. */
static int arm(int fd)
{
    const struct itimerspec never = {.it_value.tv_sec = NEVER};

    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno : 0;
}

static int on_cancelled(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct clock_watch *watch = userdata;
    uint64_t expirations;

    (void)source;
    (void)revents;
    if (read(fd, &expirations, sizeof(expirations)) >= 0 || errno != ECANCELED)
        return 0;
    watch->handler(watch->context);
    return arm(fd);
}

int clock_watch_new(sd_event *event, clock_watch_handler handler, void *context,
                    struct clock_watch **ret_watch)
{
    _cleanup_(clock_watch_freep) struct clock_watch *watch = calloc(1, sizeof(*watch));
    int r;

    if (!watch)
        return -ENOMEM;
    *watch = (struct clock_watch){.handler = handler, .context = context};
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (watch->fd < 0)
        return -errno;
    r = arm(watch->fd);
    if (r == 0)
        r = sd_event_add_io(event, &watch->source, watch->fd, EPOLLIN, on_cancelled, watch);
    if (r < 0)
        return r;
    *ret_watch = steal_pointer(&watch);
    return 0;
}

struct clock_watch *clock_watch_free(struct clock_watch *watch)
{
    if (watch) {
        sd_event_source_disable_unref(watch->source);
        descriptor_close(watch->fd);
        free(watch);
    }
    return NULL;
}
