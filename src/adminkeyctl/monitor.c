// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/monitor.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "os/clock.h"

#define TRY_AGAIN (USEC_PER_SEC / 2)

struct monitor {
    const struct arguments *arguments;
    struct client *client; /* NULL while the daemon is away */
    bool quiet, away;
};

int monitor_open(const struct arguments *arguments, bool quiet, struct monitor **ret_monitor)
{
    _cleanup_(monitor_freep) struct monitor *monitor = calloc(1, sizeof(*monitor));
    int r;

    if (!monitor) {
        fprintf(stderr, "adminkeyctl: out of memory\n");
        return STATUS_UNREACHABLE;
    }
    monitor->arguments = arguments;
    monitor->quiet = quiet;
    r = client_open(arguments, &monitor->client);
    if (r == STATUS_DONE)
        r = client_call(monitor->client, "Monitor", true, true);
    if (r == STATUS_DONE)
        *ret_monitor = steal_pointer(&monitor);
    return r;
}

struct monitor *monitor_free(struct monitor *monitor)
{
    if (monitor) {
        client_free(monitor->client);
        free(monitor);
    }
    return NULL;
}

static void lose(struct monitor *monitor)
{
    if (!monitor->away && !monitor->quiet)
        fprintf(stderr, "adminkeyctl: adminkeyd is not reachable, trying again\n");
    monitor->client = client_free(monitor->client);
    monitor->away = true;
}

static void find_again(struct monitor *monitor)
{
    if (monitor->away && !monitor->quiet)
        fprintf(stderr, "adminkeyctl: adminkeyd is back\n");
    monitor->away = false;
}

/* Waits a little, and tries. STATUS_DONE, an exit status, CLIENT_GONE or CLIENT_TIMED_OUT. */
static int try_again(struct monitor *monitor, usec due_boot)
{
    usec now = clock_boot(), left = due_boot == USEC_INFINITY ? TRY_AGAIN : due_boot - now;
    int r;

    if (left <= 0)
        return CLIENT_TIMED_OUT;
    (void)poll(NULL, 0, (int)((left < TRY_AGAIN ? left : TRY_AGAIN) / USEC_PER_MSEC) + 1);
    r = client_open_again(monitor->arguments, due_boot, &monitor->client);
    return r == STATUS_DONE ? client_call(monitor->client, "Monitor", true, true) : r;
}

int monitor_next(struct monitor *monitor, usec due_boot, struct message_reply *ret_reply)
{
    for (;;) {
        bool was_away = monitor->away;
        int r = STATUS_DONE;

        if (!monitor->client)
            r = try_again(monitor, due_boot);
        if (r == STATUS_DONE)
            r = client_next(monitor->client, due_boot, ret_reply);
        if (r == STATUS_DONE)
            find_again(monitor);
        if (r != CLIENT_GONE)
            return r;
        lose(monitor);
        if (monitor->quiet && !was_away)
            return CLIENT_TIMED_OUT;
    }
}

bool monitor_has_more(struct monitor *monitor)
{
    return monitor->client && client_has_more(monitor->client);
}

bool monitor_is_away(const struct monitor *monitor)
{
    return monitor->away;
}

int monitor_complain_of_garbage(const struct monitor *monitor)
{
    return client_complain_of_garbage(monitor->client);
}
