// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The daemon's event loop, as those who wire it see it: timers on the boot clock, signals, an end. Owns the
 * sd_event, which the other parts of host/ put their own sources on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/time.h"

typedef struct sd_event sd_event;

struct loop;
struct loop_timer;

/* 0 or a negative errno. */
int loop_new(struct loop **ret_loop);
struct loop *loop_free(struct loop *loop);
DEFINE_CLEANUP(struct loop *, loop_free);

/* Borrowed. */
sd_event *loop_event(struct loop *loop);

/* Runs until loop_end(); returns what that was told, or a negative errno. */
int loop_run(struct loop *loop);
void loop_end(struct loop *loop, int result);

/* Calls the handler for each of these signals, which are blocked from now on: before the first thread starts.
 * The list ends with 0. 0 or a negative errno. */
typedef void (*loop_signal_handler)(void *context, int signal);
int loop_on_signals(struct loop *loop, const int *signals, loop_signal_handler handler, void *context);

/* What comes first when several are due. */
enum loop_order {
    LOOP_USUAL,
    LOOP_LAST, /* after all else: to tell that the rest was done */
};

/* A timer that is not set. 0 or a negative errno. */
typedef void (*loop_timer_handler)(void *context);
int loop_timer_new(struct loop *loop, enum loop_order order, loop_timer_handler handler, void *context,
                   struct loop_timer **ret_timer);
struct loop_timer *loop_timer_free(struct loop_timer *timer);
DEFINE_CLEANUP(struct loop_timer *, loop_timer_free);

/* Calls the handler once when the boot clock reads `due_boot`, never early and within a millisecond of it on
 * an idle machine; USEC_INFINITY: not at all. 0 or a negative errno. */
int loop_timer_set(struct loop_timer *timer, usec due_boot);
