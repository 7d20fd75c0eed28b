// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "sim/state.h"

#define LATENCY_LEAST (3 * USEC_PER_MSEC)
#define LATE_DELETES  (120 * USEC_PER_SEC) /* the last DELETE against a POST that was given up */
#define NO_EXPIRY                                                                                            \
    (10 * USEC_PER_MINUTE) /* a key that is read without its expiry is taken to live so long                 \
                            */
#define FAULT_DRIFTS (400 * USEC_PER_MSEC)
#define VERIFY_RETRY (75 * USEC_PER_SEC) /* a read, and the longest delay if it collides with a failure */
#define RETRY_OFF    (18 * USEC_PER_SEC)

static usec draw_latency(struct world *world)
{
    return random_between(&world->random, LATENCY_LEAST, WORLD_LATENCY_MOST);
}

/* The fault that strikes such a call now; NULL: none. */
static const struct fault *fault_of(struct world *world, const struct machine *machine,
                                    enum confluence_call call)
{
    const struct faults *faults = world->settings.faults;

    while (world->first_open < world->next_fault &&
           faults->list[world->first_open].at_true + faults->list[world->first_open].lasts <= world->now_true)
        world->first_open++;
    for (size_t i = world->first_open; i < world->next_fault; i++) {
        const struct fault *fault = &faults->list[i];

        if (fault->kind <= FAULT_LAST_OF_CALLS && fault->at_true + fault->lasts > world->now_true &&
            fault->calls & 1U << call && (fault->daemon == 0 || fault->daemon == machine->number))
            return fault;
    }
    return NULL;
}

/* A key of its own that came late, in the place of somebody else's that the daemon has read and leaves alone:
 * only another read tells. */
static bool is_hidden(const struct machine *machine)
{
    const struct site *site = &machine->world->site;

    return site->live && site->issuer == machine->number && site->sent_true != machine->met_true &&
           machine->status.foreign_expires_utc != STATUS_NEVER;
}

/* What this fault allows the daemon to be late by, from the call's end on. */
static void excuse(struct machine *machine, const struct flight *flight)
{
    const struct fault *fault = flight->passage.fault;
    usec on, off;

    if (!fault || fault->kind == FAULT_SHORT)
        return;
    on = flight->ends_true + network_retry_on(fault);
    off = flight->ends_true + network_retry_off(fault, flight->call);
    if (fault->kind == FAULT_NO_EXPIRY) {
        on += usec_max(NO_EXPIRY, machine->site->verify + VERIFY_RETRY); /* until it is read anew */
        if (flight->call == CONFLUENCE_GET &&
            machine->world->site.live) /* whose key it is, nobody can tell */
            off = site_key_ends(&machine->world->site);
    }
    if (flight->call == CONFLUENCE_GET && is_hidden(machine))
        off = on + RETRY_OFF;
    judge_excuse(machine, on, off);
}

void calls_send(struct machine *machine, const struct engine_effect *effect)
{
    struct world *world = machine->world;
    struct flight *flight = &machine->flight;
    enum confluence_call call = effect->request.call;
    const struct fault *fault = fault_of(world, machine, call);
    usec there = draw_latency(world), back = draw_latency(world);

    *flight = (struct flight){
        .pending = true,
        .id = effect->id,
        .call = call,
        .minutes = effect->request.minutes,
        .believed_site = effect->request.site_now,
        .passage = network_pass(fault, there, back, effect->request.timeout),
        .sent_true = world->now_true,
        .stretch_ends_true = wanted_stretch_end(machine),
    };
    flight->ends_true = world->now_true + flight->passage.ends_after;
    flight->arrives_true = flight->passage.arrives_after == USEC_INFINITY
                               ? USEC_INFINITY
                               : world->now_true + flight->passage.arrives_after;
    world->tally.calls[call]++;
    if (fault) {
        world->tally.failed[call]++;
        world->tally.last_fault = fault_name(fault->kind);
    }
    excuse(machine, flight);
    invariants_call(&world->invariants, machine->number, vows_broken_by(machine, call));
    if (call != CONFLUENCE_POST)
        return;
    machine->posted_intent = flight->id;
    invariants_post(&world->invariants, machine->number, flight->minutes,
                    machine->disk.synced_intent == flight->id);
}

