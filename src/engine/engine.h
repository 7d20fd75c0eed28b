// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The engine: one site's state machine. It decides; worlds carry out. It makes no system call, reads no clock
 * and draws no number: time, randomness and replies come in, effects go out. The daemon and the simulation
 * run the same code.
 *
 * It is level-triggered: whatever wakes it, it compares what the policy wants with what is known of the key
 * and does the one thing that follows. Its rules, and what must hold whatever happens, stand in engine.c and
 * HACKING.
 *
 * How a world drives it:
 *   - engine_new(), engine_remember() for each ledger record of the site in order, then ENGINE_WAKE;
 *   - after each step: carry out the effects in their order, and call again at the latest when the boot clock
 *     reads effects.due_boot;
 *   - each ENGINE_EFFECT_REQUEST is answered by one ENGINE_REPLY with its id, unless it was abandoned (then a
 *     late reply may still be told); each intent by one ENGINE_RECORDED with its id.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "confluence/confluence.h"
#include "engine/ask.h"
#include "engine/demand.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/report.h"
#include "engine/status.h"
#include "policy/policy.h"

struct engine;

/* What the world knows at a step. */
struct instant {
    usec utc;        /* this machine's clock: may be wrong, may jump */
    usec boot;       /* CLOCK_BOOTTIME: runs on in suspend, never jumps */
    uint64_t random; /* fresh at each step */
};

enum engine_event_kind {
    ENGINE_WAKE, /* time came, or the clock, the zone data or anything else changed */
    ENGINE_REPLY,
    ENGINE_RECORDED, /* an intent was written, or could not be */
    ENGINE_POLICY,   /* a new policy, or a new token, is in force */
    ENGINE_STOP,     /* the daemon is to end; ENGINE_EFFECT_STOPPED will follow */
    ENGINE_ASK,      /* somebody wants a key, or none; effects.answer says what became of it */
    ENGINE_SLEEP,    /* the machine is about to sleep; ENGINE_EFFECT_SLEEP_READY will follow */
    ENGINE_AWAKE,    /* it woke up, or did not fall asleep */
    ENGINE_LOCKED,   /* the session was locked */
    ENGINE_UNLOCKED,
    ENGINE_NETWORK, /* there may be a way to the site again */
};

struct engine_event {
    enum engine_event_kind kind;
    uint64_t id;                          /* reply: of the request; recorded: of the record */
    const struct confluence_reply *reply; /* reply */
    bool ok;                              /* recorded: it is on the disk */
    const struct policy_site *site;       /* policy: borrowed until the next one; same name as before */
    bool restart;                         /* stop: a restart of the unit, so a wanted key stays on */
    const struct ask *ask;                /* ask */
};

enum engine_effect_kind {
    ENGINE_EFFECT_REQUEST, /* send it; a POST's id is that of its intent; never 0 */
    ENGINE_EFFECT_ABANDON, /* the reply is no longer waited for: cancel the transfer if it can be */
    ENGINE_EFFECT_RECORD,  /* append to the ledger; when `durable`, sync; ENGINE_RECORDED answers an intent */
    ENGINE_EFFECT_REPORT,  /* tell the journal */
    ENGINE_EFFECT_STOPPED, /* nothing is left to do before the daemon ends */
    ENGINE_EFFECT_SLEEP_READY, /* nothing is left to do before the machine sleeps */
};

struct engine_effect {
    enum engine_effect_kind kind;
    uint64_t id; /* request, abandon: the request */
    union {
        struct {
            enum confluence_call call;
            unsigned minutes; /* POST */
            usec timeout;     /* for the whole call */
            usec site_now;    /* the site's clock as far as known, for confluence_reader_finish() */
        } request;
        struct {
            bool durable;
            struct record record;
        } record;
        struct report report;
    };
};

#define ENGINE_EFFECTS_MAX (DEMAND_HOLDS_MAX + 16) /* all holds may end at once, each with its record */

struct engine_effects {
    struct engine_effect list[ENGINE_EFFECTS_MAX];
    size_t n;
    usec due_boot;            /* the next step is due then; USEC_INFINITY: only events count */
    bool changed;             /* the status is not what it was after the last step */
    struct ask_answer answer; /* to ENGINE_ASK */
};

/* An engine that knows nothing yet. `site` is borrowed until ENGINE_POLICY gives another. 0 or -ENOMEM. */
int engine_new(const struct policy_site *site, struct engine **ret_engine);
struct engine *engine_free(struct engine *engine);
DEFINE_CLEANUP(struct engine *, engine_free);

/* Recalls one record of the site; before the first step, in the ledger's order. */
void engine_remember(struct engine *engine, const struct record *record, const struct instant *now);

/* The ledger had damaged lines, so a key of ours may be forgotten in it. */
void engine_remember_damage(struct engine *engine);

/* One step. `ret_effects` is written whole. Never fails: what cannot be done is an effect or a state. */
void engine_step(struct engine *engine, const struct instant *now, const struct engine_event *event,
                 struct engine_effects *ret_effects);

void engine_status(const struct engine *engine, const struct instant *now, struct site_status *ret_status);

/* Whether the first reconciliation was answered, or failed once: the daemon may call itself ready. */
bool engine_is_settled(const struct engine *engine);

/* The records that a rotated ledger must begin with, at most ENGINE_OPEN_RECORDS_MAX. Returns their number.
 */
#define ENGINE_OPEN_RECORDS_MAX (KEY_INTENTS_MAX + DEMAND_HOLDS_MAX + 5)
size_t engine_open_records(const struct engine *engine,
                           struct record ret_records[static ENGINE_OPEN_RECORDS_MAX]);
