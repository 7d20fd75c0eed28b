// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/state.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/mutant.h"

#define CAUSE_WORDS 400

/* A reply to a call that is no longer waited for has no flight; what is known of its sending is in its
 * intent. */
struct answer {
    enum confluence_call call;
    unsigned minutes;
    uint64_t intent;
    usec sent_boot;
    const struct confluence_reply *reply;
};

static void learn_key(struct step *step, const struct answer *answer, bool ours)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;
    usec site_now = site_clock_now(&engine->clock, step->now).latest;
    bool same = key->known == KEY_LIVE && key->ours == ours && answer->call == CONFLUENCE_GET &&
                key->expires_site - answer->reply->expires_site <= KEY_SAME &&
                answer->reply->expires_site - key->expires_site <= KEY_SAME;

    key->read_boot = step->now->boot;
    key->maybe_off = false;
    if (same)
        return;
    engine->off_deleted = false; /* what was deleted before was another one */
    key->known = KEY_LIVE;
    key->ours = ours;
    key->expires_site = answer->reply->expires_site;
    key->granted_boot = answer->sent_boot;
    key->life = key->expires_site - site_now;
    if (ours && answer->call == CONFLUENCE_GET && key->expires_site == key->last_granted_site &&
        engine->last_grant_boot != -USEC_INFINITY) { /* a key that is known: its life began with its grant */
        key->granted_boot = engine->last_grant_boot;
        key->life += step->now->boot - engine->last_grant_boot;
    }
    key->aim_boot = answer->call == CONFLUENCE_POST && ours
                        ? answer->sent_boot + (usec)answer->minutes * USEC_PER_MINUTE
                        : 0;
    key->jitter = renewal_jitter(engine->site->renewal_spread, key->life, &engine->random);
    if (MUTANT(MUTANT_DETERMINISM)) {
        static unsigned drawn; /* what the engine must not have: a memory beyond its own */

        key->jitter += (usec)(drawn++ % 100) * USEC_PER_MSEC;
    }
    key->proved_off_utc = STATUS_NEVER;
    engine->assumed_boot = 0;
    if (!ours)
        return;
    if (answer->call == CONFLUENCE_POST || key->expires_site != key->last_granted_site)
        engine->last_grant_boot = step->now->boot;
    key->last_granted_site = key->expires_site;
}

static void record_outcome(struct step *step, const struct answer *answer, enum verdict verdict)
{
    struct record *record = tell_record(step, RECORD_OUTCOME, answer->intent);

    record->verdict = verdict;
    record->not_acted = !answer->reply->may_have_acted;
    record->has_expiry = answer->reply->has_expiry && verdict == VERDICT_DONE;
    record->expires_site = answer->reply->expires_site;
    text_copy(record->request_id, sizeof(record->request_id), answer->reply->request_id);
}

static void tell_grant(struct step *step, const struct answer *answer, bool renewed)
{
    struct engine *engine = step->engine;
    char cause[CAUSE_WORDS], expires[TIME_TEXT_MAX];
    usec asked = (usec)answer->minutes * USEC_PER_MINUTE;
    struct report *report;

    report =
        tell(step, renewed ? REPORT_KEY_RENEWED : REPORT_KEY_ENABLED,
             "admin key %s for %u minute%s, until %s (%s)", renewed ? "renewed" : "enabled", answer->minutes,
             answer->minutes == 1 ? "" : "s", time_format_rfc3339(expires, engine->key.expires_site),
             tell_cause(engine, cause, sizeof(cause)));
    text_copy(report->request_id, sizeof(report->request_id), answer->reply->request_id);
    snprintf(report->id, sizeof(report->id), "%016llx", (unsigned long long)answer->intent);
    if (MUTANT(MUTANT_SECRETS))
        text_copy(report->message, sizeof(report->message), engine->site->token);
    if (engine->key.life < asked - 2 * USEC_PER_SEC - (step->now->boot - answer->sent_boot)) {
        char life[DURATION_TEXT_MAX];

        if (!engine->told_short)
            tell(step, REPORT_KEY_SHORTENED,
                 "the site granted %s of the %u minutes asked for; renewing earlier",
                 duration_format(life, engine->key.life), answer->minutes);
        engine->told_short = true;
    }
}

