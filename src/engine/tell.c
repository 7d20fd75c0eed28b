// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define URGENT_LEFT   USEC_PER_MINUTE /* of a key's life */
#define URGENT_AFTER  USEC_PER_MINUTE /* of failing to switch */
#define URGENCY_WORDS 160

struct engine_effect *tell_effect(struct step *step, enum engine_effect_kind kind)
{
    struct engine_effect *effect;

    assert(step->effects->n < ENGINE_EFFECTS_MAX);
    effect = &step->effects->list[step->effects->n++];
    *effect = (struct engine_effect){.kind = kind};
    return effect;
}

const char *tell_cause(const struct engine *engine, char *buffer, size_t size)
{
    const struct cause *cause = &engine->goal.cause;
    const char *kind = cause_kind_name(cause->kind), *reason = cause->reason ? cause->reason : "";
    const char *quote = cause->name ? "'" : "";

    if (!kind)
        text_copy(buffer, size, "no window");
    else if (cause->line == 0)
        snprintf(buffer, size, "%s%s%s", kind, *reason ? ": " : "", reason);
    else
        snprintf(buffer, size, "%s%s%s%s%s%s%s%s, policy line %u", kind, *quote ? " " : "", quote,
                 cause->name ? cause->name : "", quote, *reason ? " (" : "", reason, *reason ? ")" : "",
                 cause->line);
    return buffer;
}

struct report *tell(struct step *step, enum report_kind kind, const char *format, ...)
{
    const struct engine *engine = step->engine;
    struct report *report = &tell_effect(step, ENGINE_EFFECT_REPORT)->report;
    struct site_status status;
    va_list arguments;
    int used;

    engine_status(engine, step->now, &status);
    report->kind = kind;
    report->priority = report_kind_row(kind)->priority;
    report->site = engine->site->name;
    report->state = site_state_name(status.state);
    report->cause = cause_kind_name(engine->goal.cause.kind);
    report->reason = engine->goal.cause.reason;
    if (engine->key.known == KEY_LIVE)
        time_format_rfc3339(report->expires, engine->key.expires_site);

    used = snprintf(report->message, sizeof(report->message), "%s: ", engine->site->name);
    va_start(arguments, format);
    vsnprintf(report->message + used, sizeof(report->message) - (size_t)used, format, arguments);
    va_end(arguments);
    return report;
}

struct record *tell_record(struct step *step, enum record_kind kind, uint64_t intent)
{
    struct record *record = &tell_effect(step, ENGINE_EFFECT_RECORD)->record.record;

    record->kind = kind;
    record->at_utc = step->now->utc;
    record->id = intent;
    text_copy(record->site, sizeof(record->site), step->engine->site->name);
    return record;
}

void tell_durable(struct step *step)
{
    step->effects->list[step->effects->n - 1].record.durable = true;
}

void tell_hold(struct step *step, const struct hold *hold)
{
    bool loud = hold->kind == CAUSE_BREAK_GLASS;
    char until[TIME_TEXT_MAX];
    struct report *report;

    report =
        tell(step, loud ? REPORT_BREAK_GLASS : REPORT_HOLD_TAKEN, "%s%s wants the admin key until %s%s%s",
             loud ? "break-glass: " : "", *hold->by ? hold->by : "somebody",
             time_format_rfc3339(until, hold->until_utc), *hold->reason ? ": " : "", hold->reason);
    report->cause = cause_kind_name(hold->kind);
    report->reason = hold->reason;
    snprintf(report->id, sizeof(report->id), "%016llx", (unsigned long long)hold->id);
}

/* How bad it is that a call fails now: the worse, the less is left of a key that is wanted, or the longer one
 * is on that is not. `ret_words` says so. */
