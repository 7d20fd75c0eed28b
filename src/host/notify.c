// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/notify.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

#include "os/clock.h"

void notify_ready(void)
{
    (void)sd_notify(0, "READY=1");
}

void notify_status(const char *text)
{
    (void)sd_notifyf(0, "STATUS=%s", text);
}

void notify_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic());
}

void notify_stopping(usec wanted)
{
    (void)sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64, wanted);
}

void notify_watchdog(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}

usec notify_watchdog_interval(void)
{
    uint64_t interval;

    return sd_watchdog_enabled(0, &interval) > 0 ? (usec)interval : USEC_INFINITY;
}