/* The call was done, but its reply says less than it should: what it was, for the vendor's support. */
static void name_call(struct report *report, const struct answer *answer)
{
    report->verdict = verdict_name(VERDICT_DONE);
    text_copy(report->request_id, sizeof(report->request_id), answer->reply->request_id);
}

/* For limits: the key was on since the site acted, at the earliest since it was asked. */
static void count_since(struct step *step, usec sent_utc)
{
    struct engine *engine = step->engine;
    const struct zone *zone = engine->site->zone;

    if (engine->key.known == KEY_LIVE)
        return;
    usage_add(&engine->usage, zone, usec_max(sent_utc, engine->recall.counted_utc), engine->recall.until_utc);
    usage_add(&engine->usage, zone, usec_max(sent_utc, engine->counted_live_utc), step->now->utc);
    engine->recall.counted_utc = engine->recall.until_utc;
    engine->counted_live_utc = step->now->utc;
}

static void take_grant(struct step *step, const struct answer *answer, bool late)
{
    struct engine *engine = step->engine;
    bool renewed = engine->key.known == KEY_LIVE && engine->key.ours;

    key_resolve(&engine->key, answer->intent);
    if (!answer->reply->has_expiry) {
        engine->key.known = KEY_UNKNOWN;
        engine->key.proved_off_utc = STATUS_NEVER;
        engine->assumed_boot = step->now->boot + (usec)answer->minutes * USEC_PER_MINUTE;
        name_call(tell(step, REPORT_CALL_FAILED,
                       "the site enabled the admin key but did not say until when; asking it"),
                  answer);
        return;
    }
    site_clock_refine(&engine->clock, answer->sent_boot, step->now->boot,
                      answer->reply->expires_site - (usec)answer->minutes * USEC_PER_MINUTE);
    count_since(step, step->now->utc - (step->now->boot - answer->sent_boot));
    learn_key(step, answer, true);
    engine->told_foreign = false;
    if (late)
        engine->off_deleted = false;
    tell_grant(step, answer, renewed);
}

/* What became of a POST whose reply was lost must outlive a crash, or a loss of power, as well. */
static void record_seen(struct step *step, usec expires_site, const struct key_intent *intent)
{
    struct record *record = tell_record(step, RECORD_SEEN, intent ? intent->id : 0);

    tell_durable(step);
    record->ours = true;
    record->has_expiry = true;
    record->expires_site = expires_site;
}

/* A foreign key counts as ours from now on, and ends with the goal. */
static bool adopt(struct step *step, usec expires_site)
{
    char expires[TIME_TEXT_MAX];

    tell(step, REPORT_KEY_FOREIGN,
         "an admin key is live until %s that adminkeyd did not enable; it is adopted, and ends with the "
         "policy's hours",
         time_format_rfc3339(expires, expires_site));
    return true;
}

static const char *foreign_words(const struct engine *engine)
{
    if (!engine->site->enforce)
        return "; it is left alone";
    if (engine->goal.on)
        return "; it is kept up while the policy wants one";
    return engine->site->foreign_keys == POLICY_FOREIGN_DISABLE ? "; it is switched off, as the policy says"
                                                                : "; it is left alone";
}

/* A GET found a key, but not its end: it goes on as it is known, or as it may have been granted. Where
 * nothing is known, it is somebody else's: a key without a duration lives ten minutes. */
