// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/state.h"

#define VERIFY_AND_RETRY                                                                                     \
    (75 * USEC_PER_SEC) /* a read, and the longest delay if it collides with a failure                       \
                         */
#define KEY_LIFE (62 * USEC_PER_MINUTE)

/* The file is gone, or part of it: what the daemon sent before is unknown to it, and so is the key. */
static void spoil_ledger(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;

    machine->flight.pending = false; /* what is on its way is lost, too */
    machine_kill(machine, fault->lasts);
    if (fault->kind == FAULT_LEDGER_LOST)
        disk_lose(&machine->disk);
    else
        disk_damage(&machine->disk, &world->random);
    invariants_lost(&world->invariants, machine->number);
    wanted_forget(machine);
    judge_excuse(machine, 0, world->now_true + KEY_LIFE);
}

static int stop(struct machine *machine, const struct fault *fault)
{
    struct engine_event event = {.kind = ENGINE_STOP, .restart = fault->kind == FAULT_RESTART};

    if (!machine_is_awake(machine) || machine->stopping)
        return 0;
    machine->stopping = true;
    machine->restarting = event.restart;
    machine->vows.keeps = event.restart && machine->status.goal_on;
    machine->stopped_for = fault->lasts;
    machine->looks = true;
    wanted_look(machine);
    return machine_step(machine, &event);
}

static int reload(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;
    struct engine_event event = {.kind = ENGINE_POLICY};

    if ((size_t)fault->number >= world->settings.n_policies)
        return 0;
    event.site = world->settings.policies[fault->number];
    if (machine->engine && machine->stopping) { /* it reads no more */
        machine->next_site = event.site;
        return 0;
    }
    machine_take_policy(machine, event.site);
    wanted_look(machine);
    machine->stretch_is_odd |= machine->stretch_true == world->now_true || !machine->engine;
    judge_excuse(machine, world->now_true, world->now_true);
    /* What is not seen yet is read when the new policy says. */
    if (world->invariants.wards[machine->number].excused_gap > world->now_true)
        judge_excuse(machine, world->now_true + machine->site->verify + VERIFY_AND_RETRY, 0);
    return machine->engine && !machine->stopping ? machine_step(machine, &event) : 0;
}

/* The daemon is told, and has the time of logind's delay; then the machine sleeps. */
static int suspend(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;
    usec resumes = world->now_true + SLEEP_DELAY + fault->lasts;

    if (machine->resumes_true == USEC_INFINITY || resumes > machine->resumes_true)
        machine->resumes_true = resumes;
    if (machine->asleep || machine->sleeps_true != USEC_INFINITY)
        return 0;
    machine->sleeps_true = world->now_true + (machine->engine ? SLEEP_DELAY : 0);
    machine->looks = true;
    wanted_look(machine);
    return machine->engine ? machine_step(machine, &(struct engine_event){.kind = ENGINE_SLEEP}) : 0;
}

/* The daemon is told at once, and again when it starts while the session is locked. */
static int lock(struct machine *machine, const struct fault *fault)
{
    usec unlocks = machine->world->now_true + fault->lasts;

    if (machine->asleep)
        return 0;
    if (machine->unlocks_true == USEC_INFINITY || unlocks > machine->unlocks_true)
        machine->unlocks_true = unlocks;
    machine->locked = true;
    machine->looks = true;
    wanted_look(machine);
    return machine_is_awake(machine) ? machine_step(machine, &(struct engine_event){.kind = ENGINE_LOCKED})
                                     : 0;
}

static int set_clock(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;

    clocks_step(&machine->clocks, fault->number * USEC_PER_SEC);
    machine->looks = true;
    invariants_forgot(&world->invariants, machine->number);
    wanted_forget(machine);
    wanted_look(machine);
    /* An intent is dated by the clock: after it was set, nobody can tell whose an unread key is. */
    judge_excuse(machine, world->now_true,
                 world->site.live && machine->doubt ? site_key_ends(&world->site) : world->now_true);
    return machine_is_awake(machine) ? machine_wake(machine) : 0;
}

static void drift(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;
    bool armed = machine->due_true != USEC_INFINITY;
    usec due_boot = armed ? clocks_boot(&machine->clocks, machine->due_true) : USEC_INFINITY;

    if (machine->clocks.ppm == 0)
        machine->mends_by = clocks_boot(&machine->clocks, world->now_true) - world->now_true;
    clocks_drift(&machine->clocks, world->now_true, (int)fault->number);
    machine->due_true = clocks_when(&machine->clocks, due_boot); /* the timer waits for the clock */
    machine->drift_ends_true = world->now_true + fault->lasts;
    machine->looks = true;
}

