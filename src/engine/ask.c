// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The door for what people and jobs ask for: what the policy allows becomes a hold or a disable, with a
 * record. Rights were checked before; here only the policy has a say.
 */
#include "engine/ask.h"

#include "base/text.h"
#include "engine/mutant.h"
#include "engine/state.h"

const char *ask_outcome_name(enum ask_outcome outcome)
{
    static const char *const names[] = {
        [ASK_TAKEN] = NULL,
        [ASK_ON_DEMAND] = "on_demand.limit",
        [ASK_REASON] = "on_demand.reason",
        [ASK_OUTSIDE_HOURS] = "on_demand.outside_hours",
        [ASK_EXCLUDED] = "exclude",
        [ASK_LIMIT] = "limits",
        [ASK_DISABLED] = "disable",
        [ASK_TOO_MANY] = "holds",
        [ASK_UNKNOWN] = "id",
    };

    return names[outcome];
}

static void refuse(struct step *step, enum ask_outcome outcome, usec until_utc)
{
    step->effects->answer = (struct ask_answer){.outcome = outcome, .until_utc = until_utc};
}

static void record_ask(struct step *step, enum record_kind kind, uint64_t id, const struct ask *ask,
                       usec until_utc)
{
    struct record *record = tell_record(step, kind, id);

    tell_durable(step); /* what was said must outlive a crash; the reply to it does not wait for the disk */
    record->cause = kind == RECORD_HOLD ? ask->kind : CAUSE_NONE;
    record->until_utc = until_utc;
    text_copy(record->by, sizeof(record->by), ask->by ? ask->by : "");
    text_copy(record->cause_reason, sizeof(record->cause_reason), ask->reason ? ask->reason : "");
}

static void resume(struct step *step, const struct ask *ask)
{
    if (!step->engine->demand.disabled)
        return;
    step->engine->demand.disabled = false;
    record_ask(step, RECORD_RESUME, 0, ask, USEC_INFINITY);
    tell(step, REPORT_RESUMED, "%s ended the disable: the policy's hours count again",
         ask->by && *ask->by ? ask->by : "somebody");
}

/* How long a hold may last from now, by the hours and excludes; 0: not at all, and the refusal was written.
 */
static usec hours_allow(struct step *step, const struct ask *ask)
{
    const struct policy_site *site = step->engine->site;
    struct calendar_answer hours, excluded;
    usec now_utc = step->now->utc, until_utc = USEC_INFINITY;

    if (ask->kind == CAUSE_BREAK_GLASS)
        return USEC_INFINITY;
    calendar_excluded_at(site->calendar, now_utc, &excluded);
    calendar_at(site->calendar, now_utc, &hours);
    if (excluded.on) {
        refuse(step, ASK_EXCLUDED, excluded.until);
        return 0;
    }
    if (!site->on_demand_outside_hours) {
        if (!hours.on) {
            refuse(step, ASK_OUTSIDE_HOURS, hours.until);
            return 0;
        }
        until_utc = hours.until;
    }
    until_utc = usec_min(until_utc, excluded.until);
    return until_utc == USEC_INFINITY ? USEC_INFINITY : until_utc - now_utc;
}

static bool limits_allow(struct step *step)
{
    const struct engine *engine = step->engine;
    struct goal_question question = {
        .site = engine->site, .demand = &engine->demand, .usage = &engine->usage, .clock = &engine->clock};

    if (engine->goal.cause.kind != CAUSE_LIMIT && goal_left_of_day(&question) >= USEC_PER_MINUTE)
        return true;
    refuse(step, ASK_LIMIT, engine->goal.until_utc);
    return false;
}

/* A person's word lifts a disable; a job that happens to run does not. */
static bool disable_allows(struct step *step, const struct ask *ask)
{
    const struct demand *demand = &step->engine->demand;

    if (ask->kind != CAUSE_RUN || !demand->disabled || demand->disabled_until_boot <= step->now->boot)
        return true;
    refuse(step, ASK_DISABLED, demand->disabled_until_utc);
    return false;
}

