// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What must hold whatever happens, held against the site's truth: the invariants, each a small function
 * over plain facts. Whoever runs a world tells what happened, in order; nothing here asks the engine what it
 * believes but for I5, I6 and I8, which are about just that. The allowed exceptions are instants until which
 * a gap or an exposure is excused: each follows from a fault that struck and from the rule that says how long
 * the daemon may take after it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "confluence/confluence.h"
#include "engine/engine.h"

enum invariant {
    INVARIANT_EXPOSURE = 1,
    INVARIANT_COVERAGE,
    INVARIANT_MINUTES,
    INVARIANT_RATE,
    INVARIANT_PROOF,
    INVARIANT_RECORD,
    INVARIANT_SECRETS,
    INVARIANT_PROGRESS,
    INVARIANT_DETERMINISM, /* held by whoever runs a world twice */
    INVARIANT_BOUNDED,
    INVARIANT_OBEDIENCE, /* no call goes out that the policy or the site forbids */
};

#define INVARIANTS_DAEMONS_MAX   4
#define INVARIANTS_TEXT_MAX      255
#define INVARIANTS_DISTURBED_MAX 160
#define INVARIANTS_POSTS_MAX     160 /* of one daemon, remembered: more than the breaker lets pass in an hour */

/* What a daemon may take when nothing strikes: its timers, and the round trips of a read and a switch. */
#define INVARIANTS_GRACE    (4 * USEC_PER_SEC)
#define INVARIANTS_PROGRESS (120 * USEC_PER_SEC + INVARIANTS_GRACE) /* a last DELETE is due after 120 s */

/* Clocks within two seconds count as one. */
#define INVARIANTS_SAME_CLOCK (2500 * USEC_PER_MSEC)

struct breach {
    enum invariant invariant; /* 0: none */
    usec at_true;
    unsigned daemon;
    char text[INVARIANTS_TEXT_MAX + 1];
};

/* The site's one key, as it is. */
struct truth {
    bool live;
    unsigned issuer; /* 0: somebody else; else the daemon */
    usec sent_true;  /* by a daemon: the POST that it came of */
    usec granted_true;
    usec ends_true;
    bool late;              /* its client had given up, and does not know of it */
    usec stretch_ends_true; /* of the stretch that it was asked for in; USEC_INFINITY: open, or not known */
};

/* One daemon, its machine, and what its policy says now. Between two calls of invariants_pass() nothing of
 * this changes. */
struct facts {
    bool up; /* it runs, is not to stop, and its machine is awake */
    bool enforces;
    bool required; /* the key is to be on, by its clock and by the site's */
    bool allowed;  /* the key may be on, by its clock or by the site's */
    bool confined; /* to renewal windows: a lapse is as wished */
    usec required_until_true;
    usec allowed_from_true; /* where it is not allowed: from when on the daemon may think that it is */
    usec end_slack;         /* how much earlier than the stretch a key may end, for the clocks */
    unsigned duration_minutes;
};

struct post {
    usec sent_true, acted_true; /* acted_true: USEC_INFINITY while it has not */
    usec heard_true;            /* when the daemon learned what came of it; until then, when it was sent */
    unsigned most_grants;       /* in an hour, by the duration of then */
};

struct ward {
    struct facts facts;
    usec required_since, gap_since, exposed_since; /* USEC_INFINITY: is not so */
    usec excused_gap, excused_exposure;            /* until then */
    usec lost_true;                                /* when its ledger, or a part of it, was last lost */
    usec memory_since;                             /* its ledger is whole, and its clock was not set, since */
    usec
        disturbed_true[INVARIANTS_DISTURBED_MAX]; /* when somebody else switched it, or a read lied: a ring */
    size_t disturbed_newest;
    usec changed_true;                       /* when required or allowed changed last */
    enum site_state state;                   /* as the daemon tells it, */
    usec state_true;                         /* since then */
    struct post posts[INVARIANTS_POSTS_MAX]; /* a ring */
    size_t newest;
    usec crowd_true; /* the steps of one instant, */
    unsigned crowd;
    usec throng_true; /* and of one minute */
    unsigned throng;
};

