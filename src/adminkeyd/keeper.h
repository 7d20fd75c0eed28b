// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Keeps one site's key: an engine, and the hands that carry out what it decides.
 */

#include <stdbool.h>

#include "adminkeyd/surroundings.h"
#include "engine/engine.h"

struct keeper;

/* Told after each step, as the keeper's last deed: the handler may free it. */
typedef void (*keeper_handler)(void *context, struct keeper *keeper);

/* `site` is borrowed until keeper_take_policy() gives another. 0 or a negative errno. */
int keeper_new(struct surroundings *surroundings, const struct policy_site *site, keeper_handler handler,
               void *context, struct keeper **ret_keeper);

/* A call under way is cancelled. */
struct keeper *keeper_free(struct keeper *keeper);
DEFINE_CLEANUP(struct keeper *, keeper_free);

/* What the ledger brings back, in its order, before the first step. */
void keeper_remember(struct keeper *keeper, const struct record *record);
void keeper_remember_damage(struct keeper *keeper);

/* The events of engine/engine.h. Each ends with the handler. */
void keeper_wake(struct keeper *keeper);
void keeper_tell(struct keeper *keeper, enum engine_event_kind kind); /* one that carries nothing else */
void keeper_take_policy(struct keeper *keeper, const struct policy_site *site);
void keeper_stop(struct keeper *keeper, bool restart);

const struct policy_site *keeper_site(const struct keeper *keeper);
void keeper_status(const struct keeper *keeper, struct site_status *ret_status);
bool keeper_is_settled(const struct keeper *keeper);
bool keeper_is_stopped(const struct keeper *keeper);
bool keeper_is_sleep_ready(const struct keeper *keeper); /* since ENGINE_SLEEP */
bool keeper_has_called(const struct keeper *keeper);     /* the site, at least once */
bool keeper_has_changed(
    const struct keeper *keeper); /* its status, at the step that the handler is told of */
usec keeper_due_boot(const struct keeper *keeper);
size_t keeper_open_records(const struct keeper *keeper,
                           struct record ret_records[static ENGINE_OPEN_RECORDS_MAX]);
