// SPDX-License-Identifier: GPL-3.0-or-later
#include "peers.h"

#define CRON_SECOND USEC_PER_SEC /* jobs run that long after the minute begins */

#define CURL_TIMEOUT  (30 * USEC_PER_SEC)
#define VAULT_TIMEOUT (60 * USEC_PER_SEC) /* api/client.go, DefaultConfig() */

/* cron: cronie, src/cron.c, main() and find_jobs(). The crontab says POST at each half hour from 9 to 17 on
 * weekdays and from 22 to 23 each night, with a * and a step for the minute, and DELETE at 18:00 and at
 * 23:30. What is missed in suspend, or because the clock was set, is run up to five minutes late; where the
 * entry has no *, as the DELETEs' have none, up to three hours. After a start nothing is.
 *
 * systemd: src/core/timer.c, timer_enter_waiting(): the next instant after the last one that was met, so that
 * a clock that was set back silences a timer. OnCalendar= likewise, AccuracySec=1us, Persistent=yes, and an
 * ExecCondition= that looks at the hour; the services have Conflicts= with each other. Cut: the same, by a
 * script that asks for no more minutes than the hours have left.
 *
 * The daemons: a service with Restart=always that one such timer starts and another ends with the DELETE. */
#define BY_UNITS(habit, most)                                                                                \
    .on = &(habit), .off = &habit_unit, .late_on = USEC_INFINITY, .late_off = USEC_INFINITY, .timeout = (most)

const struct peer_kind peer_kinds[] = {
    {
        .name = "cron + curl",
        .on = &habit_curl,
        .off = &habit_curl,
        .every = 30 * USEC_PER_MINUTE,
        .late_on = 5 * USEC_PER_MINUTE,
        .late_off = 3 * USEC_PER_HOUR,
        .forgets = true,
        .timeout = CURL_TIMEOUT,
    },
    {.name = "timers + curl", .every = 30 * USEC_PER_MINUTE, BY_UNITS(habit_unit, CURL_TIMEOUT)},
    {.name = "timers, cut", .every = 30 * USEC_PER_MINUTE, .cuts = true, BY_UNITS(habit_unit, CURL_TIMEOUT)},
    {.name = "OpenBao's", BY_UNITS(habit_openbao, VAULT_TIMEOUT)},
    {.name = "Vault's", BY_UNITS(habit_vault, VAULT_TIMEOUT)},
    {.name = "tbot's", BY_UNITS(habit_tbot, CURL_TIMEOUT)},
    {.name = "krenew's", BY_UNITS(habit_krenew, CURL_TIMEOUT)},
    {0},
};

void peer_init(struct peer *peer, const struct peer_kind *kind, const struct policy_site *site)
{
    *peer = (struct peer){
        .kind = kind, .site = site, .asleep_boot = USEC_INFINITY, .wakes_monotonic = USEC_INFINITY};
}

static void start(void *context, const struct instant *now)
{
    struct peer *peer = context;
    usec met = peer->kind->forgets ? now->utc : peer->met_utc;
    uint64_t calls = peer->calls;

    peer_init(peer, peer->kind, peer->site);
    peer->met_utc = met;
    peer->calls = calls;
    peer->starts = true;
}

static const struct habit *habit(const struct peer *peer)
{
    return peer->on ? peer->kind->on : peer->kind->off;
}

/* What the call that the timetable has begun asks for. */
static unsigned minutes(const struct peer *peer, const struct instant *now)
{
    struct calendar_answer answer;
    usec left;

    calendar_at(peer->site->calendar, now->utc, &answer);
    left = answer.on ? (answer.until - now->utc + USEC_PER_MINUTE - 1) / USEC_PER_MINUTE : 1;
    return peer->kind->cuts && left < peer->site->duration_minutes ? (unsigned)left
                                                                   : peer->site->duration_minutes;
}

static void call(struct peer *peer, const struct instant *now, struct engine_effects *effects)
{
    struct engine_effect *effect = &effects->list[effects->n++];

    peer->call = ++peer->calls;
    peer->wakes_monotonic = USEC_INFINITY;
    *effect = (struct engine_effect){
        .kind = ENGINE_EFFECT_REQUEST,
        .id = peer->call,
        .request = {.call = peer->on ? CONFLUENCE_POST : CONFLUENCE_DELETE,
                    .minutes = minutes(peer, now),
                    .timeout = peer->kind->timeout,
                    .site_now = now->utc},
    };
}

