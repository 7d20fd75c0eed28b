// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <string.h>

#include "sim/state.h"

static struct instant read_instant(struct machine *machine)
{
    usec now = machine->world->now_true;

    return (struct instant){
        .utc = clocks_utc(&machine->clocks, now),
        .boot = clocks_boot(&machine->clocks, now),
        .random = random_next(&machine->world->random),
    };
}

#define SLEEP_PATIENCE  (4 * USEC_PER_SEC)    /* of the engine */
#define TIMER_LATE      (2 * USEC_PER_MSEC)   /* at most, on a machine with nothing better to do */
#define TIMER_LATE_BUSY (500 * USEC_PER_MSEC) /* and on one that is busy, */
#define BUSY_EVERY      64                    /* as it is one time in so many */
#define SYNC            (20 * USEC_PER_MSEC)  /* a write and its fsync, at most; */
#define SYNC_BUSY       USEC_PER_SEC

void machine_kill(struct machine *machine, usec lasts)
{
    struct world *world = machine->world;

    calls_leave(machine);
    if (machine->disk.synced_intent != machine->posted_intent)
        invariants_ghost(&world->invariants, machine->number);
    machine->posted_intent = machine->disk.synced_intent;
    machine->engine = engine_free(machine->engine);
    machine->stopping = false;
    machine->kill_after = -1;
    machine->due_true = machine->recorded_true = USEC_INFINITY;
    machine->starts_true = world->now_true + (lasts > 0 ? lasts : USEC_PER_SEC);
    machine->looks = true;
    trace_say(&world->settings.trace, world->now_true, machine->number, "is dead");
}

void machine_fail_power(struct machine *machine, usec lasts)
{
    machine_kill(machine, lasts);
    disk_fail_power(&machine->disk, &machine->world->random);
    machine->reboots = true;
    machine->asleep = false;
    machine->sleeps_true = machine->resumes_true = USEC_INFINITY;
}

static int append(struct machine *machine, const struct engine_effect *effect, bool *ret_ok)
{
    int r = disk_append(&machine->disk, &effect->record.record, effect->record.durable);

    *ret_ok = r == 0;
    if (asked_remember(machine, &effect->record.record)) {
        machine->looks = true;
        wanted_look(machine);
        judge_excuse(machine, machine->world->now_true, machine->world->now_true); /* until now */
        if (r < 0) { /* the next daemon will not know where it cut a stretch */
            machine->stretch_is_odd = true;
            wanted_forget(machine);
        }
    }
    return r == -ENOSPC ? 0 : r;
}

static const char *const records[] = {
    [RECORD_INTENT] = "intent",   [RECORD_OUTCOME] = "outcome", [RECORD_GIVEN_UP] = "given up",
    [RECORD_OFF] = "off",         [RECORD_SEEN] = "seen",       [RECORD_HOLD] = "hold",
    [RECORD_RELEASE] = "release", [RECORD_DISABLE] = "disable", [RECORD_RESUME] = "resume",
    [RECORD_USAGE] = "usage",
};

static const char *const events[] = {
    [ENGINE_WAKE] = "wakes",           [ENGINE_REPLY] = "has a reply",     [ENGINE_RECORDED] = "has recorded",
    [ENGINE_POLICY] = "has a policy",  [ENGINE_STOP] = "is to stop",       [ENGINE_ASK] = "is asked",
    [ENGINE_SLEEP] = "is to sleep",    [ENGINE_AWAKE] = "is awake",        [ENGINE_LOCKED] = "is locked",
    [ENGINE_UNLOCKED] = "is unlocked", [ENGINE_NETWORK] = "has a network",
};

static void say_effect(struct machine *machine, const struct engine_effect *effect)
{
    struct trace *trace = &machine->world->settings.trace;
    usec now = machine->world->now_true;

    switch (effect->kind) {
    case ENGINE_EFFECT_REQUEST:
        if (effect->request.call == CONFLUENCE_POST)
            trace_say(trace, now, machine->number, "sends POST for %u minutes", effect->request.minutes);
        else
            trace_say(trace, now, machine->number, "sends %s", confluence_method(effect->request.call));
        break;
    case ENGINE_EFFECT_ABANDON: trace_say(trace, now, machine->number, "waits no longer"); break;
    case ENGINE_EFFECT_RECORD:
        trace_say(trace, now, machine->number, "records %s %016llx", records[effect->record.record.kind],
                  (unsigned long long)effect->record.record.id);
        break;
    case ENGINE_EFFECT_REPORT:
        trace_say(trace, now, machine->number, "says: %s", effect->report.message);
        break;
    case ENGINE_EFFECT_STOPPED: trace_say(trace, now, machine->number, "has stopped"); break;
    case ENGINE_EFFECT_SLEEP_READY: trace_say(trace, now, machine->number, "may sleep"); break;
    }
}

static void end_stop(struct machine *machine)
{
    bool keeps = machine->site->on_stop == POLICY_KEEP || (machine->restarting && machine->status.goal_on);

    if (!keeps)
        invariants_stopped(&machine->world->invariants, machine->number);
    machine_kill(machine, machine->stopped_for);
}