static void disturb(struct machine *machine)
{
    struct world *world = machine->world;

    judge_excuse(machine, world->now_true + machine->site->verify + VERIFY_RETRY, 0);
    invariants_disturb(&world->invariants, machine->number);
}

/* Another daemon's doings are somebody else's to this one. */
static void disturb_others(struct machine *machine)
{
    struct world *world = machine->world;

    for (unsigned i = 1; i <= world->settings.n_daemons; i++) {
        struct machine *other = &world->machines[i];

        if (i != machine->number)
            disturb(other);
    }
}

/* What it has on record ends by a clock that it has not heard of since it started. */
static bool cannot_date(const struct machine *machine)
{
    return machine->clock_doubt == USEC_INFINITY && wanted_disagreement(machine) > USEC_PER_SEC;
}

static void act(struct machine *machine, struct flight *flight, bool late)
{
    struct world *world = machine->world;
    const struct fault *fault = flight->passage.fault;
    struct grant grant = {
        .daemon = machine->number,
        .sent_true = flight->sent_true,
        .stretch_ends_true = flight->stretch_ends_true,
        .slack = world->site.guesses.rounding == SITE_ROUNDS_UP ? USEC_PER_SEC : 0,
        .late = late,
        .whim = world->site.issued_steps != world->site.steps || (fault && fault->kind == FAULT_SHORT) ||
                machine->misled || cannot_date(machine),
        .before = world->invariants.truth,
    };

    flight->arrived = true;
    if (!flight->passage.acts) { /* what answers is not the site itself, but its clock is the same */
        flight->answer =
            (struct site_answer){.status = 500, .date_site = site_now(&world->site, world->now_true)};
        return;
    }
    flight->answer =
        site_act(&world->site, world->now_true, flight->call, flight->minutes,
                 fault && fault->kind == FAULT_SHORT ? (unsigned)fault->number : 0, machine->number);
    if (flight->call == CONFLUENCE_GET)
        return;
    disturb_others(machine);
    if (late && flight->call == CONFLUENCE_DELETE)
        disturb(machine);
    if (fault && fault->kind == FAULT_SHORT) {
        machine->settles_true = world->now_true + USEC_PER_HOUR;
        machine->looks = true;
    }
    trace_say(&world->settings.trace, world->now_true, 0, "the site acts on daemon %u's %s%s",
              machine->number, confluence_method(flight->call),
              late ? ", which nobody waits for any more" : "");
    if (flight->call == CONFLUENCE_POST) {
        world->site.late = late;
        world->site.sent_true = flight->sent_true;
        world->site.stretch_ends_true = flight->stretch_ends_true;
        machine->granted_true = world->now_true;
        machine->looks = true;
        wanted_look(machine);
    }
    judge_key(world);
    if (flight->call != CONFLUENCE_POST)
        return;
    grant.ends_true = site_key_ends(&world->site);
    if (machine->clocks.ppm != 0)
        grant.slack += FAULT_DRIFTS;
    if (!world->site.guesses.keeps_longer || grant.ends_true != grant.before.ends_true)
        invariants_grant(&world->invariants, &grant);
}

void calls_arrive(struct machine *machine)
{
    act(machine, &machine->flight, false);
}

void calls_leave(struct machine *machine)
{
    struct world *world = machine->world;
    struct flight *flight = &machine->flight;

    if (flight->pending && !flight->arrived && flight->arrives_true != USEC_INFINITY &&
        world->n_late < LATE_MAX)
        world->late[world->n_late++] =
            (struct late){.flight = *flight, .machine = machine->number, .gone_true = world->now_true};
    flight->pending = false;
}

