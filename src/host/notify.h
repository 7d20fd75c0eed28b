// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the service manager is told (sd_notify(3)). Says nothing, and does not mind, where there is none.
 */

#include "base/time.h"

void notify_ready(void);

/* One line that a person understands, shown by `systemctl status`. */
void notify_status(const char *text);

/* A reload begins; notify_ready() must follow, whatever came of it. Carries MONOTONIC_USEC, without which
 * systemd 253 and later wait for a reload that they think has not begun. */
void notify_reloading(void);

/* The daemon ends, and wants this long from now. */
void notify_stopping(usec wanted);

/* The service manager's watchdog is fed. */
void notify_watchdog(void);

/* How often it wants that at least; USEC_INFINITY: it does not watch. */
usec notify_watchdog_interval(void);
