// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/state.h"

#include "base/text.h"

/* The boot clock's reading at an instant, as the clock of then dated it: later than now, where it was set
 * back since. The breaker can make use of that, for it has what came after. */
static usec dated_boot_of(usec at_utc, const struct instant *now)
{
    return now->boot - (now->utc - at_utc);
}

/* The same of what is past, as far as the clock was right then. */
static usec boot_of(usec at_utc, const struct instant *now)
{
    return usec_min(dated_boot_of(at_utc, now), now->boot);
}

static void remember_stretch(struct engine *engine, const struct record *record, const struct instant *now)
{
    engine->stretch_utc = record->stretch_utc;
    engine->stretch_boot = boot_of(record->stretch_utc, now);
    /* The records that a ledger begins anew with are not in the order of time. */
    if (record->at_utc > engine->recall.last_utc)
        engine->recall.last_utc = record->at_utc;
}

static void remember_intent(struct engine *engine, const struct record *record, const struct instant *now)
{
    usec dated_boot = dated_boot_of(record->at_utc, now);
    struct key_intent intent = {
        .id = record->id,
        .minutes = record->minutes,
        .sent_utc = record->at_utc,
        /* Dated later than now: the clock was set back since, and it may have been sent at any time. */
        .sent_boot = dated_boot > now->boot ? now->boot - KEY_FORGET : dated_boot,
        /* Whoever sent it is gone, and may have sent it up to now. */
        .given_up_boot = now->boot,
    };

    key_intend(&engine->key, &intent);
    breaker_posted(&engine->breaker, dated_boot, engine->site->duration_minutes);
    if (record->stretch_utc != engine->stretch_utc)
        usage_recall_stretch(&engine->usage, engine->site->zone, record->stretch_utc);
    remember_stretch(engine, record, now);
    usage_recall_intent(&engine->usage, engine->site->zone, record->at_utc, record->minutes);
}

/* No reply was waited for any more; but for a clock that was set back, since then. */
static void remember_given_up(struct engine *engine, const struct record *record, const struct instant *now)
{
    struct key_intent *intent = key_find_intent(&engine->key, record->id);

    if (intent && record->at_utc < now->utc)
        intent->given_up_boot = boot_of(record->at_utc, now);
}

static void remember_outcome(struct engine *engine, const struct record *record, const struct instant *now)
{
    bool done = record->verdict == VERDICT_DONE;

    if (!record->not_acted && (record->verdict == VERDICT_TRANSIENT || record->verdict == VERDICT_THROTTLED))
        breaker_doubted(&engine->breaker, dated_boot_of(record->at_utc, now));
    else
        breaker_settled(&engine->breaker, dated_boot_of(record->at_utc, now), !record->not_acted);
    if (done)
        engine->last_grant_boot = boot_of(record->at_utc, now);
    if (done && record->has_expiry) {
        engine->key.last_granted_site = record->expires_site;
        usage_recall_grant(&engine->usage, engine->site->zone, record->at_utc, record->expires_site);
    } else if (record->not_acted) {
        usage_recall_refusal(&engine->usage);
    }
    /* Only a grant with its expiry, or a POST that surely did nothing, is settled; what may have acted stays
     * open. */
    if ((done && record->has_expiry) || record->not_acted)
        key_resolve(&engine->key, record->id);
    else
        remember_given_up(engine, record, now);
}

/* A key that was read counts since the site acted on its POST, at the earliest since it was asked. */
static usec seen_since_utc(struct engine *engine, const struct record *record)
{
    const struct key_intent *intent = key_find_intent(&engine->key, record->id);
    usec acted_utc;

    if (!intent)
        return record->at_utc;
    acted_utc = record->expires_site - (usec)intent->minutes * USEC_PER_MINUTE;
    return usec_min(usec_max(acted_utc, intent->sent_utc), record->at_utc);
}