static void go_on(struct peer *peer, const struct instant *now, enum happening happened,
                  const struct confluence_reply *reply, struct engine_effects *effects)
{
    struct moment moment = {.monotonic = now->boot - peer->slept,
                            .utc = now->utc,
                            .random = {.state = now->random},
                            .reply = reply};
    usec wait = habit(peer)->next(&peer->memory, happened, &moment);

    if (wait == 0)
        call(peer, now, effects);
    else
        peer->wakes_monotonic = wait == USEC_INFINITY ? USEC_INFINITY : moment.monotonic + wait;
}

/* The task that runs is ended, and this one begins. */
static void begin(struct peer *peer, const struct instant *now, bool on, struct engine_effects *effects)
{
    if (peer->call)
        effects->list[effects->n++] = (struct engine_effect){.kind = ENGINE_EFFECT_ABANDON, .id = peer->call};
    peer->call = 0;
    peer->on = on;
    go_on(peer, now, HAPPENED_BEGUN, NULL, effects);
}

/* The timetable: its latest entry, if it has not been met. Returns when the next one is due, by the clock. */
static usec look_at_timetable(struct peer *peer, const struct instant *now, struct engine_effects *effects)
{
    const struct peer_kind *kind = peer->kind;
    struct calendar_answer answer;
    usec entry, next, late = kind->forgets ? CRON_SECOND : 0;

    calendar_at(peer->site->calendar, now->utc - late, &answer);
    entry = calendar_since(peer->site->calendar, now->utc - late);
    next = answer.until;
    if (answer.on && kind->every > 0) {
        entry += (now->utc - late - entry) / kind->every * kind->every;
        next = entry + kind->every < next ? entry + kind->every : next;
    }
    if (kind->forgets && peer->met_utc > now->utc)
        peer->met_utc = now->utc;
    if (entry > peer->met_utc || (peer->starts && answer.on && kind->every == 0)) {
        if (now->utc - entry <= (answer.on ? kind->late_on : kind->late_off))
            begin(peer, now, answer.on, effects);
        peer->met_utc = now->utc;
    }
    peer->starts = false;
    return next == USEC_INFINITY ? USEC_INFINITY : next + late;
}

static void sleep_or_wake(struct peer *peer, const struct instant *now, const struct engine_event *event,
                          struct engine_effects *effects)
{
    if (event->kind == ENGINE_SLEEP) {
        peer->asleep_boot = now->boot;
        effects->list[effects->n++] = (struct engine_effect){.kind = ENGINE_EFFECT_SLEEP_READY};
    } else if (peer->asleep_boot != USEC_INFINITY) {
        peer->slept += now->boot - peer->asleep_boot;
        peer->asleep_boot = USEC_INFINITY;
    }
}

static void take_reply(struct peer *peer, const struct instant *now, const struct engine_event *event,
                       struct engine_effects *effects)
{
    bool is_done;

    if (event->id != peer->call)
        return;
    is_done = habit(peer)->is_done(event->reply);
    peer->call = 0;
    go_on(peer, now, is_done ? HAPPENED_DONE : HAPPENED_FAILED, event->reply, effects);
}

static void step(void *context, const struct instant *now, const struct engine_event *event,
                 struct engine_effects *effects)
{
    struct peer *peer = context;
    usec next_utc, timer_boot, task_boot;

    effects->n = 0;
    effects->changed = false;
    effects->due_boot = USEC_INFINITY;
    switch (event->kind) {
    case ENGINE_STOP:
        effects->list[effects->n++] = (struct engine_effect){.kind = ENGINE_EFFECT_STOPPED};
        return;
    case ENGINE_SLEEP:
    case ENGINE_AWAKE: sleep_or_wake(peer, now, event, effects); break;
    case ENGINE_REPLY: take_reply(peer, now, event, effects); break;
    default: break;
    }
    if (event->kind == ENGINE_SLEEP)
        return;
    next_utc = look_at_timetable(peer, now, effects);
    if (!peer->call && now->boot - peer->slept >= peer->wakes_monotonic)
        go_on(peer, now, HAPPENED_SLEPT, NULL, effects);
    timer_boot = next_utc == USEC_INFINITY ? USEC_INFINITY : now->boot + (next_utc - now->utc);
    task_boot = peer->wakes_monotonic == USEC_INFINITY ? USEC_INFINITY : peer->wakes_monotonic + peer->slept;
    effects->due_boot = timer_boot < task_boot ? timer_boot : task_boot;
}

struct strategy peer_strategy(struct peer *peer)
{
    return (struct strategy){.context = peer, .start = start, .step = step};
}
