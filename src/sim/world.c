// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/state.h"

static void init_machine(struct world *world, unsigned number)
{
    struct machine *machine = &world->machines[number];

    *machine = (struct machine){
        .world = world,
        .number = number,
        .site = world->settings.policies[0],
        .due_true = USEC_INFINITY,
        .recorded_true = USEC_INFINITY,
        .starts_true = world->now_true,
        .sleeps_true = USEC_INFINITY,
        .resumes_true = USEC_INFINITY,
        .unlocks_true = USEC_INFINITY,
        .inspect_true = USEC_INFINITY,
        .disk_mends_true = USEC_INFINITY,
        .drift_ends_true = USEC_INFINITY,
        .kill_after = -1,
        .clock_doubt = USEC_INFINITY,
        .looks = true,
    };
    clocks_begin(&machine->clocks, world->now_true, 0);
    disk_init(&machine->disk);
}

int world_new(const struct world_settings *settings, struct world **ret_world)
{
    struct world *world = calloc(1, sizeof(*world));

    if (!world)
        return -ENOMEM;
    world->settings = *settings;
    world->random.state = settings->seed;
    world->now_true = settings->from_true;
    world->site.guesses = settings->guesses;
    invariants_init(&world->invariants, settings->n_daemons, world->now_true);
    world->invariants.unjudged = settings->strategy;
    for (unsigned i = 1; i <= settings->n_daemons; i++)
        init_machine(world, i);
    *ret_world = world;
    return 0;
}

struct world *world_free(struct world *world)
{
    if (world) {
        for (unsigned i = 1; i <= world->settings.n_daemons; i++) {
            engine_free(world->machines[i].engine);
            disk_done(&world->machines[i].disk);
        }
        free(world);
    }
    return NULL;
}

const struct breach *world_breach(const struct world *world)
{
    return &world->invariants.breach;
}

const struct tally *world_tally(const struct world *world)
{
    return &world->tally;
}

uint64_t world_digest(const struct world *world)
{
    return world->settings.trace.digest;
}

/* what comes next */

static void sooner(usec *next, usec at)
{
    if (at < *next)
        *next = at;
}

static void next_of_machine(const struct machine *machine, usec *next)
{
    sooner(next, machine->local_until_true);
    sooner(next, machine->site_until_true);
    if (machine->allowance.looks_true > machine->world->now_true)
        sooner(next, machine->allowance.looks_true);
    sooner(next, machine->inspect_true);
    sooner(next, machine->sleeps_true);
    sooner(next, machine->resumes_true);
    sooner(next, machine->unlocks_true);
    sooner(next, machine->disk_mends_true);
    sooner(next, machine->drift_ends_true);
    if (machine->flight.pending && !machine->flight.arrived)
        sooner(next, machine->flight.arrives_true);
    if (machine->asleep)
        return;
    sooner(next, machine->starts_true);
    if (!machine->engine)
        return;
    sooner(next, machine->due_true);
    sooner(next, machine->recorded_true);
    if (machine->flight.pending)
        sooner(next, machine->flight.ends_true);
}

static usec find_next(const struct world *world, usec until)
{
    const struct faults *faults = world->settings.faults;
    usec next = until;

    sooner(&next, site_key_ends(&world->site));
    if (world->next_fault < faults->n)
        sooner(&next, faults->list[world->next_fault].at_true);
    for (unsigned i = 1; i <= world->settings.n_daemons; i++)
        next_of_machine(&world->machines[i], &next);
    for (size_t i = 0; i < world->n_late; i++)
        sooner(&next, world->late[i].flight.arrives_true);
    return next < world->now_true ? world->now_true : next;
}

/* What an instant draws depends on the seed and the instant alone, so that a fault that is left out changes
 * nothing but what it caused. */
static void seed_instant(struct world *world)
{
    struct random random = {.state = world->settings.seed ^ (uint64_t)world->now_true};

    world->random.state = random_next(&random);
}

static void pass(struct world *world, usec to)
{
    const struct facts *facts = &world->machines[1].facts;
    bool live = world->site.live;
    struct tally_state state = {
        .wanted = world->machines[1].wanted && facts->enforces && (live || !facts->confined),
        .live = live,
        .exposed = live && world->site.issuer == 1 && !facts->allowed,
        .up = machine_is_awake(&world->machines[1]),
    };

    invariants_pass(&world->invariants, to);
    tally_pass(&world->tally, world->now_true, to, &state);
    for (unsigned i = 1; i <= world->settings.n_daemons; i++)
        wanted_spend(&world->machines[i], to - world->now_true,
                     live && !world->site.late && world->site.issuer == i);
    if (to != world->now_true) {
        world->now_true = to;
        seed_instant(world);
    }
}

static void inspect(struct machine *machine)
{
    struct world *world = machine->world;
    struct site_status status;
    struct instant now = {
        .utc = clocks_utc(&machine->clocks, world->now_true),
        .boot = clocks_boot(&machine->clocks, world->now_true),
    };

    machine->inspect_true = USEC_INFINITY;
    if (!machine_is_awake(machine))
        return;
    engine_status(machine->engine, &now, &status);
    machine->inspect_true = invariants_progress(&world->invariants, machine->number, &status);
}

