// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/invariants.h"

#include <string.h>

#define CROWD_MOST  16  /* steps at one instant */
#define THRONG_MOST 120 /* and within a minute */

static bool has_record(const struct engine_effects *effects, enum record_kind kind, uint64_t id)
{
    for (size_t i = 0; i < effects->n; i++)
        if (effects->list[i].kind == ENGINE_EFFECT_RECORD && effects->list[i].record.record.kind == kind &&
            effects->list[i].record.record.id == id)
            return true;
    return false;
}

static bool has_report(const struct engine_effects *effects, enum report_kind kind)
{
    for (size_t i = 0; i < effects->n; i++)
        if (effects->list[i].kind == ENGINE_EFFECT_REPORT && effects->list[i].report.kind == kind)
            return true;
    return false;
}

/* I5: what is called proved is true. */
static void check_proof(struct invariants *invariants, const struct stepped *stepped)
{
    const struct truth *truth = &invariants->truth;

    if (stepped->status->proved_off_utc == STATUS_NEVER || !truth->live ||
        truth->ends_true <= invariants->now_true + INVARIANTS_SAME_CLOCK)
        return;
    /* Of a POST that the ledger has lost nobody can know that it may still act. */
    if (truth->issuer == stepped->daemon && truth->sent_true < invariants->wards[stepped->daemon].lost_true)
        return;
    if (truth->issuer == stepped->daemon || truth->granted_true < stepped->proof_true)
        invariants_break(invariants, INVARIANT_PROOF, stepped->daemon,
                         "off is called proved, and the key is live");
}

/* I6, but for the intent: outcomes are recorded, and changes of the key are told. */
static void check_record(struct invariants *invariants, const struct stepped *stepped)
{
    const struct engine_event *event = stepped->event;

    if (event->kind != ENGINE_REPLY || stepped->late)
        return;
    if (stepped->call == CONFLUENCE_POST && !has_record(stepped->effects, RECORD_OUTCOME, event->id))
        invariants_break(invariants, INVARIANT_RECORD, stepped->daemon,
                         "the outcome of a POST is not recorded");
    if (stepped->call == CONFLUENCE_POST && event->reply->verdict == VERDICT_DONE &&
        event->reply->has_expiry && !has_report(stepped->effects, REPORT_KEY_ENABLED) &&
        !has_report(stepped->effects, REPORT_KEY_RENEWED))
        invariants_break(invariants, INVARIANT_RECORD, stepped->daemon, "a grant is not told to the journal");
    if (stepped->call == CONFLUENCE_DELETE && event->reply->verdict == VERDICT_DONE &&
        stepped->status->proved_off_utc != STATUS_NEVER && !has_report(stepped->effects, REPORT_KEY_DISABLED))
        invariants_break(invariants, INVARIANT_RECORD, stepped->daemon,
                         "a proof of off is not told to the journal");
}

/* I7: what no daemon needs from a reply is in nothing that it says. */
static void check_secrets(struct invariants *invariants, const struct stepped *stepped)
{
    for (size_t i = 0; i < stepped->effects->n; i++) {
        const struct engine_effect *effect = &stepped->effects->list[i];
        bool leaks = false;

        if (effect->kind == ENGINE_EFFECT_REPORT)
            leaks = strstr(effect->report.message, stepped->secret) ||
                    strstr(effect->report.request_id, stepped->secret);
        else if (effect->kind == ENGINE_EFFECT_RECORD)
            leaks = strstr(effect->record.record.request_id, stepped->secret) ||
                    strstr(effect->record.record.cause_reason, stepped->secret);
        if (leaks)
            invariants_break(invariants, INVARIANT_SECRETS, stepped->daemon,
                             "a secret has come up in a record or report");
    }
}

/* I10: a step costs no more than it may, and leads on. */
static void check_bounds(struct invariants *invariants, const struct stepped *stepped)
{
    struct ward *ward = &invariants->wards[stepped->daemon];

    ward->crowd = ward->crowd_true == invariants->now_true ? ward->crowd + 1 : 1;
    ward->crowd_true = invariants->now_true;
    if (ward->crowd > CROWD_MOST)
        invariants_break(invariants, INVARIANT_BOUNDED, stepped->daemon, "%u steps at one instant",
                         ward->crowd);
    if (invariants->now_true >= ward->throng_true + USEC_PER_MINUTE) {
        ward->throng_true = invariants->now_true;
        ward->throng = 0;
    }
    if (++ward->throng > THRONG_MOST)
        invariants_break(invariants, INVARIANT_BOUNDED, stepped->daemon, "%u steps within a minute",
                         ward->throng);
    if (stepped->effects->n > ENGINE_EFFECTS_MAX)
        invariants_break(invariants, INVARIANT_BOUNDED, stepped->daemon, "%zu effects", stepped->effects->n);
    if (stepped->effects->due_boot <= stepped->now_boot)
        invariants_break(invariants, INVARIANT_BOUNDED, stepped->daemon, "the next step is due at once");
}

/* I1 at the door: no hold is granted that the policy does not allow. I6: what is granted is on record. */
static void check_door(struct invariants *invariants, const struct stepped *stepped)
{
    const struct ask *ask = stepped->event->ask;
    const struct ask_answer *answer = &stepped->effects->answer;
    const struct door *door = &stepped->door;

    if (stepped->event->kind != ENGINE_ASK || answer->outcome != ASK_TAKEN)
        return;
    if (ask->what == ASK_HOLD && !has_record(stepped->effects, RECORD_HOLD, answer->id))
        invariants_break(invariants, INVARIANT_RECORD, stepped->daemon, "a hold is granted and not recorded");
    if (ask->what == ASK_DISABLE && !has_record(stepped->effects, RECORD_DISABLE, 0))
        invariants_break(invariants, INVARIANT_RECORD, stepped->daemon,
                         "a disable is taken and not recorded");
    if (ask->what != ASK_HOLD)
        return;
    if (answer->until_utc - door->now_utc > door->most || answer->until_utc - door->now_utc > ask->length)
        invariants_break(invariants, INVARIANT_EXPOSURE, stepped->daemon,
                         "a hold is granted for %.0f s, and may last %.0f s",
                         usec_seconds(answer->until_utc - door->now_utc), usec_seconds(door->most));
    if (ask->kind == CAUSE_BREAK_GLASS && answer->until_utc - door->now_utc > DEMAND_BREAK_GLASS_MAX)
        invariants_break(invariants, INVARIANT_EXPOSURE, stepped->daemon, "break-glass is granted for %.0f s",
                         usec_seconds(answer->until_utc - door->now_utc));
    if (ask->kind != CAUSE_BREAK_GLASS && answer->until_utc > door->until_utc)
        invariants_break(invariants, INVARIANT_EXPOSURE, stepped->daemon,
                         "a hold is granted for %.0f s beyond what the policy allows",
                         usec_seconds(answer->until_utc - door->until_utc));
}

void invariants_proof(struct invariants *invariants, const struct stepped *stepped)
{
    check_proof(invariants, stepped);
}

static void see_state(struct invariants *invariants, const struct stepped *stepped)
{
    struct ward *ward = &invariants->wards[stepped->daemon];

    if (ward->state != stepped->status->state)
        ward->state_true = invariants->now_true;
    ward->state = stepped->status->state;
}

void invariants_step(struct invariants *invariants, const struct stepped *stepped)
{
    see_state(invariants, stepped);
    check_proof(invariants, stepped);
    check_record(invariants, stepped);
    check_door(invariants, stepped);
    check_secrets(invariants, stepped);
    check_bounds(invariants, stepped);
}
