// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The date of HTTP headers ("Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110, section 5.6.7). Only this form, which
 * is the one that senders must use; the two obsolete ones are not read.
 */

#include "base/time.h"

/* 0 or -EINVAL. The name of the weekday is not held against the date. */
int http_date_parse(const char *text, usec *ret_utc);