static void fall_asleep(struct machine *machine)
{
    clocks_sleep(&machine->clocks, machine->world->now_true);
    machine->asleep = true;
    machine->sleeps_true = USEC_INFINITY;
    machine->looks = true;
}

static int wake_up(struct machine *machine)
{
    usec now = machine->world->now_true;
    struct flight *flight = &machine->flight;

    machine->resumes_true = USEC_INFINITY;
    machine->looks = true;
    if (machine->asleep) {
        if (flight->pending &&
            flight->passage.transport == TRANSPORT_TIMED_OUT) /* curl's clock is monotonic */
            flight->ends_true += clocks_boot(&machine->clocks, now) - machine->clocks.slept_boot;
        clocks_resume(&machine->clocks, now);
        machine->asleep = false;
    }
    machine->sleeps_true = USEC_INFINITY;
    judge_excuse(machine, flight->pending ? flight->ends_true : now,
                 flight->pending ? flight->ends_true : now);
    wanted_look(machine);
    return machine_is_awake(machine) ? machine_step(machine, &(struct engine_event){.kind = ENGINE_AWAKE})
                                     : 0;
}

static int unlock(struct machine *machine)
{
    if (machine->asleep) {
        machine->unlocks_true = machine->resumes_true;
        return 0;
    }
    machine->unlocks_true = USEC_INFINITY;
    machine->locked = false;
    machine->looks = true;
    wanted_look(machine);
    return machine_is_awake(machine) ? machine_step(machine, &(struct engine_event){.kind = ENGINE_UNLOCKED})
                                     : 0;
}

/* What a fault has changed is mended. */
static int mend(struct machine *machine)
{
    usec now = machine->world->now_true;

    if (now >= machine->disk_mends_true) {
        machine->disk.full = false;
        machine->disk_mends_true = USEC_INFINITY;
    }
    if (now >= machine->drift_ends_true) {
        clocks_drift(&machine->clocks, now, 0);
        clocks_step(&machine->clocks, machine->mends_by - (clocks_boot(&machine->clocks, now) - now));
        machine->drift_ends_true = USEC_INFINITY;
        machine->looks = true;
        invariants_forgot(&machine->world->invariants, machine->number);
        wanted_forget(machine);
        machine->settles_true = now + USEC_PER_HOUR;
        return machine_is_awake(machine) ? machine_wake(machine) : 0;
    }
    if (now >= machine->sleeps_true)
        fall_asleep(machine);
    return now >= machine->resumes_true ? wake_up(machine) : 0;
}

/* The machine's next thing that is due; what it brings about may be due at once, too. */
static int run_machine(struct machine *machine)
{
    usec now = machine->world->now_true;
    struct flight *flight = &machine->flight;
    int r = 0;

    wanted_look(machine);
    if (now >= machine->disk_mends_true || now >= machine->drift_ends_true || now >= machine->sleeps_true ||
        now >= machine->resumes_true)
        r = mend(machine);
    if (r == 0 && now >= machine->unlocks_true)
        r = unlock(machine);
    if (r == 0 && flight->pending && !flight->arrived && now >= flight->arrives_true)
        calls_arrive(machine);
    if (now >= machine->inspect_true)
        inspect(machine);
    if (r < 0 || machine->asleep)
        return r;
    if (!machine->engine && now >= machine->starts_true)
        r = machine_start(machine);
    else if (machine->engine && now >= machine->recorded_true)
        r = machine_recorded(machine);
    else if (machine->engine && flight->pending && now >= flight->ends_true)
        r = machine_replied(machine);
    else if (machine->engine && now >= machine->due_true)
        r = machine_wake(machine);
    wanted_look(machine);
    return r;
}

static int run_now(struct world *world)
{
    const struct faults *faults = world->settings.faults;
    int r = 0;

    if (world->now_true >= site_key_ends(&world->site)) {
        site_pass(&world->site, world->now_true);
        judge_key(world);
    }
    for (unsigned i = 1; i <= world->settings.n_daemons; i++)
        wanted_look(&world->machines[i]);
    while (r == 0 && world->next_fault < faults->n &&
           faults->list[world->next_fault].at_true <= world->now_true)
        r = events_begin(world, &faults->list[world->next_fault++]);
    for (size_t i = world->n_late; i-- > 0;)
        if (i < world->n_late && world->late[i].flight.arrives_true <= world->now_true)
            calls_act_late(world, i);
    for (unsigned i = 1; i <= world->settings.n_daemons && r == 0; i++)
        r = run_machine(&world->machines[i]);
    return r;
}

int world_run(struct world *world, usec until_true)
{
    int r = 0;

    if (until_true > world->settings.until_true)
        until_true = world->settings.until_true;
    while (r == 0 && world->invariants.breach.invariant == 0 && world->now_true < until_true) {
        pass(world, find_next(world, until_true));
        r = run_now(world);
    }
    return r == 0 && world->invariants.breach.invariant != 0 ? WORLD_BROKEN : r;
}