/* Somebody at the door. */
static int ask(struct machine *machine, const struct fault *fault)
{
    static const enum cause_kind kinds[N_FAULT_KINDS] = {
        [FAULT_HOLD] = CAUSE_HOLD, [FAULT_RUN] = CAUSE_RUN, [FAULT_BREAK_GLASS] = CAUSE_BREAK_GLASS};
    usec utc = clocks_utc(&machine->clocks, machine->world->now_true);
    struct ask ask = {
        .what = fault->kind == FAULT_DISABLE  ? ASK_DISABLE
                : fault->kind == FAULT_RESUME ? ASK_RESUME
                                              : ASK_HOLD,
        .kind = kinds[fault->kind],
        .length = fault->number * USEC_PER_MINUTE,
        .until_utc = fault->number > 0 ? utc + fault->number * USEC_PER_MINUTE : USEC_INFINITY,
        .by = "somebody",
        .reason = fault_name(fault->kind),
    };

    if (!machine_is_awake(machine) || machine->stopping)
        return 0;
    return machine_step(machine, &(struct engine_event){.kind = ENGINE_ASK, .ask = &ask});
}

static int befall_machine(struct machine *machine, const struct fault *fault)
{
    struct world *world = machine->world;

    switch (fault->kind) {
    case FAULT_CLOCK_STEP: return set_clock(machine, fault);
    case FAULT_DRIFT: drift(machine, fault); break;
    case FAULT_SUSPEND: return suspend(machine, fault);
    case FAULT_LOCK: return lock(machine, fault);
    case FAULT_CRASH: machine_kill(machine, fault->lasts); break;
    case FAULT_KILL:
    case FAULT_POWER_CUT:
        machine->kill_after = fault->number;
        machine->kill_by_power = fault->kind == FAULT_POWER_CUT;
        machine->kill_lasts = fault->lasts;
        break;
    case FAULT_POWER_LOSS: machine_fail_power(machine, fault->lasts); break;
    case FAULT_STOP:
    case FAULT_RESTART: return stop(machine, fault);
    case FAULT_RELOAD: return reload(machine, fault);
    case FAULT_DISK_FULL:
        machine->disk.full = true;
        machine->disk_mends_true = world->now_true + fault->lasts;
        break;
    case FAULT_LEDGER_LOST:
    case FAULT_LEDGER_DAMAGED: spoil_ledger(machine, fault); break;
    case FAULT_NETWORK:
        return machine_is_awake(machine)
                   ? machine_step(machine, &(struct engine_event){.kind = ENGINE_NETWORK})
                   : 0;
    case FAULT_HOLD:
    case FAULT_RUN:
    case FAULT_BREAK_GLASS:
    case FAULT_DISABLE:
    case FAULT_RESUME: return ask(machine, fault);
    default: break;
    }
    return 0;
}

/* Somebody else's hand: what the daemon knows of the key is wrong until it reads it again. */
static void befall_key(struct world *world, const struct fault *fault)
{
    enum confluence_call call = fault->kind == FAULT_FOREIGN_ON ? CONFLUENCE_POST : CONFLUENCE_DELETE;

    site_act(&world->site, world->now_true, call, (unsigned)fault->number, 0, SITE_SOMEBODY_ELSE);
    judge_key(world);
    for (unsigned i = 1; i <= world->settings.n_daemons; i++) {
        struct machine *machine = &world->machines[i];

        judge_excuse(machine, world->now_true + machine->site->verify + VERIFY_AND_RETRY, 0);
        /* Where it is adopted, or fits a POST of ours, it is the first key, also of a stretch that begins
         * while it lives. */
        if (call == CONFLUENCE_POST && world->site.live)
            machine->granted_true = site_key_ends(&world->site);
        machine->looks = true;
        invariants_disturb(&world->invariants, machine->number);
    }
}

static void befall_site_clock(struct world *world, const struct fault *fault)
{
    site_set_clock(&world->site, world->now_true, fault->number * USEC_PER_SEC);
    judge_key(world);
    for (unsigned i = 1; i <= world->settings.n_daemons; i++) {
        struct machine *machine = &world->machines[i];

        machine->clock_doubt = USEC_INFINITY;
        machine->looks = true;
        wanted_forget(machine); /* the stretch begins and ends otherwise */
        wanted_look(machine);
        judge_excuse(machine, world->now_true + machine->site->verify + VERIFY_AND_RETRY,
                     world->site.live ? site_key_ends(&world->site)
                                      : 0); /* whose key it is, nobody can tell */
    }
}

int events_begin(struct world *world, const struct fault *fault)
{
    unsigned number = fault->daemon > 0 ? fault->daemon : 1;

    world->tally.faults++;
    if (fault->kind <= FAULT_LAST_OF_CALLS) /* strikes when a call is made */
        return 0;
    world->tally.last_fault = fault_name(fault->kind);
    trace_say(&world->settings.trace, world->now_true, 0, "%s %lld for %lld s", fault_name(fault->kind),
              (long long)fault->number, (long long)(fault->lasts / USEC_PER_SEC));
    switch (fault->kind) {
    case FAULT_FOREIGN_ON:
    case FAULT_FOREIGN_OFF: befall_key(world, fault); return 0;
    case FAULT_SITE_CLOCK: befall_site_clock(world, fault); return 0;
    default: break;
    }
    return number <= world->settings.n_daemons ? befall_machine(&world->machines[number], fault) : 0;
}