static void read_endless_key(struct step *step, const struct answer *answer)
{
    struct engine *engine = step->engine;
    const struct key *key = &engine->key;
    struct confluence_reply assumed = *answer->reply;
    struct answer with_expiry = *answer;
    usec site_now = site_clock_now(&engine->clock, step->now).latest;
    bool open = key->known == KEY_UNKNOWN || key_is_doubtful(key);
    usec granted_site = open ? plan_latest_expiry(engine, step->now) : 0;
    bool ours = key->known == KEY_LIVE ? key->ours : granted_site > site_now;
    char expires[TIME_TEXT_MAX];

    assumed.has_expiry = true;
    assumed.expires_site = ours ? granted_site : site_now + 10 * USEC_PER_MINUTE;
    if (key->known == KEY_LIVE)
        assumed.expires_site = usec_max(assumed.expires_site, key->expires_site);
    with_expiry.reply = &assumed;
    learn_key(step, &with_expiry, ours);
    name_call(tell(step, REPORT_CALL_FAILED,
                   "the site does not say when the admin key ends; it is taken to end at %s",
                   time_format_rfc3339(expires, key->expires_site)),
              answer);
}

/* A GET found a key, and its end. */
static void read_key(struct step *step, const struct answer *answer)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;
    usec expires_site = answer->reply->expires_site;
    struct site_time bounds = site_clock_bounds(&engine->clock, step->now);
    bool was_ours = key->known == KEY_LIVE && key->ours;
    char expires[TIME_TEXT_MAX];
    bool ours;

    /* What was granted without an expiry is read for just that. */
    ours = engine->assumed_boot > step->now->boot || key_is_ours(key, expires_site, bounds);
    if (!ours && engine->site->foreign_keys == POLICY_FOREIGN_ADOPT && engine->goal.on)
        ours = adopt(step, expires_site);
    if (key->last_granted_site == expires_site)
        breaker_none_came(&engine->breaker, step->now->boot);
    else
        breaker_close(&engine->breaker);
    if (ours && expires_site != key->last_granted_site) {
        const struct key_intent *intent = key_fitting_intent(key, expires_site, bounds);

        if (intent)
            count_since(step, expires_site - (usec)intent->minutes * USEC_PER_MINUTE -
                                  site_clock_offset(&engine->clock, step->now));
        record_seen(step, expires_site, intent);
    }
    learn_key(step, answer, ours);
    if (ours) {
        engine->told_foreign = false;
        return;
    }
    if (!engine->told_foreign || was_ours)
        tell(step, REPORT_KEY_FOREIGN, "an admin key is live until %s that adminkeyd did not enable%s",
             time_format_rfc3339(expires, key->expires_site), foreign_words(engine));
    engine->told_foreign = true;
}

/* An expiry that passed proves off only together with a read that began after it. */
static void read_absence(struct step *step, const struct answer *answer)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;
    bool lost = key->known == KEY_LIVE &&
                plan_key_expires(engine, step->now) > step->now->boot + SITE_CLOCK_TOLERANCE;
    bool expired = (key->known == KEY_EXPIRED || key->known == KEY_LIVE) &&
                   plan_key_gone(engine, step->now) <= answer->sent_boot;
    bool counted = key->known == KEY_LIVE ? key->ours
                                          : plan_latest_expiry(engine, step->now) >
                                                site_clock_now(&engine->clock, step->now).earliest;
    char expires[TIME_TEXT_MAX];

    if (counted)
        tell_record(step, RECORD_SEEN, 0); /* no more, for the limits of who starts next */
    key->read_boot = step->now->boot;
    key->known = KEY_ABSENT;
    key->maybe_off = false;
    engine->assumed_boot = 0;
    breaker_none_came(&engine->breaker, step->now->boot);
    engine->told_foreign = false;
    if (lost && engine->goal.on)
        tell(step, REPORT_KEY_LOST,
             "somebody else switched off the admin key that was to live until %s, and the policy wants it "
             "on%s; "
             "to keep it off, change the policy or stop adminkeyd",
             time_format_rfc3339(expires, key->expires_site),
             !engine->site->enforce              ? ""
             : plan_is_lapsed(engine, step->now) ? ": it will be enabled again in the next renewal window"
                                                 : ": enabling it again");
    if (expired && key->n_intents == 0 && key->proved_off_utc == STATUS_NEVER &&
        (!engine->goal.on || plan_is_lapsed(engine, step->now)))
        key->proved_off_utc = step->now->utc;
}

