// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * All keepers: one a site of the policy in force, sorted by name, and those of sites that a reload took away,
 * which stay until their key is off.
 */

#include <stdbool.h>
#include <stddef.h>

#include "adminkeyd/policy_file.h"
#include "adminkeyd/surroundings.h"
#include "engine/status.h"

struct fleet;

/* Told after each step of a keeper: the site's index where its status changed, else FLEET_NO_SITE. */
#define FLEET_NO_SITE SIZE_MAX
typedef void (*fleet_handler)(void *context, size_t index);

/* Without any site yet. 0 or -ENOMEM. */
int fleet_new(struct surroundings *surroundings, fleet_handler handler, void *context,
              struct fleet **ret_fleet);
struct fleet *fleet_free(struct fleet *fleet);
DEFINE_CLEANUP(struct fleet *, fleet_free);

/*
 * Puts a policy in force, the first or another. Sites that stay keep what is known of them; new ones begin
 * with what the ledger says; those that are gone, or have another URL or user now, are switched off.
 * `ret_damaged` is the number of the ledger's lines that were none, 0 where it was not read. 0 or a negative
 * errno: then nothing has changed.
 */
int fleet_take_policy(struct fleet *fleet, struct policy_file *file, size_t *ret_damaged);

/* The first steps of all engines, which wait for this: what is known of the machine by now, they are told
 * first.
 */
void fleet_begin(struct fleet *fleet);

/* All engines look at the world anew. */
void fleet_wake(struct fleet *fleet);

/* The session was locked, or unlocked. */
void fleet_lock(struct fleet *fleet, bool locked);

/* The machine is about to sleep: fleet_is_sleep_ready() once it may; or it is awake. */
void fleet_sleep(struct fleet *fleet, bool asleep);

/* There may be a way to the sites again. */
void fleet_network_up(struct fleet *fleet);

/* All engines come to an end; fleet_is_stopped() once they have. */
void fleet_stop(struct fleet *fleet, bool restart);

size_t fleet_size(const struct fleet *fleet);
const struct policy_site *fleet_site(const struct fleet *fleet, size_t index);
void fleet_status(const struct fleet *fleet, size_t index, struct site_status *ret_status);
bool fleet_is_settled(const struct fleet *fleet);
bool fleet_is_stopped(const struct fleet *fleet);
bool fleet_is_sleep_ready(const struct fleet *fleet);

/* When the first of the engines is due; USEC_INFINITY: only events count. */
usec fleet_due_boot(const struct fleet *fleet);