static void take_hold(struct step *step, const struct ask *ask)
{
    struct engine *engine = step->engine;
    usec length = usec_min(ask->length, engine->site->on_demand_limit);
    struct hold hold = {.id = ask->id, .kind = ask->kind, .from_utc = step->now->utc};
    bool needs_reason =
        engine->site->on_demand_reason == POLICY_REASON_REQUIRED || ask->kind == CAUSE_BREAK_GLASS;
    usec allowed;

    if (length <= 0) {
        refuse(step, ASK_ON_DEMAND, USEC_INFINITY);
        return;
    }
    if (needs_reason && (!ask->reason || !*ask->reason)) {
        refuse(step, ASK_REASON, USEC_INFINITY);
        return;
    }
    if (!disable_allows(step, ask))
        return;
    allowed = hours_allow(step, ask);
    if (allowed == 0 || !limits_allow(step))
        return;
    length = MUTANT(MUTANT_DOOR)
                 ? ask->length
                 : usec_min(length, ask->kind == CAUSE_BREAK_GLASS ? DEMAND_BREAK_GLASS_MAX : allowed);
    while (hold.id == 0)
        hold.id = random_next(&engine->random);
    hold.until_utc = step->now->utc + length;
    hold.until_boot = step->now->boot + length;
    text_copy(hold.by, sizeof(hold.by), ask->by ? ask->by : "");
    text_copy(hold.reason, sizeof(hold.reason), ask->reason ? ask->reason : "");
    if (!demand_add(&engine->demand, &hold)) {
        refuse(step, ASK_TOO_MANY, USEC_INFINITY);
        return;
    }
    resume(step, ask);
    record_ask(step, RECORD_HOLD, hold.id, ask, hold.until_utc);
    step->effects->answer = (struct ask_answer){.id = hold.id, .until_utc = hold.until_utc};
    tell_hold(step, &hold);
}

static void release(struct step *step, const struct ask *ask)
{
    struct hold *hold = demand_find(&step->engine->demand, ask->id);

    if (!hold) {
        refuse(step, ASK_UNKNOWN, USEC_INFINITY);
        return;
    }
    record_ask(step, RECORD_RELEASE, hold->id, ask, USEC_INFINITY);
    demand_release(&step->engine->demand, hold->id);
}

/* Until the end that was named; else to the end of the hours that are open, so that the next stretch begins
 * as ever. */
static void disable(struct step *step, const struct ask *ask)
{
    struct demand *demand = &step->engine->demand;
    struct calendar_answer hours;
    usec until_utc = ask->until_utc;
    char until[TIME_TEXT_MAX];

    calendar_at(step->engine->site->calendar, step->now->utc, &hours);
    if (until_utc == USEC_INFINITY)
        until_utc = hours.on ? hours.until : step->now->utc;
    demand_release_all(demand);
    demand->disabled = true;
    demand->disabled_until_utc = until_utc;
    demand->disabled_until_boot =
        until_utc == USEC_INFINITY ? USEC_INFINITY : step->now->boot + (until_utc - step->now->utc);
    text_copy(demand->disabled_by, sizeof(demand->disabled_by), ask->by ? ask->by : "");
    text_copy(demand->disabled_reason, sizeof(demand->disabled_reason), ask->reason ? ask->reason : "");
    record_ask(step, RECORD_DISABLE, 0, ask, until_utc);
    step->effects->answer = (struct ask_answer){.until_utc = until_utc};
    tell(step, REPORT_DISABLED_BY, "%s said no key until %s%s%s",
         *demand->disabled_by ? demand->disabled_by : "somebody",
         until_utc == USEC_INFINITY ? "further notice" : time_format_rfc3339(until, until_utc),
         *demand->disabled_reason ? ": " : "", demand->disabled_reason);
}

void ask_take(struct step *step, const struct ask *ask)
{
    switch (ask->what) {
    case ASK_HOLD: take_hold(step, ask); break;
    case ASK_RELEASE: release(step, ask); break;
    case ASK_DISABLE: disable(step, ask); break;
    case ASK_RESUME: resume(step, ask); break;
    }
}