static void remember_seen(struct engine *engine, const struct record *record, const struct instant *now)
{
    if (!record->has_expiry) {
        breaker_none_came(&engine->breaker, dated_boot_of(record->at_utc, now));
        usage_recall_off(&engine->usage, engine->site->zone, record->at_utc);
        return;
    }
    if (!record->ours)
        return;
    breaker_close(&engine->breaker);
    engine->key.last_granted_site = record->expires_site;
    engine->last_grant_boot = boot_of(record->at_utc, now);
    usage_recall_grant(&engine->usage, engine->site->zone, seen_since_utc(engine, record),
                       record->expires_site);
}

/* How long somebody has wanted a key, for memory_stretch_goes_on(): a hold whose time is over counts, too. */
static void remember_demand(struct engine *engine, const struct record *record, const struct instant *now)
{
    usec *held_until_utc = &engine->recall.held_until_utc;
    bool was_disabled = engine->demand.disabled, ends = false;

    demand_remember(&engine->demand, record, now);
    switch (record->kind) {
    case RECORD_HOLD:
        if (record->at_utc > *held_until_utc)
            engine->recall.held_from_utc = record->at_utc;
        *held_until_utc = record->until_utc > *held_until_utc ? record->until_utc : *held_until_utc;
        break;
    case RECORD_RELEASE: ends = engine->demand.n_holds == 0; break;
    case RECORD_DISABLE:
        engine->recall.allowed_utc = record->until_utc;
        ends = true;
        break;
    case RECORD_RESUME:
        if (was_disabled && record->at_utc < engine->recall.allowed_utc)
            engine->recall.allowed_utc = record->at_utc;
        break;
    default: break;
    }
    if (ends && *held_until_utc > record->at_utc)
        *held_until_utc = record->at_utc;
}

#define PIECES_MAX 8

/* Back from now, through hours and holds that touch, to where nobody wanted a key. */
static usec wanted_since(const struct engine *engine, usec now_utc)
{
    usec held_from_utc = engine->recall.held_from_utc, held_until_utc = engine->recall.held_until_utc;
    usec since_utc = now_utc;

    for (int i = 0; i < PIECES_MAX; i++) {
        usec before_utc = since_utc == now_utc ? now_utc : since_utc - 1;
        struct calendar_answer answer;

        calendar_at(engine->site->calendar, before_utc, &answer);
        if (answer.on)
            since_utc = calendar_since(engine->site->calendar, before_utc);
        else if (held_from_utc < since_utc && held_until_utc >= since_utc)
            since_utc = held_from_utc;
        else
            break;
    }
    return since_utc;
}

usec memory_stretch_since(const struct engine *engine, const struct instant *now)
{
    usec since_utc = wanted_since(engine, now->utc), allowed_utc = engine->recall.allowed_utc;

    return allowed_utc > since_utc && allowed_utc <= now->utc ? allowed_utc : since_utc;
}

bool memory_stretch_goes_on(const struct engine *engine, const struct instant *now)
{
    return engine->stretch_utc != 0 && memory_stretch_since(engine, now) <= engine->recall.last_utc;
}

void engine_remember(struct engine *engine, const struct record *record, const struct instant *now)
{
    switch (record->kind) {
    case RECORD_INTENT: remember_intent(engine, record, now); break;
    case RECORD_OUTCOME: remember_outcome(engine, record, now); break;
    case RECORD_GIVEN_UP: remember_given_up(engine, record, now); break;
    case RECORD_OFF:
        breaker_close(&engine->breaker);
        engine->key.n_intents = 0;
        engine->key.last_granted_site = 0;
        engine->last_grant_boot = -USEC_INFINITY; /* whoever wants a key after that wants a first one */
        usage_recall_off(&engine->usage, engine->site->zone, record->at_utc);
        break;
    case RECORD_SEEN: remember_seen(engine, record, now); break;
    case RECORD_HOLD:
    case RECORD_RELEASE:
    case RECORD_DISABLE:
    case RECORD_RESUME: remember_demand(engine, record, now); break;
    case RECORD_USAGE:
        usage_recall_used(&engine->usage, record->at_utc, record->day, record->day_used,
                          record->stretch_used);
        remember_stretch(engine, record, now);
        break;
    }
    key_forget(&engine->key, now->boot);
}

