// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A small world for the engine's unit tests: two clocks, a site that behaves as documented unless a script
 * says otherwise, a ledger that can fail. Time jumps from event to event. Replies are made as bytes and read
 * by the real reader, so that what the engine sees is what it would see from curl.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "engine/engine.h"

#define WORLD_CALLS_MAX   4096
#define WORLD_REPORTS_MAX 4096
#define WORLD_RECORDS_MAX 4096

/* What happens to one call instead of what is documented; all zero: as documented. */
struct world_fault {
    enum transport transport;
    bool acts;           /* with a transport fault or a status: the site acts all the same */
    int status;          /* 0: the documented reply */
    const char *headers; /* further header lines, each ended by \n */
    const char *body;    /* instead of the documented one */
    usec delay;          /* before the site acts, besides the latency */
    usec hang;           /* before the reply, besides the latency */
    unsigned minutes;    /* the site grants so many, whatever is asked */
    bool no_expiry;      /* the documented reply, without expirationTime */
};

struct world_call {
    enum confluence_call call;
    unsigned minutes;
    usec sent_boot;
    usec site_expires_before; /* 0: no key was live */
};

struct world {
    struct policy_site site;
    struct interval interval; /* the one window of the policy */
    struct engine *engine;
    usec utc, boot;   /* utc - boot jumps with world_set_clock() */
    usec site_offset; /* the site's clock minus true time */
    usec true_minus_boot;
    usec latency; /* of each way */
    usec late;    /* each timer, as real ones are */
    struct random random;
    struct engine_effects effects;

    bool key_live;
    usec key_expires_site;
    usec site_gap, site_exposure; /* true time without the key inside, with it outside [from, until) */
    usec measured_boot;
    usec from_boot, until_boot; /* true window, for the measures */

    struct {
        bool pending, acted, abandoned;
        uint64_t id;
        enum confluence_call call;
        unsigned minutes;
        struct world_fault fault;
        usec sent_boot, acts_boot, replies_boot, site_now;
        struct confluence_reply reply;
    } flight;

    struct world_fault (*script)(struct world *world, enum confluence_call call, unsigned nth);
    unsigned n_of[N_CONFLUENCE_CALLS];
    struct world_call calls[WORLD_CALLS_MAX];
    size_t n_calls;
    struct report reports[WORLD_REPORTS_MAX];
    size_t n_reports;
    struct record records[WORLD_RECORDS_MAX];
    size_t n_records;
    bool ledger_fails;
    bool stopped, sleep_ready;
    struct ask_answer answer; /* to the last world_ask() */
};

/* A window [from, until) after the start of the world, in seconds; boot 1 h; both clocks right. */
struct world *world_new(int64_t from_s, int64_t until_s);
struct world *world_free(struct world *world);

/* Starts the engine (again): recalls the records so far. */
void world_start(struct world *world);
void world_step(struct world *world, const struct engine_event *event);
void world_wake(struct world *world);
void world_stop(struct world *world, bool restart);

struct ask_answer world_ask(struct world *world, const struct ask *ask);

/* Other intervals than the one window, before the world starts: their walls are microseconds after its start.
 */
void world_set_intervals(struct world *world, const struct interval *intervals, size_t n);

/* Runs all events up to that second after the start of the world. */
void world_run_to(struct world *world, double seconds);
/* The seconds since the start of the world. */
double world_seconds(const struct world *world, usec boot);
/* Moves this machine's clock by so much. The engine is woken. */
void world_set_clock(struct world *world, usec by);
/* Another actor gives the key a new life, or ends it (0). */
void world_other_actor(struct world *world, unsigned minutes);

struct site_status world_status(const struct world *world);
unsigned world_count_reports(const struct world *world, enum report_kind kind);
unsigned world_count_calls(const struct world *world, enum confluence_call call);
/* The n-th call of that kind, from 0; it must be there. When it was sent, in seconds. */
const struct world_call *world_call_of(const struct world *world, enum confluence_call call, unsigned n);
double world_call_at(const struct world *world, enum confluence_call call, unsigned n);

void assert_near(double value, double wanted, double tolerance);

#define WORLD_START_BOOT (USEC_PER_HOUR)
#define WORLD_START_UTC  INT64_C(1795420800000000) /* 2026-11-23T08:00:00Z */
