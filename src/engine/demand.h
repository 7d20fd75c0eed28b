// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What people and jobs asked for: holds, which want a key for a time, and a disable, which wants none. Plain
 * values; who may ask is decided elsewhere, and what the policy makes of it in goal.c.
 *
 * All ends are kept on the boot clock, so that no step of the wall clock prolongs anything, and on this
 * machine's UTC for people and the ledger.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "engine/cause.h"
#include "engine/record.h"

#define DEMAND_HOLDS_MAX       16
#define DEMAND_BREAK_GLASS_MAX (60 * USEC_PER_MINUTE)
#define DEMAND_RUN_COMES_BACK  (30 * USEC_PER_SEC) /* a restarted daemon waits so long for a run's client */

struct hold {
    uint64_t id;
    enum cause_kind kind; /* hold, run or break-glass */
    char by[RECORD_BY_MAX + 1];
    char reason[RECORD_TEXT_MAX + 1];
    usec from_utc, until_utc;
    usec until_boot;
    bool cut; /* it ends before its record says so */
};

struct demand {
    struct hold holds[DEMAND_HOLDS_MAX];
    size_t n_holds;
    bool disabled;
    usec disabled_until_utc, disabled_until_boot;
    char disabled_by[RECORD_BY_MAX + 1];
    char disabled_reason[RECORD_TEXT_MAX + 1];
};

/* The hold of that id, or NULL. */
struct hold *demand_find(struct demand *demand, uint64_t id);

/* Adds a hold, or puts it in the place of the one with the same id. False: there are too many. */
bool demand_add(struct demand *demand, const struct hold *hold);

/* Ends one hold, or all. */
void demand_release(struct demand *demand, uint64_t id);
void demand_release_all(struct demand *demand);

/* Forgets what has ended by now. */
void demand_forget(struct demand *demand, usec now_boot);

/* When the next of them ends; USEC_INFINITY: none does. */
usec demand_next_end(const struct demand *demand);

/* Recalls a record of the ledger that is about a hold or a disable; others change nothing. */
struct instant;
void demand_remember(struct demand *demand, const struct record *record, const struct instant *now);
