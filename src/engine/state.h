// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The inside of the engine, shared by its files and nobody else:
 *   engine.c   the step: what follows from goal and key
 *   plan.c     the next call, and when
 *   flight.c   how it leaves, and how one makes way for another
 *   replies.c  what a reply changes of that knowledge
 *   ask.c      what people ask for, at the door
 *   away.c     sleep, lock and network
 *   stop.c     the end
 *   tell.c     records and reports, in words
 *   memory.c   what the ledger brings back, and keeps
 *   status.c   the same knowledge, for people
 */

#include "base/random.h"
#include "engine/breaker.h"
#include "engine/engine.h"
#include "engine/goal.h"
#include "engine/key.h"
#include "engine/renewal.h"
#include "engine/retry.h"
#include "engine/site_clock.h"

#define ENGINE_TIMEOUT KEY_POST_TIME /* of one call */
#define ENGINE_POST_PATIENCE                                                                                 \
    (2 * USEC_PER_SEC) /* a POST under way when the goal turns off is waited for so long */
#define ENGINE_STOP_TIME   (20 * USEC_PER_SEC) /* to switch off before the daemon ends */
#define ENGINE_SLEEP_TIME  (4 * USEC_PER_SEC)  /* to switch off before the machine sleeps */
#define ENGINE_PROOF_TRIES 3                   /* DELETEs of courtesy where off is proved already */
#define ENGINE_TELL_AGAIN  USEC_PER_MINUTE     /* the same trouble is told no more often */
#define ENGINE_TOLD_MAX    16                  /* of which so many are remembered */

struct flight {
    uint64_t id; /* 0: no call is under way */
    enum confluence_call call;
    unsigned minutes;
    uint64_t intent; /* POST */
    usec sent_boot, sent_utc;
    usec give_up_boot; /* USEC_INFINITY: not before its reply */
};

struct engine {
    const struct policy_site *site;
    struct goal goal;
    usec goal_since_boot; /* when goal.on last changed */
    usec looked_boot;     /* when the goal was last looked at */
    bool has_goal;
    usec stretch_boot;    /* when the stretch began, where the goal is on */
    usec last_grant_boot; /* when a key was last granted to us; -USEC_INFINITY: none is known */
    struct demand demand;
    struct usage usage;
    usec counted_utc;
    usec counted_live_utc; /* the end of the last time that was counted */
    usec counted_boot;     /* up to when usage is counted; 0: not begun */
    usec stretch_utc;      /* when the stretch began that the limits count; 0: not known */
    struct {
        usec last_utc;                      /* of the newest intent: the stretch was on then */
        usec held_from_utc, held_until_utc; /* one or more holds, without a break */
        usec allowed_utc;                   /* when the last disable ended */
        usec counted_utc, until_utc;        /* usage: not counted between them, for want of a record */
    } recall;                               /* from the ledger */
    bool asleep, locked;
    bool sleep_told; /* ENGINE_EFFECT_SLEEP_READY */
    usec sleep_by_boot;
    usec network_boot; /* when the network last came up; 0: not heard of */
    struct key key;
    struct retry retry;
    struct breaker breaker;
    struct site_clock clock;
    struct flight flight;
    struct random random; /* seeded anew at each step */
    uint64_t last_request;
    struct {
        uint64_t id; /* 0: none */
        unsigned minutes;
        usec boot;     /* when it was */
    } recording;       /* the intent that is being written */
    usec deleted_boot; /* when a DELETE was last answered with 204; 0: never */
    usec assumed_boot; /* a 200 to POST named no expiry: where the key would end; 0: none such */
    bool has_read; /* a GET was answered since the start, a sleep, or the clocks' old tale began to count */
    bool off_read; /* a GET was answered since the goal turned off, or the key expired */
    bool off_deleted; /* a DELETE was, since the goal turned off */
    bool settled;
    bool damaged; /* the ledger may have forgotten a key of ours */
    bool stopping, stop_keeps, stopped;
    usec stop_by_boot;
    bool told_short, told_distrust, told_rate, told_foreign, told_unenforced, told_limit, recovering;
    struct {
        char detail[CONFLUENCE_DETAIL_MAX + 1];
        char request_id[CONFLUENCE_ID_MAX + 1];
        usec at_utc;
    } last_error;
    struct {
        uint64_t words; /* a digest; 0: none */
        usec boot;
    } told[ENGINE_TOLD_MAX]; /* a ring: trouble that the journal has heard of */
    size_t told_newest;
};

