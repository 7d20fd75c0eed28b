// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How a call leaves: a POST with its intent on the disk before it (rules 2 and 18), one at a time (rule 20).
 */
#include "engine/mutant.h"
#include "engine/state.h"

#include "base/text.h"

#define INTENT_FRESH (30 * USEC_PER_SEC) /* a disk may take so long */

static void send_call(struct step *step, uint64_t id, enum confluence_call call, unsigned minutes)
{
    struct engine *engine = step->engine;
    struct engine_effect *effect = tell_effect(step, ENGINE_EFFECT_REQUEST);
    usec timeout = ENGINE_TIMEOUT;

    if (engine->stopping && engine->stop_by_boot - step->now->boot < timeout)
        timeout = engine->stop_by_boot - step->now->boot;
    if (engine->asleep && !engine->sleep_told && engine->sleep_by_boot - step->now->boot < timeout)
        timeout = engine->sleep_by_boot - step->now->boot;
    effect->id = id;
    effect->request.call = call;
    effect->request.minutes = minutes;
    effect->request.timeout = timeout;
    effect->request.site_now = site_clock_now(&engine->clock, step->now).latest;
    engine->flight = (struct flight){
        .id = id,
        .call = call,
        .minutes = minutes,
        .intent = call == CONFLUENCE_POST ? id : 0,
        .sent_boot = step->now->boot,
        .sent_utc = step->now->utc,
        .give_up_boot = USEC_INFINITY,
    };
}

static void send_post(struct step *step, uint64_t id, unsigned minutes)
{
    struct engine *engine = step->engine;
    struct key_intent intent = {
        .id = id,
        .minutes = minutes,
        .sent_utc = step->now->utc,
        .sent_boot = step->now->boot,
        .given_up_boot = USEC_INFINITY,
    };

    key_intend(&engine->key, &intent);
    breaker_posted(&engine->breaker, step->now->boot, engine->site->duration_minutes);
    send_call(step, id, CONFLUENCE_POST, minutes);
}

static unsigned wanted_minutes(const struct step *step)
{
    if (MUTANT(MUTANT_MINUTES) && step->engine->key.known == KEY_LIVE)
        return 1;
    return renewal_minutes(step->engine->site->duration_minutes, step->engine->goal.until_boot,
                           step->now->boot);
}

/* Rule 18: the intent first. The POST follows once it is on the disk. */
static void intend(struct step *step)
{
    struct engine *engine = step->engine;
    struct record *record;

    do
        engine->recording.id = random_next(&engine->random);
    while (engine->recording.id <= UINT32_MAX); /* small numbers are those of GET and DELETE */
    engine->recording.minutes = wanted_minutes(step);
    engine->recording.boot = step->now->boot;
    record = tell_record(step, RECORD_INTENT, engine->recording.id);
    tell_durable(step);
    record->minutes = engine->recording.minutes;
    record->stretch_utc = engine->stretch_utc;
    record->cause = engine->goal.cause.kind;
    text_copy(record->cause_name, sizeof(record->cause_name),
              engine->goal.cause.name ? engine->goal.cause.name : "");
    text_copy(record->cause_reason, sizeof(record->cause_reason),
              engine->goal.cause.reason ? engine->goal.cause.reason : "");
    if (MUTANT(MUTANT_RECORD)) {
        send_post(step, engine->recording.id, engine->recording.minutes);
        engine->recording.id = 0;
    }
}

void flight_begin(struct step *step, enum confluence_call call)
{
    if (call == CONFLUENCE_POST)
        intend(step);
    else
        send_call(step, ++step->engine->last_request, call, 0);
}

static void record_unsent(struct step *step, uint64_t id)
{
    struct record *record = tell_record(step, RECORD_OUTCOME, id);

    record->verdict = VERDICT_REFUSED;
    record->not_acted = true;
}

/* The intent was written, or could not be. Nothing may have changed since: only then is it sent. Nor may it
 * be old, for the ledger dates the POST by it: the machine may have slept. */
void flight_recorded(struct step *step, const struct engine_event *event)
{
    struct engine *engine = step->engine;
    unsigned minutes = engine->recording.minutes;
    struct confluence_reply failed = {.verdict = VERDICT_TRANSIENT, .suspect = VERDICT_TRANSIENT};
    struct report *report;

    if (engine->recording.id == 0 || event->id != engine->recording.id)
        return;
    engine->recording.id = 0;
    if (!event->ok) {
        text_copy(failed.detail, sizeof(failed.detail), "the ledger could not be written");
        retry_failed(&engine->retry, CONFLUENCE_POST, &failed, step->now->boot, USEC_INFINITY,
                     &engine->random);
        text_copy(engine->last_error.detail, sizeof(engine->last_error.detail), failed.detail);
        engine->last_error.at_utc = step->now->utc;
        report = tell(
            step, REPORT_LEDGER_FAILED,
            "the ledger could not be written, so no admin key is enabled; free its disk or mend its rights");
        report->verdict = NULL;
        report->has_end = true;
        return;
    }
    if (!engine->goal.on || engine->stopping || wanted_minutes(step) != minutes ||
        step->now->boot - engine->recording.boot > INTENT_FRESH) {
        record_unsent(step, event->id);
        return;
    }
    send_post(step, event->id, minutes);
}

/* Rule 20 and the end of patience: a call under way gives way to a DELETE that must not wait. */
void flight_yield(struct step *step)
{
    struct engine *engine = step->engine;
    struct flight *flight = &engine->flight;
    bool off = !engine->goal.on || engine->stopping;

    if (flight->id == 0 || flight->call == CONFLUENCE_DELETE || !off || !engine->site->enforce) {
        flight->give_up_boot = USEC_INFINITY; /* also where the goal was off for a moment only */
        return;
    }
    if (flight->call == CONFLUENCE_GET) {
        struct plan plan = plan_next(engine, step->now);

        if (!plan.none && plan.call == CONFLUENCE_DELETE && plan.due_boot <= step->now->boot)
            replies_give_up(step);
        return;
    }
    if (flight->give_up_boot == USEC_INFINITY)
        flight->give_up_boot = step->now->boot + ENGINE_POST_PATIENCE;
    if (flight->give_up_boot <= step->now->boot)
        replies_give_up(step);
}