struct invariants {
    usec now_true;
    unsigned n_daemons;
    bool unjudged; /* nothing is held against anything */
    struct truth truth;
    usec turned_true;                              /* when it went on or off last */
    struct ward wards[INVARIANTS_DAEMONS_MAX + 1]; /* from 1 on */
    struct breach breach;                          /* the first */
};

void invariants_init(struct invariants *invariants, unsigned n_daemons, usec now_true);

/* One is broken; the first counts. */
void invariants_break(struct invariants *invariants, enum invariant invariant, unsigned daemon,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Time passes while nothing changes (I1, I2). */
void invariants_pass(struct invariants *invariants, usec to_true);

/* Something has changed, as of now. */
void invariants_key(struct invariants *invariants, const struct truth *truth);
void invariants_facts(struct invariants *invariants, unsigned daemon, const struct facts *facts);

/* A gap, or an exposure, is excused until then. */
void invariants_excuse_gap(struct invariants *invariants, unsigned daemon, usec until_true);
void invariants_excuse_exposure(struct invariants *invariants, unsigned daemon, usec until_true);
/* What the daemon knew of its own POSTs is gone, or dated by a clock that was set. */
void invariants_forgot(struct invariants *invariants, unsigned daemon);
/* And nobody can know of it any more: the ledger, or a part of it, is gone. */
void invariants_lost(struct invariants *invariants, unsigned daemon);

/* Somebody else switched the key off, so that a read tells less of what became of a POST. */
void invariants_disturb(struct invariants *invariants, unsigned daemon);

/* A call leaves the daemon (I11); `wrong`: what forbids it, NULL: nothing does. */
void invariants_call(struct invariants *invariants, unsigned daemon, const char *wrong);

/* A POST leaves the daemon (I1, I3, I4, I6). */
void invariants_post(struct invariants *invariants, unsigned daemon, unsigned minutes,
                     bool intent_is_durable);

/* And the daemon learns what came of it, be it that no reply came. */
void invariants_heard(struct invariants *invariants, unsigned daemon);

/* The daemon died between an intent and its POST: to it, one may have been sent. */
void invariants_ghost(struct invariants *invariants, unsigned daemon);

/* A POST arrives and acts (I1, I3, I4). */
struct grant {
    unsigned daemon;
    usec sent_true;
    usec ends_true;         /* of the new key */
    usec stretch_ends_true; /* when it was sent, as far as the daemon could know; USEC_INFINITY: open */
    usec slack;             /* for the site's rounding, and clocks that drift */
    bool late;              /* the client had given it up */
    bool whim;              /* the site set its clock since the last grant, or cuts this one */
    struct truth before;
};
void invariants_grant(struct invariants *invariants, const struct grant *grant);

/* What the policy lets people ask for: so long at most, and but for break-glass until then. */
struct door {
    usec now_utc;
    usec most;
    usec until_utc;
};

/* A step was made (I1, I5, I6, I7, I10; invariants_step.c). */
struct stepped {
    unsigned daemon;
    const struct engine_event *event;
    enum confluence_call call; /* of the reply, where the event is one */
    bool late;                 /* and nobody waited for it any more */
    const struct engine_effects *effects;
    usec now_boot;
    const struct site_status *status; /* after it */
    usec proof_true;                  /* when the site did what the daemon takes for proof: of others' keys
                                         only those granted earlier count against it */
    const char *secret;               /* that must not come up anywhere */
    struct door door;                 /* where somebody asks for something */
};
void invariants_step(struct invariants *invariants, const struct stepped *stepped);
/* The key changed without a step: I5 alone, by `daemon`, `status` and `proof_true`. */
void invariants_proof(struct invariants *invariants, const struct stepped *stepped);

/* The machine may sleep, says the daemon, and was to leave no key of its own (I1). */
void invariants_asleep(struct invariants *invariants, unsigned daemon);

/* The daemon has ended, and was to leave no key of its own. */
void invariants_stopped(struct invariants *invariants, unsigned daemon);

/* Calm has lasted: is the daemon where it should be (I8)? Returns when it is to be asked again where calm has
 * not lasted long enough; USEC_INFINITY: answered. */
usec invariants_progress(struct invariants *invariants, unsigned daemon, const struct site_status *status);
