// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What one client may take of the daemon, and the names under which LimitExceeded(limit) tells of it. Who
 * goes past a limit is told so and disconnected; the others never notice.
 */

#include "base/time.h"

#define LIMIT_MESSAGE_SIZE_MAX        (64 * 1024)         /* bytes of a call, without the NUL at its end */
#define LIMIT_MESSAGE_NESTING_MAX     16                  /* objects and arrays within each other */
#define LIMIT_MESSAGE_TIME_MAX        (30 * USEC_PER_SEC) /* from a message's first byte to its last */
#define LIMIT_QUEUE_SIZE_MAX          (1024 * 1024)       /* bytes of replies that were not taken yet */
#define LIMIT_CONNECTIONS_MAX         64
#define LIMIT_CONNECTIONS_KEPT        8 /* of those, for operators */
#define LIMIT_CONNECTIONS_PER_UID_MAX 16

#define LIMIT_MESSAGE_SIZE        "message_size"
#define LIMIT_MESSAGE_NESTING     "message_nesting"
#define LIMIT_MESSAGE_TIME        "message_time"
#define LIMIT_QUEUE_SIZE          "queue_size"
#define LIMIT_CONNECTIONS         "connections"
#define LIMIT_CONNECTIONS_PER_UID "connections_per_uid"
