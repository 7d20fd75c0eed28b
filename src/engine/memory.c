// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/state.h"

#include "base/text.h"

/* The boot clock's reading at a UTC instant of the past, as far as the clock was right then. */
static usec boot_of(usec at_utc, const struct instant *now)
{
    return now->boot - (at_utc < now->utc ? now->utc - at_utc : 0);
}

static void remember_intent(struct engine *engine, const struct record *record, const struct instant *now)
{
    usec sent_boot = boot_of(record->at_utc, now);
    struct key_intent intent = {
        .id = record->id,
        .minutes = record->minutes,
        .sent_utc = record->at_utc,
        .sent_boot = sent_boot,
        /* Whoever sent it is gone, and may have sent it up to now. */
        .given_up_utc = now->utc,
        .given_up_boot = now->boot,
    };

    key_intend(&engine->key, &intent);
    breaker_posted(&engine->breaker, sent_boot);
}

static void remember_outcome(struct engine *engine, const struct record *record, const struct instant *now)
{
    bool done = record->verdict == VERDICT_DONE;

    breaker_settled(&engine->breaker, boot_of(record->at_utc, now), done);
    /* Only a grant with its expiry, or a refusal, settles a POST; what may have acted stays open, and so does
     * what was throttled, for the record does not say whether by a 429 or by a 503. */
    if (done)
        engine->last_grant_boot = boot_of(record->at_utc, now);
    if (done && record->has_expiry)
        engine->key.last_granted_site = record->expires_site;
    if ((done && record->has_expiry) || record->verdict == VERDICT_CREDENTIAL ||
        record->verdict == VERDICT_NOT_ELIGIBLE || record->verdict == VERDICT_REFUSED ||
        record->verdict == VERDICT_UNTRUSTED)
        key_resolve(&engine->key, record->id);
}

void engine_remember(struct engine *engine, const struct record *record, const struct instant *now)
{
    struct key_intent *intent;

    switch (record->kind) {
    case RECORD_INTENT: remember_intent(engine, record, now); break;
    case RECORD_OUTCOME: remember_outcome(engine, record, now); break;
    case RECORD_GIVEN_UP:
        intent = key_find_intent(&engine->key, record->id);
        if (intent && record->at_utc < now->utc) {
            intent->given_up_utc = record->at_utc;
            intent->given_up_boot = boot_of(record->at_utc, now);
        }
        break;
    case RECORD_OFF:
        engine->key.n_intents = 0;
        engine->key.last_granted_site = 0;
        break;
    case RECORD_SEEN:
        if (!record->ours || !record->has_expiry)
            break;
        engine->key.last_granted_site = record->expires_site;
        engine->last_grant_boot = boot_of(record->at_utc, now);
        break;
    }
    key_forget(&engine->key, now->boot);
}

void engine_remember_damage(struct engine *engine)
{
    engine->damaged = true;
}

size_t engine_open_records(const struct engine *engine,
                           struct record ret_records[static ENGINE_OPEN_RECORDS_MAX])
{
    const struct key *key = &engine->key;
    size_t n = 0;

    if (key->last_granted_site != 0) {
        struct record *record = &ret_records[n++];

        *record = (struct record){.kind = RECORD_SEEN, .has_expiry = true, .ours = true};
        record->at_utc = key->last_granted_site;
        record->expires_site = key->last_granted_site;
        text_copy(record->site, sizeof(record->site), engine->site->name);
    }
    for (size_t i = 0; i < key->n_intents && n < ENGINE_OPEN_RECORDS_MAX; i++) {
        const struct key_intent *intent = &key->intents[key->n_intents - 1 - i];
        struct record *record = &ret_records[n++];

        *record = (struct record){.kind = RECORD_INTENT, .id = intent->id, .minutes = intent->minutes};
        record->at_utc = intent->sent_utc;
        text_copy(record->site, sizeof(record->site), engine->site->name);
    }
    return n;
}
