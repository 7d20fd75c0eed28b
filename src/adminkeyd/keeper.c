// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/keeper.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "host/credential.h"
#include "os/clock.h"
#include "os/locked_memory.h"

#define TELL_AGAIN  USEC_PER_MINUTE
#define PENDING_MAX 8 /* an engine has one call or one intent under way, and each step begins one at most */

/* An event that carrying out an effect has brought about. */
struct pending {
    struct engine_event event;
    struct confluence_reply reply;
};

struct keeper {
    struct surroundings *surroundings;
    const struct policy_site *site;
    struct engine *engine;
    struct loop_timer *timer;
    struct site_call *call; /* NULL: none is under way */
    uint64_t call_id;
    usec due_boot;
    bool stopped, sleep_ready, changed, called, told_credential;
    keeper_handler handler;
    void *context;
};

/* Events that wait for the step before them to be carried out. */
struct queue {
    struct pending list[PENDING_MAX];
    size_t head, n;
};

static struct pending *queue_add(struct queue *queue, enum engine_event_kind kind, uint64_t id)
{
    struct pending *pending = &queue->list[(queue->head + queue->n) % PENDING_MAX];

    assert(queue->n < PENDING_MAX);
    queue->n++;
    *pending = (struct pending){.event = {.kind = kind, .id = id}};
    return pending;
}

static struct instant read_instant(struct keeper *keeper)
{
    return (struct instant){
        .utc = clock_utc(),
        .boot = clock_boot(),
        .random = random_next(&keeper->surroundings->random),
    };
}

static void take(struct keeper *keeper, const struct engine_event *event);

static void on_time(void *context)
{
    keeper_wake(context);
}

static void on_reply(void *context, const struct confluence_reply *reply)
{
    struct keeper *keeper = context;
    struct engine_event event = {.kind = ENGINE_REPLY, .id = keeper->call_id, .reply = reply};

    keeper->call = NULL;
    take(keeper, &event);
}

/* The call could not even be tried: told to the engine as a reply, after the step that asked for it. */
static void fail_call(struct queue *queue, uint64_t id, enum verdict verdict, const char *words)
{
    struct pending *pending = queue_add(queue, ENGINE_REPLY, id);

    pending->reply.verdict = pending->reply.suspect = verdict;
    text_copy(pending->reply.detail, sizeof(pending->reply.detail), words);
}

static int call_with_token(struct keeper *keeper, const struct engine_effect *effect, struct secret *token,
                           struct error *ret_error)
{
    struct surroundings *surroundings = keeper->surroundings;
    struct site_request request = {
        .call = effect->request.call,
        .minutes = effect->request.minutes,
        .timeout = effect->request.timeout,
        .site_now = effect->request.site_now,
    };
    int r;

    r = credential_read(surroundings->credentials, keeper->site->token, token, ret_error);
    if (r < 0)
        return r;
    r = site_client_call(surroundings->client, keeper->site, &request, token, on_reply, keeper,
                         &keeper->call);
    if (r < 0) {
        error_set(ret_error, "the call could not be made: %s", strerror(-r));
        return -EAGAIN;
    }
    return 0;
}

/* Whether it is the file that people have to mend, and not this machine that lacks something for the moment.
 */
static bool is_for_people(int r)
{
    return r != -ENOMEM && r != -EAGAIN && r != -EMFILE && r != -ENFILE;
}

static void send_request(struct keeper *keeper, struct queue *queue, const struct engine_effect *effect)
{
    struct surroundings *surroundings = keeper->surroundings;
    struct error error = {0};
    void *token = NULL;
    int r;

    keeper->called = true;
    keeper->call_id = effect->id;
    r = locked_memory_new(sizeof(struct secret), &token);
    if (r == 0)
        r = call_with_token(keeper, effect, token, &error);
    else
        error_set(&error, "out of memory");
    locked_memory_free(token, sizeof(struct secret));
    if (r < 0)
        fail_call(queue, effect->id, is_for_people(r) ? VERDICT_CREDENTIAL : VERDICT_TRANSIENT, error.text);
    if (r < 0 && is_for_people(r) && !keeper->told_credential)
        journal_say(&surroundings->journal, REPORT_CREDENTIAL_REFUSED, keeper->site->name, "%s", error.text);
    keeper->told_credential = r < 0 && is_for_people(r);
}

static void write_record(struct keeper *keeper, struct queue *queue, const struct engine_effect *effect)
{
    struct surroundings *surroundings = keeper->surroundings;
    int r = ledger_append(surroundings->ledger, &effect->record.record, effect->record.durable);
    usec now_boot = clock_boot();

    if (r < 0 && !surroundings->ledger_failed && now_boot - surroundings->ledger_told_boot >= TELL_AGAIN) {
        surroundings->ledger_told_boot = now_boot;
        journal_say(&surroundings->journal, REPORT_LEDGER_FAILED, NULL,
                    "the ledger cannot be written: %s. Until it can, no key is enabled; see the disk of the "
                    "state directory",
                    strerror(-r));
    }
    surroundings->ledger_failed = r < 0;
    if (effect->record.record.kind == RECORD_INTENT)
        queue_add(queue, ENGINE_RECORDED, effect->record.record.id)->event.ok = r == 0;
}

