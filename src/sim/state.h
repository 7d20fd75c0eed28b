// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The inside of a world, shared by its files and nobody else:
 *   world.c     what comes next, and time between
 *   events.c    what a fault does when it begins and ends
 *   machine.c   one machine and its daemon: the engine's effects carried out
 *   calls.c     a call on its way, to the site and back
 *   asked.c     what people have asked for
 *   wanted.c    what the policy makes of that and of its hours, by the machine's clock and by the site's
 *   vows.c      what the daemon has been told, and may not do therefore
 *   judge.c     what the judge is told of all this
 */

#include "base/random.h"
#include "engine/engine.h"
#include "sim/clocks.h"
#include "sim/disk.h"
#include "sim/network.h"
#include "sim/world.h"

#define LATE_MAX 16

/* The call that a daemon waits for. */
struct flight {
    bool pending, arrived;
    uint64_t id;
    enum confluence_call call;
    unsigned minutes;
    usec believed_site;
    struct passage passage;
    usec sent_true, arrives_true, ends_true;
    usec stretch_ends_true; /* when it was sent */
    struct site_answer answer;
};

/* How long the key was on by the site's truth, for the limits of the policy. */
struct allowance {
    bool in_stretch;
    bool doubtful;                   /* what the daemon counted is gone, or dated by a clock that was set */
    usec doubtful_until_true;        /* cleared by the first stretch after that */
    usec stretch_used, day_used;     /* the key was on: all of it must be counted */
    usec stretch_wanted, day_wanted; /* it was wanted: no more may be counted */
    int32_t day;                     /* local date, by the machine's clock */
    bool may_be_over;                /* another has begun by one clock, and nobody knows that they differ */
    usec looks_true;                 /* when what is left changes what is wanted, at the latest */
};

/* What people have asked for, on the machine's boot clock. */
struct asked {
    struct asked_hold {
        uint64_t id;
        bool break_glass;
        usec until_boot;
    } holds[DEMAND_HOLDS_MAX];
    size_t n_holds;
    usec disabled_until_boot; /* 0: it is not */
    bool recalls;             /* while the disk is read */
};

/* What the daemon has been told, by which its calls are judged. */
struct vows {
    usec floor_true[N_CONFLUENCE_CALLS]; /* Retry-After; 0: none */
    usec first_key_true;  /* when it heard of a grant, and has wanted the key ever since; 0: not */
    enum verdict suspect; /* what it was last told in doubt, */
    unsigned suspected;   /* how often in a row, */
    usec suspected_true;  /* and since when */
    bool keeps;           /* it is to be restarted, and the key was wanted when it was told */
};

/* What the calendar said of an instant, and so of all up to its end. */
struct hours {
    const struct calendar *calendar;
    usec from_utc, until_utc;
    bool on;
};
#define HOURS_KEPT 4 /* what is now and what comes next, by two clocks */

struct machine {
    struct world *world;
    unsigned number; /* from 1 on */
    struct clocks clocks;
    usec mends_by; /* the boot clock minus true time, before it began to drift */
    struct disk disk;
    const struct policy_site *site;
    const struct policy_site *next_site; /* written while it stops, and read at the next start; NULL: none */
    struct engine *engine;               /* NULL: no daemon runs */
    struct site_status status;
    struct flight flight;
    bool doubt;  /* what came of its last POST, it does not know */
    bool misled; /* what it read of the key last was not so, */
    bool denied; /* or there was said to be none */
    bool asleep, stopping, restarting;
    bool locked;  /* its session */
    bool reboots; /* the next start is a boot */
    bool damaged; /* what the ledger lost is told at the next start */
    usec due_true, starts_true, sleeps_true, resumes_true, unlocks_true, inspect_true, disk_mends_true,
        drift_ends_true;
    usec recorded_true; /* when the disk has the intent that is being written, or has not; USEC_INFINITY: none
                         */
    struct engine_event recorded;
    usec settles_true;      /* until then grants end early: the clock was set, or the site was mean */
    usec heard_true;        /* when it last saw a Date, since it could know of the site's clock, */
    usec clock_doubt;       /* and how far off what it knew then may have been: at best, a round trip */
    usec rotated_true;      /* when the ledger began anew */
    usec stopped_for;       /* how long it stays down after a stop */
    uint64_t posted_intent; /* the newest that its POST was sent for */
    int64_t kill_after;     /* so many more effects; -1: not at all */
    bool kill_by_power;
    usec kill_lasts;
    usec proof_true;        /* when the site did what may prove that no key is live */
    bool looks;             /* `facts` is to be made anew */
    bool local_on, site_on; /* the policy by its clock, by the site's */
    usec stretch_true;      /* when the stretch began, by either, */
    bool stretch_is_odd;    /* to a daemon that starts it may have begun with the hours */
    usec granted_true;      /* and when a key that may count as granted came last */
    usec met_true;          /* when the POST was sent of the last key that it was told of */
    usec local_until_true, site_until_true;
    struct hours hours[HOURS_KEPT];
    size_t hours_next;
    struct asked asked;
    bool wanted; /* for the tally: exact, and not only where it must hold */
    struct allowance allowance;
    struct facts facts;
    struct vows vows;
    bool was_damaged; /* the ledger, when the daemon started */
};