static void take_off(struct step *step, const struct answer *answer)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;
    bool was_proved = key->proved_off_utc != STATUS_NEVER;
    struct report *report;

    engine->deleted_boot = step->now->boot;
    engine->off_deleted = true;
    breaker_close(&engine->breaker);
    engine->damaged = false;
    key->known = KEY_ABSENT;
    key->maybe_off = false;
    key->read_boot = step->now->boot;
    key->last_granted_site = 0;
    engine->assumed_boot = 0;
    if (key_next_late(key, engine->deleted_boot) != USEC_INFINITY && !MUTANT(MUTANT_PROOF))
        return; /* a POST that was given up may still act: the proof waits for the last DELETE against it */
    key->n_intents = 0;
    key->proved_off_utc = step->now->utc;
    text_copy(tell_record(step, RECORD_OFF, 0)->request_id, sizeof(answer->reply->request_id),
              answer->reply->request_id);
    report = tell(step, REPORT_KEY_DISABLED, "admin key off, proved by the site");
    if (was_proved)
        report->priority = PRIORITY_INFO;
    text_copy(report->request_id, sizeof(report->request_id), answer->reply->request_id);
}

void replies_forgive(struct step *step)
{
    struct engine *engine = step->engine;

    if (engine->retry.failures > 0 && plan_has_no_use(engine, step->now, engine->retry.failing))
        retry_forgive(&engine->retry);
}

/* What was read shows that no DELETE is wanted any more: that one was refused blocks nothing. */
static void forgive_delete(struct step *step)
{
    struct engine *engine = step->engine;
    struct plan next = plan_next(engine, step->now);

    if (engine->retry.failures > 0 && engine->retry.failing == CONFLUENCE_DELETE &&
        (next.none || next.call != CONFLUENCE_DELETE))
        retry_forgive(&engine->retry);
}

static void take_done(struct step *step, const struct answer *answer, bool late)
{
    struct engine *engine = step->engine;

    switch (answer->call) {
    case CONFLUENCE_GET:
        engine->has_read = true;
        engine->off_read = true;
        if (!answer->reply->has_key)
            read_absence(step, answer);
        else if (answer->reply->has_expiry)
            read_key(step, answer);
        else
            read_endless_key(step, answer);
        break;
    case CONFLUENCE_POST:
        record_outcome(step, answer, VERDICT_DONE);
        take_grant(step, answer, late);
        break;
    case CONFLUENCE_DELETE: take_off(step, answer); break;
    }
    if (late)
        return;
    retry_succeeded(&engine->retry, answer->call);
    replies_forgive(step);
    if (answer->call == CONFLUENCE_GET)
        forgive_delete(step);
    if (engine->recovering && !engine->retry.blocked) {
        tell(step, REPORT_SITE_RECOVERED, "the site answers again");
        engine->recovering = false;
    }
}

/* A POST failed: is it sure that no key came of it? */
static void settle_failed_post(struct step *step, const struct answer *answer, enum verdict verdict)
{
    struct key *key = &step->engine->key;
    struct key_intent *intent = key_find_intent(key, answer->intent);

    record_outcome(step, answer, verdict);
    if (!answer->reply->may_have_acted) {
        key_resolve(key, answer->intent);
        return;
    }
    key->known = KEY_UNKNOWN;
    key->maybe_off = false; /* or a key came of it */
    if (intent)
        intent->given_up_boot = step->now->boot;
}

/* A GET that cannot be read, while the policy wants a key: what the ledger says was granted is taken to live,
 * for a POST could move its expiry earlier; where it says nothing, only a POST leads on. */
static void go_without_reading(struct step *step)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;
    usec site_now = site_clock_now(&engine->clock, step->now).latest;
    usec expires_site = plan_granted_until(engine, step->now);

    engine->has_read = true;
    if (key->known != KEY_UNKNOWN || (key->maybe_off && expires_site > site_now))
        return;
    key->known = KEY_EXPIRED;
    if (expires_site <= site_now)
        return;
    key->known = KEY_LIVE;
    key->ours = true;
    key->expires_site = expires_site;
    key->granted_boot = step->now->boot; /* and read_boot stays: it still is to be read */
    key->life = key->expires_site - site_now;
    key->aim_boot = 0;
}