static void carry_out(struct keeper *keeper, struct queue *queue, const struct engine_effect *effect)
{
    switch (effect->kind) {
    case ENGINE_EFFECT_REQUEST: send_request(keeper, queue, effect); break;
    case ENGINE_EFFECT_ABANDON:
        if (keeper->call && keeper->call_id == effect->id)
            keeper->call = site_call_cancel(keeper->call);
        break;
    case ENGINE_EFFECT_RECORD: write_record(keeper, queue, effect); break;
    case ENGINE_EFFECT_REPORT: journal_report(&keeper->surroundings->journal, &effect->report); break;
    case ENGINE_EFFECT_STOPPED: keeper->stopped = true; break;
    case ENGINE_EFFECT_SLEEP_READY: keeper->sleep_ready = true; break;
    }
}

static void step(struct keeper *keeper, struct queue *queue, const struct engine_event *event)
{
    struct instant now = read_instant(keeper);
    struct engine_effects effects;

    engine_step(keeper->engine, &now, event, &effects);
    keeper->due_boot = effects.due_boot;
    keeper->changed |= effects.changed;
    for (size_t i = 0; i < effects.n; i++)
        carry_out(keeper, queue, &effects.list[i]);
}

/* One event, and those that follow from it. */
static void take(struct keeper *keeper, const struct engine_event *event)
{
    struct queue queue = {0};

    keeper->changed = false;
    step(keeper, &queue, event);
    while (queue.n > 0) {
        struct pending pending = queue.list[queue.head];

        queue.head = (queue.head + 1) % PENDING_MAX;
        queue.n--;
        if (pending.event.kind == ENGINE_REPLY)
            pending.event.reply = &pending.reply;
        step(keeper, &queue, &pending.event);
    }
    loop_timer_set(keeper->timer, keeper->due_boot);
    keeper->handler(keeper->context, keeper);
}

int keeper_new(struct surroundings *surroundings, const struct policy_site *site, keeper_handler handler,
               void *context, struct keeper **ret_keeper)
{
    _cleanup_(keeper_freep) struct keeper *keeper = calloc(1, sizeof(*keeper));
    int r;

    if (!keeper)
        return -ENOMEM;
    *keeper = (struct keeper){
        .surroundings = surroundings,
        .site = site,
        .due_boot = USEC_INFINITY,
        .handler = handler,
        .context = context,
    };
    r = engine_new(site, &keeper->engine);
    if (r == 0)
        r = loop_timer_new(surroundings->loop, LOOP_USUAL, on_time, keeper, &keeper->timer);
    if (r < 0)
        return r;
    *ret_keeper = steal_pointer(&keeper);
    return 0;
}

struct keeper *keeper_free(struct keeper *keeper)
{
    if (keeper) {
        site_call_cancel(keeper->call);
        loop_timer_free(keeper->timer);
        engine_free(keeper->engine);
        free(keeper);
    }
    return NULL;
}

void keeper_remember(struct keeper *keeper, const struct record *record)
{
    struct instant now = read_instant(keeper);

    engine_remember(keeper->engine, record, &now);
}

void keeper_remember_damage(struct keeper *keeper)
{
    engine_remember_damage(keeper->engine);
}

void keeper_tell(struct keeper *keeper, enum engine_event_kind kind)
{
    if (kind == ENGINE_SLEEP)
        keeper->sleep_ready = false;
    take(keeper, &(struct engine_event){.kind = kind});
}

void keeper_wake(struct keeper *keeper)
{
    keeper_tell(keeper, ENGINE_WAKE);
}

void keeper_take_policy(struct keeper *keeper, const struct policy_site *site)
{
    keeper->site = site;
    keeper->told_credential = false;
    take(keeper, &(struct engine_event){.kind = ENGINE_POLICY, .site = site});
}

void keeper_stop(struct keeper *keeper, bool restart)
{
    take(keeper, &(struct engine_event){.kind = ENGINE_STOP, .restart = restart});
}

const struct policy_site *keeper_site(const struct keeper *keeper)
{
    return keeper->site;
}

void keeper_status(const struct keeper *keeper, struct site_status *ret_status)
{
    struct instant now = {.utc = clock_utc(), .boot = clock_boot()};

    engine_status(keeper->engine, &now, ret_status);
}

bool keeper_is_settled(const struct keeper *keeper)
{
    return engine_is_settled(keeper->engine);
}

bool keeper_is_stopped(const struct keeper *keeper)
{
    return keeper->stopped;
}

bool keeper_is_sleep_ready(const struct keeper *keeper)
{
    return keeper->sleep_ready || keeper->stopped;
}

bool keeper_has_called(const struct keeper *keeper)
{
    return keeper->called;
}

bool keeper_has_changed(const struct keeper *keeper)
{
    return keeper->changed;
}

usec keeper_due_boot(const struct keeper *keeper)
{
    return keeper->due_boot;
}

size_t keeper_open_records(const struct keeper *keeper,
                           struct record ret_records[static ENGINE_OPEN_RECORDS_MAX])
{
    return engine_open_records(keeper->engine, ret_records);
}