void calls_act_late(struct world *world, size_t index)
{
    struct late late = world->late[index];
    struct machine *machine = &world->machines[late.machine];
    struct stepped stepped = {
        .daemon = late.machine, .status = &machine->status, .proof_true = machine->proof_true};

    memmove(world->late + index, world->late + index + 1, (world->n_late - index - 1) * sizeof(late));
    world->n_late--;
    if (late.flight.call == CONFLUENCE_POST)
        judge_excuse(machine, world->now_true + LATE_DELETES + VERIFY_RETRY,
                     world->now_true + LATE_DELETES + RETRY_OFF);
    act(machine, &late.flight, true);
    if (world->invariants.wards[late.machine].lost_true >= late.flight.sent_true)
        disturb(machine); /* it does not know of it any more */
    if (is_hidden(machine))
        judge_excuse(machine, 0, machine->vows.floor_true[CONFLUENCE_GET] + RETRY_OFF);
    if (machine->engine)
        invariants_proof(&world->invariants, &stepped);
}

/* A Date has told the daemon of the site's clock. */
static void learn_clock(struct machine *machine, usec round_trip)
{
    usec doubt = wanted_clock_doubt(machine), now = machine->world->now_true;

    if (doubt != USEC_INFINITY && doubt > round_trip + USEC_PER_SEC)
        judge_excuse(machine, now, now); /* what it could not know better until now */
    machine->looks |= round_trip < doubt;
    machine->clock_doubt = usec_min(round_trip, doubt);
    machine->heard_true = now;
}

/* A read that tells of no key, or of no expiry, where the site has one. */
static bool misleads(const struct flight *flight)
{
    const struct fault *fault = flight->passage.fault;

    return flight->call == CONFLUENCE_GET && fault &&
           (fault->kind == FAULT_STATUS || fault->kind == FAULT_NO_EXPIRY);
}

/* A key of its own that it did not know of is the first of the stretch that it is read in. */
static void meet_key(struct machine *machine, const struct flight *flight)
{
    const struct site *site = &machine->world->site;
    usec sent_true = flight->call == CONFLUENCE_POST ? flight->sent_true : site->sent_true;

    if (flight->call == CONFLUENCE_GET && site->issuer == machine->number && sent_true != machine->met_true) {
        machine->granted_true = machine->world->now_true;
        machine->looks = true;
    }
    machine->met_true = sent_true;
}

int calls_end(struct machine *machine, struct confluence_reply *ret_reply)
{
    struct world *world = machine->world;
    struct flight flight = machine->flight;
    int r;

    r = network_reply(&flight.passage, flight.call, &flight.answer, flight.believed_site, ret_reply);
    if (r < 0)
        return r;
    calls_leave(machine);
    flight.ends_true = world->now_true; /* or later than was thought, if the machine slept */
    excuse(machine, &flight);
    if (flight.call == CONFLUENCE_POST) {
        invariants_heard(&world->invariants, machine->number);
        machine->doubt = ret_reply->verdict != VERDICT_DONE && flight.passage.acts;
    }
    if (flight.call != CONFLUENCE_DELETE && ret_reply->verdict == VERDICT_DONE) {
        machine->misled = misleads(&flight);
        machine->denied = !ret_reply->has_key && world->site.live;
    }
    if (machine->misled)
        invariants_disturb(&world->invariants, machine->number);
    if (flight.call != CONFLUENCE_DELETE && ret_reply->verdict == VERDICT_DONE && ret_reply->has_key)
        meet_key(machine, &flight);
    if (ret_reply->has_date && flight.arrives_true >= world->site.stepped_true)
        learn_clock(machine, world->now_true - flight.sent_true);
    if (ret_reply->verdict == VERDICT_DONE && flight.passage.acts &&
        !(flight.call == CONFLUENCE_GET && ret_reply->has_key))
        machine->proof_true = flight.arrives_true;
    wanted_look(machine);
    vows_hear(machine, flight.call, ret_reply);
    return 0;
}