/* Rule 14: the daemon tries for four seconds. */
static void let_sleep(struct machine *machine)
{
    struct world *world = machine->world;
    bool had_time = machine->sleeps_true - world->now_true <= SLEEP_DELAY - SLEEP_PATIENCE;

    machine->sleeps_true = world->now_true;
    if (machine->site->on_sleep == POLICY_DISABLE && machine->site->enforce && !had_time)
        invariants_asleep(&world->invariants, machine->number);
}

/* What a moment takes on a machine with nothing better to do, and now and then a long one where it is busy.
 */
static usec draw_moment(struct machine *machine, usec most, usec most_busy)
{
    struct random *random = &machine->world->random;

    return random_between(random, 0, random_below(random, BUSY_EVERY) == 0 ? most_busy : most);
}

/* Rule 3 allows a second for a timer and a write that are late. Beyond that, at the last whole minute before
 * the end, there is none left to ask for. */
static void excuse_last_minute(struct machine *machine)
{
    usec ends = wanted_stretch_end(machine);

    if (machine->recorded_true + TIMER_LATE_BUSY > machine->world->now_true + USEC_PER_SEC &&
        ends - machine->recorded_true < USEC_PER_MINUTE)
        judge_excuse(machine, ends, 0);
}

static int write_record(struct machine *machine, const struct engine_effect *effect)
{
    usec now = machine->world->now_true;
    bool ok;
    int r = append(machine, effect, &ok);

    if (effect->record.durable && !ok)
        judge_excuse(machine, now + 60 * USEC_PER_SEC, 0);
    if (effect->record.record.kind == RECORD_INTENT) {
        machine->recorded =
            (struct engine_event){.kind = ENGINE_RECORDED, .id = effect->record.record.id, .ok = ok};
        machine->recorded_true = now + draw_moment(machine, SYNC, SYNC_BUSY);
        excuse_last_minute(machine);
    }
    return r;
}

static int carry_out(struct machine *machine, const struct engine_effect *effect)
{
    int r = 0;

    say_effect(machine, effect);
    switch (effect->kind) {
    case ENGINE_EFFECT_REQUEST: calls_send(machine, effect); break;
    case ENGINE_EFFECT_ABANDON: calls_leave(machine); break;
    case ENGINE_EFFECT_RECORD: r = write_record(machine, effect); break;
    case ENGINE_EFFECT_REPORT: break;
    case ENGINE_EFFECT_STOPPED: end_stop(machine); break;
    case ENGINE_EFFECT_SLEEP_READY: let_sleep(machine); break;
    }
    return r;
}

static int rotate(struct machine *machine)
{
    struct record open[ENGINE_OPEN_RECORDS_MAX];
    int r;

    if (!machine->engine || !disk_is_large(&machine->disk))
        return 0;
    machine->rotated_true = machine->world->now_true;
    r = disk_rotate(&machine->disk, open, engine_open_records(machine->engine, open));
    return r == -ENOSPC ? 0 : r;
}

static void say_event(struct machine *machine, const struct engine_event *event)
{
    struct world *world = machine->world;

    trace_say(&world->settings.trace, world->now_true, machine->number, "%s%s%s: %s, goal %s",
              events[event->kind], event->kind == ENGINE_REPLY ? ", " : "",
              event->kind == ENGINE_REPLY ? event->reply->detail : "", site_state_name(machine->status.state),
              machine->status.goal_on ? "on" : "off");
}

/* All effects, up to the one before which the daemon is killed. */
static int carry_out_all(struct machine *machine)
{
    const struct engine_effects *effects = &machine->world->effects;
    int r = 0;

    for (size_t i = 0; i < effects->n && machine->engine && r == 0; i++) {
        if (machine->kill_after >= 0 && machine->kill_after-- == 0) {
            (machine->kill_by_power ? machine_fail_power : machine_kill)(machine, machine->kill_lasts);
            break;
        }
        r = carry_out(machine, &effects->list[i]);
    }
    return r;
}

/* When a timer fires: a moment after it is due. */
static usec fires_true(struct machine *machine, usec due_boot)
{
    usec due_true = clocks_when(&machine->clocks, due_boot);
    usec late = draw_moment(machine, TIMER_LATE, TIMER_LATE_BUSY);

    return due_true == USEC_INFINITY ? due_true : due_true + late;
}

int machine_step(struct machine *machine, const struct engine_event *event)
{
    struct world *world = machine->world;
    const struct strategy *strategy = world->settings.strategy;
    struct instant now = read_instant(machine);
    struct engine_effects *effects = &world->effects;
    struct stepped stepped = {
        .daemon = machine->number,
        .event = event,
        .call = machine->flight.call,
        .effects = effects,
        .now_boot = now.boot,
        .status = &machine->status,
        .proof_true = machine->proof_true,
        .secret = NETWORK_CANARY,
    };
    int r;

    if (event->kind == ENGINE_ASK)
        stepped.door = wanted_door(machine);
    if (strategy)
        strategy->step(strategy->context, &now, event, effects);
    else
        engine_step(machine->engine, &now, event, effects);
    world->tally.steps++;
    if (effects->changed)
        engine_status(machine->engine, &now, &machine->status);
    machine->due_true = fires_true(machine, effects->due_boot);
    say_event(machine, event);
    vows_step(machine);
    invariants_step(&world->invariants, &stepped);
    r = carry_out_all(machine);
    return r == 0 ? rotate(machine) : r;
}