static enum report_priority urgency(const struct engine *engine, const struct instant *now, char *ret_words,
                                    size_t size)
{
    const struct key *key = &engine->key;
    /* What is not known is taken to be as it was granted. */
    usec expires_site = key->known == KEY_LIVE      ? key->expires_site
                        : key->known == KEY_UNKNOWN ? plan_granted_until(engine, now)
                                                    : 0;
    bool wanted = engine->goal.on && !engine->stopping;
    usec since_boot = engine->goal.on && engine->stopping ? engine->stop_by_boot - ENGINE_STOP_TIME
                                                          : engine->goal_since_boot;
    usec lasts = now->boot - since_boot;
    usec left = expires_site - site_clock_now(&engine->clock, now).latest;
    char expires[TIME_TEXT_MAX];

    *ret_words = '\0';
    if (!engine->site->enforce || plan_is_lapsed(engine, now))
        return PRIORITY_WARNING;
    if (!wanted) {
        if (lasts <= URGENT_AFTER || !plan_may_be_ours(engine, now))
            return PRIORITY_WARNING;
        snprintf(ret_words, size, " The admin key may be on meanwhile, and is not to be.");
        return PRIORITY_ERROR;
    }
    if (left > 0) {
        snprintf(ret_words, size, " The admin key ends at %s.", time_format_rfc3339(expires, expires_site));
        if (left <= URGENT_LEFT)
            return PRIORITY_CRITICAL;
        return left <= key->life / 4 ? PRIORITY_ERROR : PRIORITY_WARNING;
    }
    if (plan_has_granted(engine)) {
        snprintf(ret_words, size,
                 " There may be no admin key meanwhile: restricted pages are missing without a word.");
        return PRIORITY_CRITICAL;
    }
    return lasts <= URGENT_AFTER ? PRIORITY_WARNING : PRIORITY_ERROR;
}

void tell_failure(struct step *step, enum confluence_call call, const struct confluence_reply *reply,
                  enum verdict verdict)
{
    struct engine *engine = step->engine;
    bool blocked = engine->retry.blocked;
    char words[URGENCY_WORDS];
    enum report_priority priority = urgency(engine, step->now, words, sizeof(words));
    struct report *report;

    report = tell(step, blocked ? REPORT_SITE_BLOCKED : REPORT_CALL_FAILED, "%s failed: %s. %s%s%s",
                  confluence_method(call), reply->detail, verdict_words(verdict),
                  reply->retry_after_absurd ? " Its Retry-After is beyond a day and is ignored." : "", words);
    if (verdict == VERDICT_UNTRUSTED)
        report->priority = PRIORITY_ERROR;
    if (priority < report->priority)
        report->priority = priority;
    report->verdict = verdict_name(verdict);
    text_copy(report->request_id, sizeof(report->request_id), reply->request_id);
    report->has_end = true;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t digest(const struct report *report)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *at = report->message; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return hash ^ ((uint64_t)report->kind << 8 | (uint64_t)report->priority);
}

/* Whether it is news; then it is remembered. */
static bool is_news(struct engine *engine, const struct report *report, usec now_boot)
{
    uint64_t words = digest(report);

    for (size_t i = 0; i < ENGINE_TOLD_MAX; i++)
        if (engine->told[i].words == words && now_boot - engine->told[i].boot < ENGINE_TELL_AGAIN)
            return false;
    engine->told_newest = (engine->told_newest + 1) % ENGINE_TOLD_MAX;
    engine->told[engine->told_newest].words = words;
    engine->told[engine->told_newest].boot = now_boot;
    return true;
}

static bool is_dropped(struct step *step, const struct engine_effect *effect)
{
    if (effect->kind != ENGINE_EFFECT_REPORT)
        return false;
    if (report_kind_row(effect->report.kind)->repeats &&
        !is_news(step->engine, &effect->report, step->now->boot))
        return true;
    step->engine->recovering = step->engine->recovering || effect->report.has_end;
    return false;
}

void tell_no_repeats(struct step *step)
{
    struct engine_effects *effects = step->effects;
    size_t kept = 0;

    for (size_t i = 0; i < effects->n; i++) {
        if (is_dropped(step, &effects->list[i]))
            continue;
        if (kept != i)
            effects->list[kept] = effects->list[i];
        kept++;
    }
    effects->n = kept;
}