/* A DELETE without a reply may have switched off what a POST without a reply had made. */
static void doubt_delete(struct engine *engine)
{
    engine->key.maybe_off = true;
    breaker_close(&engine->breaker);
}

static void take_failure(struct step *step, const struct answer *answer, bool late)
{
    struct engine *engine = step->engine;
    usec live_for = USEC_INFINITY;
    enum verdict verdict;

    if (late) {
        if (answer->call == CONFLUENCE_POST && !answer->reply->may_have_acted)
            key_resolve(&engine->key, answer->intent);
        return;
    }
    if (engine->key.known == KEY_LIVE) {
        usec left = plan_key_expires(engine, step->now) - step->now->boot;

        live_for = left > 0 ? left : 0;
    }
    verdict =
        retry_failed(&engine->retry, answer->call, answer->reply, step->now->boot, live_for, &engine->random);
    if (engine->network_boot > answer->sent_boot)
        retry_hurry(&engine->retry, step->now->boot); /* it was sent into the network of before */
    if (answer->call == CONFLUENCE_POST)
        settle_failed_post(step, answer, verdict);
    if (answer->call == CONFLUENCE_GET && answer->reply->verdict == VERDICT_IMPLAUSIBLE && engine->goal.on)
        go_without_reading(step);
    if (answer->call == CONFLUENCE_DELETE && answer->reply->may_have_acted)
        doubt_delete(engine);
    tell_failure(step, answer->call, answer->reply, verdict);
    text_copy(engine->last_error.detail, sizeof(engine->last_error.detail), answer->reply->detail);
    text_copy(engine->last_error.request_id, sizeof(engine->last_error.request_id),
              answer->reply->request_id);
    engine->last_error.at_utc = step->now->utc;
}

static void settle_breaker(struct step *step, const struct confluence_reply *reply)
{
    struct breaker *breaker = &step->engine->breaker;

    if (reply->may_have_acted && (reply->verdict == VERDICT_TRANSIENT || reply->verdict == VERDICT_THROTTLED))
        breaker_doubted(breaker, step->now->boot);
    else
        breaker_settled(breaker, step->now->boot, reply->may_have_acted); /* a garbled grant is one */
}

void replies_take(struct step *step, const struct engine_event *event)
{
    struct engine *engine = step->engine;
    struct flight *flight = &engine->flight;
    struct key_intent *late_intent = key_find_intent(&engine->key, event->id);
    bool late = event->id != flight->id;
    struct answer answer = {.reply = event->reply};

    if (event->reply->has_date && !late)
        site_clock_observe(&engine->clock, flight->sent_boot, step->now->boot, event->reply->date_site);
    if (!late) {
        answer.call = flight->call;
        answer.minutes = flight->minutes;
        answer.intent = flight->intent;
        answer.sent_boot = flight->sent_boot;
        *flight = (struct flight){0};
        if (answer.call == CONFLUENCE_POST)
            settle_breaker(step, event->reply);
        engine->settled = true;
    } else if (late_intent) {
        /* Only a POST matters when it is late, and POSTs carry their intent's id. */
        answer.call = CONFLUENCE_POST;
        answer.minutes = late_intent->minutes;
        answer.intent = late_intent->id;
        answer.sent_boot = late_intent->sent_boot;
    } else {
        return;
    }
    if (event->reply->verdict == VERDICT_DONE)
        take_done(step, &answer, late);
    else
        take_failure(step, &answer, late);
}

void replies_give_up(struct step *step)
{
    struct engine *engine = step->engine;
    struct flight *flight = &engine->flight;
    struct key_intent *intent = key_find_intent(&engine->key, flight->intent);

    tell_effect(step, ENGINE_EFFECT_ABANDON)->id = flight->id;
    if (flight->call == CONFLUENCE_POST && intent) {
        intent->given_up_boot = step->now->boot;
        tell_record(step, RECORD_GIVEN_UP, intent->id);
        engine->key.known = KEY_UNKNOWN;
    }
    if (flight->call == CONFLUENCE_DELETE)
        doubt_delete(engine);
    *flight = (struct flight){0};
}