int machine_recorded(struct machine *machine)
{
    struct engine_event event = machine->recorded;

    machine->recorded_true = USEC_INFINITY;
    return machine_step(machine, &event);
}

int machine_replied(struct machine *machine)
{
    struct confluence_reply reply;
    struct engine_event event = {.kind = ENGINE_REPLY, .id = machine->flight.id, .reply = &reply};
    int r;

    r = calls_end(machine, &reply);
    if (r == 0)
        r = machine_step(machine, &event);
    if (r == 0)
        invariants_call(&machine->world->invariants, machine->number, vows_hasty(machine, &reply));
    return r;
}

int machine_wake(struct machine *machine)
{
    return machine_step(machine, &(struct engine_event){.kind = ENGINE_WAKE});
}

struct recall {
    struct machine *machine;
    struct instant now;
    usec granted_site; /* the newest expiry on record */
};

static void recall(void *context, const struct record *record)
{
    struct recall *recall = context;

    engine_remember(recall->machine->engine, record, &recall->now);
    asked_remember(recall->machine, record);
    if (record->has_expiry)
        recall->granted_site = record->expires_site;
}

/* A key that lives shorter than was asked for fits no intent, nor does one whose intent was dated by a clock
 * that was set since: where its outcome did not reach the disk, nobody can tell whose it is (rule 18). */
static void excuse_unknown(struct machine *machine, usec granted_site)
{
    const struct site *site = &machine->world->site;
    const struct ward *ward = &machine->world->invariants.wards[machine->number];

    if (!site->live || site->issuer != machine->number || site->expires_site == granted_site)
        return;
    machine->met_true = 0; /* whether it was told of it or not: it does not know it */
    if (site->cut || ward->memory_since > site->granted_true)
        judge_excuse(machine, 0, site_key_ends(site));
}

/* A stretch that began because what people had asked for is not on record: to the daemon it goes on, or has
 * begun with the hours. */
static void excuse_stretch(struct machine *machine, const struct asked_answer *were_asked)
{
    struct asked_answer asked;

    asked_at(machine, machine->world->now_true, &asked);
    if (asked.disabled == were_asked->disabled && asked.held == were_asked->held)
        return;
    machine->stretch_true = 0;
    machine->looks = true;
    wanted_forget(machine);
    wanted_look(machine);
}

/* Another zone, other days; and a stretch that another policy began. */
void machine_take_policy(struct machine *machine, const struct policy_site *site)
{
    machine->site = site;
    machine->looks = true;
    wanted_forget(machine);
}

int machine_start(struct machine *machine)
{
    struct world *world = machine->world;
    struct asked_answer were_asked;
    struct recall context;
    size_t damaged;
    int r;

    asked_at(machine, world->now_true, &were_asked);
    if (machine->reboots) {
        machine->drift_ends_true = USEC_INFINITY;
        clocks_begin(&machine->clocks, world->now_true, clocks_error(&machine->clocks, world->now_true));
    }
    machine->reboots = machine->stopping = machine->restarting = false;
    machine->starts_true = USEC_INFINITY;
    machine->clock_doubt = USEC_INFINITY;
    machine->looks = true;
    if (machine->next_site) {
        machine_take_policy(machine, machine->next_site);
        machine->next_site = NULL;
        machine->stretch_is_odd = true;
    }
    if (machine->stretch_is_odd)
        machine->stretch_true = 0;
    if (world->now_true <
        machine->rotated_true + USEC_PER_HOUR) { /* a fresh ledger names no earlier grants */
        invariants_forgot(&world->invariants, machine->number);
        wanted_forget(machine);
    }
    r = engine_new(machine->site, &machine->engine);
    if (r < 0)
        return r;
    context = (struct recall){.machine = machine, .now = read_instant(machine)};
    machine->asked = (struct asked){.recalls = true};
    r = disk_replay(&machine->disk, recall, &context, &damaged);
    machine->asked.recalls = false;
    if (r < 0)
        return r;
    vows_begin(machine);
    machine->was_damaged = damaged > 0;
    if (machine->was_damaged)
        engine_remember_damage(machine->engine);
    excuse_unknown(machine, context.granted_site);
    trace_say(&world->settings.trace, world->now_true, machine->number,
              "starts, with %zu damaged lines in %zu bytes", damaged, machine->disk.ledger.size);
    engine_status(machine->engine, &context.now, &machine->status);
    if (world->settings.strategy)
        world->settings.strategy->start(world->settings.strategy->context, &context.now);
    judge_excuse(machine, world->now_true, world->now_true);
    wanted_look(machine);
    excuse_stretch(machine, &were_asked);
    if (machine->locked) /* the host knows it when the daemon starts */
        r = machine_step(machine, &(struct engine_event){.kind = ENGINE_LOCKED});
    return r < 0 || !machine->engine ? r : machine_wake(machine);
}
