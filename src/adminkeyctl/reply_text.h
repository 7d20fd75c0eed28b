// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A reply as --json has it: the daemon's own words, one object a line.
 */

#include <stdio.h>

#include "control/message.h"

static inline void reply_print_json(const struct message_reply *reply)
{
    printf("%s\n", json_object_to_json_string_ext(reply->parameters,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    fflush(stdout);
}