void engine_remember_damage(struct engine *engine)
{
    engine->damaged = true;
}

static struct record *open_record(const struct engine *engine, struct record *record, enum record_kind kind,
                                  usec at_utc)
{
    *record = (struct record){.kind = kind, .at_utc = at_utc, .until_utc = USEC_INFINITY};
    text_copy(record->site, sizeof(record->site), engine->site->name);
    return record;
}

/* When the boot clock read that, as records have it. */
static usec then_utc(const struct engine *engine, usec boot)
{
    return engine->counted_utc - (engine->counted_boot - boot);
}

/* When the newest key was granted to us. */
static usec granted_utc(const struct engine *engine)
{
    return engine->last_grant_boot == -USEC_INFINITY ? engine->counted_utc
                                                     : then_utc(engine, engine->last_grant_boot);
}

static size_t open_demand(const struct engine *engine, struct record *records)
{
    const struct demand *demand = &engine->demand;
    size_t n = 0;

    if (demand->disabled) {
        struct record *record = open_record(engine, &records[n++], RECORD_DISABLE, engine->counted_utc);

        record->until_utc = demand->disabled_until_utc;
        text_copy(record->by, sizeof(record->by), demand->disabled_by);
        text_copy(record->cause_reason, sizeof(record->cause_reason), demand->disabled_reason);
    }
    for (size_t i = 0; i < demand->n_holds; i++) {
        const struct hold *hold = &demand->holds[i];
        struct record *record = open_record(engine, &records[n++], RECORD_HOLD, hold->from_utc);

        record->id = hold->id;
        record->cause = hold->kind;
        record->until_utc = hold->until_utc;
        text_copy(record->by, sizeof(record->by), hold->by);
        text_copy(record->cause_reason, sizeof(record->cause_reason), hold->reason);
    }
    return n;
}

static void open_intent(const struct engine *engine, struct record *record, uint64_t id, unsigned minutes,
                        usec at_utc)
{
    open_record(engine, record, RECORD_INTENT, at_utc);
    record->id = id;
    record->minutes = minutes;
    record->stretch_utc = engine->stretch_utc;
}

/* The POSTs of which something came, or did not, before the site last told of the key; or the others. */
static size_t open_intents(const struct engine *engine, bool read_since, struct record *records)
{
    const struct key *key = &engine->key;
    size_t n = 0;

    for (size_t i = 0; i < key->n_intents; i++) {
        const struct key_intent *intent = &key->intents[i];

        if ((intent->given_up_boot <= key->read_boot) == read_since)
            open_intent(engine, &records[n++], intent->id, intent->minutes, intent->sent_utc);
    }
    return n;
}

size_t engine_open_records(const struct engine *engine,
                           struct record ret_records[static ENGINE_OPEN_RECORDS_MAX])
{
    const struct key *key = &engine->key;
    size_t n = 0;

    if (key->last_granted_site != 0) {
        struct record *record = open_record(engine, &ret_records[n++], RECORD_SEEN, granted_utc(engine));

        record->has_expiry = true;
        record->ours = true;
        record->expires_site = key->last_granted_site;
    }
    n += open_intents(engine, true, ret_records + n);
    if (n > 0 && engine->counted_boot != 0 && key->known == KEY_ABSENT)
        open_record(engine, &ret_records[n++], RECORD_SEEN, then_utc(engine, key->read_boot));
    n += open_intents(engine, false, ret_records + n);
    if (engine->recording.id != 0) /* its POST follows once it is on the disk */
        open_intent(engine, &ret_records[n++], engine->recording.id, engine->recording.minutes,
                    engine->counted_utc);
    n += open_demand(engine, ret_records + n);
    /* Last: what is open is counted in it. */
    if (engine->counted_boot != 0) {
        struct record *record = open_record(engine, &ret_records[n++], RECORD_USAGE, engine->counted_utc);

        record->day = engine->usage.day;
        record->day_used = engine->usage.day_used;
        record->stretch_used = engine->usage.stretch_used;
        record->stretch_utc = engine->stretch_utc;
    }
    return n;
}
