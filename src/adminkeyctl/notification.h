// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Tells of changes on the desktop, through notify-send. Waits for nothing: what fails is not shown.
 */

#include <stdbool.h>

/* Once, before the first. 0, or -ENOENT where there is no notify-send. */
int notification_prepare(void);

void notification_show(const char *text, bool urgent);