/* One step's surroundings, handed down as one. */
struct step {
    struct engine *engine;
    const struct instant *now;
    struct engine_effects *effects;
};

/* The next call, and when it is due. `none` leaves only due_boot (USEC_INFINITY: no call is planned). */
struct plan {
    bool none;
    enum confluence_call call;
    usec due_boot;
};

/* plan.c */
struct plan plan_next(const struct engine *engine, const struct instant *now);
usec plan_renewal(const struct engine *engine, const struct instant *now);
/* When the live key has surely ended, and when it may first have, on the boot clock. */
usec plan_key_gone(const struct engine *engine, const struct instant *now);
usec plan_key_expires(const struct engine *engine, const struct instant *now);
/* Whether a key was granted to us in this stretch. */
bool plan_has_granted(const struct engine *engine);
/* Whether the policy confines further POSTs of this stretch to its renewal windows; and whether the key has
 * lapsed for that, as wished. */
bool plan_is_confined(const struct engine *engine);
bool plan_is_lapsed(const struct engine *engine, const struct instant *now);
/* When the newest key that was granted to us ends, by the site's clock, or is taken to end where the site
 * named no expiry; 0: none is known. */
usec plan_granted_until(const struct engine *engine, const struct instant *now);
/* Until when one of ours may live at the latest, by the site's clock; 0: none may. */
usec plan_latest_expiry(const struct engine *engine, const struct instant *now);
/* Whether clocks that differed when last heard of may agree by now: no key is cut short, or held back, for an
 * old tale. */
bool plan_is_clock_stale(const struct engine *engine, const struct instant *now);
/* Whether this call is wanted no more, so that its failures mean nothing. */
bool plan_has_no_use(const struct engine *engine, const struct instant *now, enum confluence_call call);
/* Whether a key of ours may be live, as far as known. */
bool plan_may_be_ours(const struct engine *engine, const struct instant *now);

/* ask.c */
void ask_take(struct step *step, const struct ask *ask);

/* away.c */
void away_sleep(struct step *step);
void away_wake(struct step *step);
void away_overrule(struct engine *engine); /* the goal */
void away_finish(struct step *step);
bool away_rests(const struct engine *engine); /* nothing is to be begun before it wakes */
void away_network(struct step *step);

/* flight.c */
/* A POST leaves when its intent was written. */
void flight_begin(struct step *step, enum confluence_call call);
void flight_recorded(struct step *step, const struct engine_event *event);
void flight_yield(struct step *step); /* to what must not wait */

/* memory.c: since when there has been the stretch that the daemon starts in, and whether it is the one in
 * which it last ran. */
usec memory_stretch_since(const struct engine *engine, const struct instant *now);
bool memory_stretch_goes_on(const struct engine *engine, const struct instant *now);

/* replies.c */
void replies_take(struct step *step, const struct engine_event *event);
void replies_give_up(struct step *step);
void replies_forgive(struct step *step); /* failures of what is wanted no more */

/* stop.c */
void stop_begin(struct step *step, bool restart);
bool stop_is_done(const struct step *step, const struct plan *plan);
void stop_finish(struct step *step);

/* tell.c */
struct engine_effect *tell_effect(struct step *step, enum engine_effect_kind kind);
struct report *tell(struct step *step, enum report_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct record *tell_record(struct step *step, enum record_kind kind, uint64_t intent);
void tell_durable(struct step *step); /* the record that was told last */
const char *tell_cause(const struct engine *engine, char *buffer, size_t size);
void tell_hold(struct step *step, const struct hold *hold);
void tell_no_repeats(struct step *step); /* drops what was told within the minute, at the end of a step */
void tell_failure(struct step *step, enum confluence_call call, const struct confluence_reply *reply,
                  enum verdict verdict);
