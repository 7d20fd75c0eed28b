// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/loop.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <systemd/sd-event.h>

#define ACCURACY    1 /* microseconds; 0 would mean the quarter of a second that sd-event prefers */
#define SIGNALS_MAX 8

struct loop {
    sd_event *event;
    loop_signal_handler signal_handler;
    void *signal_context;
    sd_event_source *signals[SIGNALS_MAX];
    size_t n_signals;
};

struct loop_timer {
    sd_event_source *source;
    loop_timer_handler handler;
    void *context;
};

int loop_new(struct loop **ret_loop)
{
    _cleanup_(loop_freep) struct loop *loop = calloc(1, sizeof(*loop));
    int r;

    if (!loop)
        return -ENOMEM;
    r = sd_event_new(&loop->event);
    if (r < 0)
        return r;
    *ret_loop = steal_pointer(&loop);
    return 0;
}

struct loop *loop_free(struct loop *loop)
{
    if (loop) {
        for (size_t i = 0; i < loop->n_signals; i++)
            sd_event_source_disable_unref(loop->signals[i]);
        sd_event_unref(loop->event);
        free(loop);
    }
    return NULL;
}

sd_event *loop_event(struct loop *loop)
{
    return loop->event;
}

int loop_run(struct loop *loop)
{
    return sd_event_loop(loop->event);
}

void loop_end(struct loop *loop, int result)
{
    (void)sd_event_exit(loop->event, result);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    struct loop *loop = userdata;

    (void)source;
    loop->signal_handler(loop->signal_context, (int)info->ssi_signo);
    return 0;
}

int loop_on_signals(struct loop *loop, const int *signals, loop_signal_handler handler, void *context)
{
    loop->signal_handler = handler;
    loop->signal_context = context;
    for (; *signals; signals++) {
        sigset_t set;
        int r;

        if (loop->n_signals == SIGNALS_MAX)
            return -E2BIG;
        sigemptyset(&set);
        sigaddset(&set, *signals);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
            return -errno;
        r = sd_event_add_signal(loop->event, &loop->signals[loop->n_signals], *signals, on_signal, loop);
        if (r < 0)
            return r;
        loop->n_signals++;
    }
    return 0;
}

static int on_time(sd_event_source *source, uint64_t due, void *userdata)
{
    struct loop_timer *timer = userdata;

    (void)source;
    (void)due;
    timer->handler(timer->context);
    return 0;
}

int loop_timer_new(struct loop *loop, enum loop_order order, loop_timer_handler handler, void *context,
                   struct loop_timer **ret_timer)
{
    _cleanup_(loop_timer_freep) struct loop_timer *timer = calloc(1, sizeof(*timer));
    int r;

    if (!timer)
        return -ENOMEM;
    *timer = (struct loop_timer){.handler = handler, .context = context};
    r = sd_event_add_time(loop->event, &timer->source, CLOCK_BOOTTIME, UINT64_MAX, ACCURACY, on_time, timer);
    if (r >= 0)
        r = sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
    if (r >= 0 && order == LOOP_LAST)
        r = sd_event_source_set_priority(timer->source, SD_EVENT_PRIORITY_IDLE);
    if (r < 0)
        return r;
    *ret_timer = steal_pointer(&timer);
    return 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *timer)
{
    if (timer) {
        sd_event_source_disable_unref(timer->source);
        free(timer);
    }
    return NULL;
}

int loop_timer_set(struct loop_timer *timer, usec due_boot)
{
    int r;

    if (due_boot == USEC_INFINITY)
        return sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
    r = sd_event_source_set_time(timer->source, due_boot < 0 ? 0 : (uint64_t)due_boot);
    return r < 0 ? r : sd_event_source_set_enabled(timer->source, SD_EVENT_ONESHOT);
}
