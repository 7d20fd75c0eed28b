// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A client for conversations in tests: says messages, and takes replies one by one.
 */

#include "control/conversation.h"

#define TALK_BOOT (100 * USEC_PER_SEC)

/* Feeds the text and a NUL. Asserts that it is taken. */
void talk_say(struct conversation *conversation, const char *text);

/* The next reply, taken off the queue; NULL where none waits. Valid until the next one. */
const char *talk_hear(struct conversation *conversation);

void talk_assert_heard(struct conversation *conversation, const char *expected);
void talk_assert_silence(struct conversation *conversation);

/* That the next reply is this error, with these parameters as JSON. */
void talk_assert_error(struct conversation *conversation, const char *error, const char *parameters);
