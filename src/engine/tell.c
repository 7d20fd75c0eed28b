// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

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

static bool is_news(const struct engine *engine, const struct confluence_reply *reply, enum verdict verdict,
                    enum verdict before, usec now_boot)
{
    return engine->retry.failures <= 1 || verdict != before ||
           strcmp(reply->detail, engine->last_error.detail) != 0 ||
           now_boot - engine->retry.told_boot >= ENGINE_TELL_AGAIN;
}

void tell_failure(struct step *step, enum confluence_call call, const struct confluence_reply *reply,
                  enum verdict verdict)
{
    struct engine *engine = step->engine;
    bool blocked = engine->retry.blocked;
    struct report *report;

    if (!is_news(engine, reply, verdict, engine->retry.told, step->now->boot))
        return;
    engine->retry.told_boot = step->now->boot;
    engine->retry.told = verdict;
    report = tell(step, blocked ? REPORT_SITE_BLOCKED : REPORT_CALL_FAILED, "%s failed: %s. %s%s",
                  confluence_method(call), reply->detail, verdict_words(verdict),
                  reply->retry_after_absurd ? " Its Retry-After is beyond a day and is ignored." : "");
    if (verdict == VERDICT_UNTRUSTED)
        report->priority = PRIORITY_ERROR;
    report->verdict = verdict_name(verdict);
    text_copy(report->request_id, sizeof(report->request_id), reply->request_id);
    engine->recovering = true;
}