#define SLEEP_DELAY (5 * USEC_PER_SEC) /* InhibitDelayMaxSec=, logind.conf(5) */

/* A request whose client has gone, and that will act all the same. */
struct late {
    struct flight flight;
    unsigned machine;
    usec gone_true;
};

struct world {
    struct world_settings settings;
    struct random random;
    usec now_true;
    struct site site;
    struct machine machines[WORLD_DAEMONS_MAX + 1]; /* from 1 on */
    struct late late[LATE_MAX];
    size_t n_late;
    size_t next_fault, first_open;
    struct invariants invariants;
    struct tally tally;
    struct engine_effects effects; /* of the step that is made: one at a time, and large */
};

/* machine.c */
int machine_start(struct machine *machine);
void machine_take_policy(struct machine *machine, const struct policy_site *site);
int machine_step(struct machine *machine, const struct engine_event *event);
int machine_wake(struct machine *machine);
int machine_recorded(struct machine *machine); /* an intent is on the disk, or could not be written */
int machine_replied(struct machine *machine);  /* the call that was waited for has ended */
void machine_kill(struct machine *machine, usec lasts);
void machine_fail_power(struct machine *machine, usec lasts);

/* A daemon runs, and time reaches it. */
static inline bool machine_is_awake(const struct machine *machine)
{
    return machine->engine && !machine->asleep;
}

/* vows.c: what policy and site forbid (rules 9, 10, 12, 13, 21, 22). */
void vows_begin(struct machine *machine); /* a daemon starts, and knows nothing of before */
void vows_hear(struct machine *machine, enum confluence_call call, const struct confluence_reply *reply);
void vows_step(struct machine *machine);
/* What is wrong with the verdict that it came to after a reply; NULL: nothing. */
const char *vows_hasty(const struct machine *machine, const struct confluence_reply *reply);
const char *vows_broken_by(const struct machine *machine, enum confluence_call call); /* NULL: none */

/* calls.c */
void calls_send(struct machine *machine, const struct engine_effect *effect);
void calls_arrive(struct machine *machine);
int calls_end(struct machine *machine, struct confluence_reply *ret_reply);
/* The client is gone: what is still on its way may act. */
void calls_leave(struct machine *machine);
void calls_act_late(struct world *world, size_t index);

/* asked.c */
/* A record that is made, or read back. Whether it is about what people ask for. */
bool asked_remember(struct machine *machine, const struct record *record);
struct asked_answer {
    bool held, disabled;
    usec glass_until_boot; /* 0: no break-glass */
    usec until_true;       /* when any of this changes next; USEC_INFINITY: never */
};
void asked_at(const struct machine *machine, usec at_true, struct asked_answer *ret_answer);

/* wanted.c */
void wanted_look(struct machine *machine);
/* How far the machine's clock and the site's are apart. */
usec wanted_disagreement(const struct machine *machine);
/* How far off what the daemon knows of the clocks' difference may be now; USEC_INFINITY: it knows nothing. */
usec wanted_clock_doubt(const struct machine *machine);
/* The end of the stretch that the daemon could know of now; USEC_INFINITY: none. */
usec wanted_stretch_end(const struct machine *machine);

/* Time passes, with a key that the machine issued and can know of, or not. */
void wanted_spend(struct machine *machine, usec spent, bool live);
/* What the daemon counted is gone, or dated by a clock that was set. */
void wanted_forget(struct machine *machine);
/* What the policy lets people ask for now. */
struct door wanted_door(const struct machine *machine);

/* events.c */
int events_begin(struct world *world, const struct fault *fault);

/* judge.c */
void judge_key(struct world *world); /* the site's key has changed */
void judge_excuse(struct machine *machine, usec gap_until, usec exposure_until);
