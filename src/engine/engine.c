// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/mutant.h"
#include "engine/state.h"

/*
 * The rules, and where they are kept.
 *
 *  - 1 Level, not edges: every wake computes the goal, compares it with what is known of the key, and
 *    does the one thing that follows.
 *  - 2 One door: every POST passes flight_begin(), and leaves a record with its cause.
 *  - 3 Minutes: what is left of the stretch, cut to the duration, in whole minutes; below one nothing
 *    is sent, and no POST moves the expiry earlier (renewal.c, plan.c).
 *  - 4 The site is the dead man's switch: no grant outlives its goal.
 *  - 5, 6 Aligned renewals: renewal.c.
 *  - 7 Off before the expiry: DELETE at once, retried until 204 or until the expiry has passed. At
 *    the natural end a GET, then a DELETE as proof (plan.c).
 *  - 8 Not known is not off: key.c keeps the POSTs whose fate is open. Off is proved by a 204 while none of
 *    them may still act, or by an expiry passed and a later GET that finds no key.
 *  - 9, 10 Verdicts confirmed over time, delays: retry.c.
 *  - 11 The breaker: breaker.c.
 *  - 12 Foreign keys: plan.c, replies.c.
 *  - 13 Start and stop: the first reply settles; a stop switches off within ENGINE_STOP_TIME, a restart does
 *    not (stop.c).
 *  - 14 Sleep and lock: away.c.
 *  - 15 Clocks: site_clock.c, goal.c.
 *  - 16 Holds and disables: ask.c at the door, demand.c, goal.c.
 *  - 17 Limits: usage.c counts, goal.c obeys.
 *  - 18 The ledger: an intent is durable before its POST (flight.c); memory.c.
 *  - 19 Silence costs nothing: effects.due_boot is the next real instant.
 *  - 20 One call under way per site (flight.c); a late reply changes knowledge, never the goal.
 *  - 21 Renewal windows: renewal_windows.c, plan.c. A key that lapses for them is as wished.
 *  - 22 enforce: no reads, decides and reports, and switches nothing.
 */

int engine_new(const struct policy_site *site, struct engine **ret_engine)
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (!engine)
        return -ENOMEM;
    engine->site = site;
    engine->goal.until_boot = engine->goal.until_utc = USEC_INFINITY;
    key_init(&engine->key);
    engine->last_grant_boot = -USEC_INFINITY;
    *ret_engine = engine;
    return 0;
}

struct engine *engine_free(struct engine *engine)
{
    free(engine);
    return NULL;
}

bool engine_is_settled(const struct engine *engine)
{
    return engine->settled;
}

static void update_distrust(struct step *step)
{
    struct engine *engine = step->engine;
    usec offset = site_clock_offset(&engine->clock, step->now);
    bool off = offset > SITE_CLOCK_DISTRUST || offset < -SITE_CLOCK_DISTRUST;
    char text[DURATION_TEXT_MAX];

    if (off && !engine->told_distrust)
        tell(step, REPORT_CLOCK_OFF,
             "the site's clock is %s %s this machine's; the admin key is on only where both are inside the "
             "policy's "
             "hours. Check the time service of this machine (timedatectl)",
             duration_format(text, offset > 0 ? offset : -offset), offset > 0 ? "ahead of" : "behind");
    engine->told_distrust = off;
}

/* Not known is not off: what was granted last, or may have been, counts until its end, or until a reply says
 * that it is gone. The latest instant at which such a key ends, by the site's clock. */
static usec ends_site(const struct step *step)
{
    const struct key *key = &step->engine->key;
    usec latest_site = plan_latest_expiry(step->engine, step->now);

    return key->known == KEY_LIVE ? usec_max(key->expires_site, latest_site) : latest_site;
}

static void turn_day(const struct step *step, struct usage *usage)
{
    struct site_time site = site_clock_now(&step->engine->clock, step->now);
    usec utc = step->now->utc;

    usage_turn_day(usage, step->engine->site->zone, usec_min(site.earliest, utc), usec_max(site.latest, utc));
}

/* What the key was on for since the last step. */
static void count_usage(struct step *step)
{
    struct engine *engine = step->engine;
    struct usage *usage = &engine->usage;
    usec now_utc = step->now->utc, from_boot = engine->counted_boot, until_boot = step->now->boot;

    if (engine->clock.known)
        turn_day(step, usage);
    if (from_boot == 0) {
        if (usage->recalling)
            engine->recall.counted_utc = usec_min(now_utc, usage->expires_utc);
        engine->recall.until_utc = engine->counted_live_utc = now_utc;
        usage_recall_off(usage, engine->site->zone, now_utc);
        if (MUTANT(MUTANT_LIMITS))
            usage->day_used = usage->stretch_used = 0;
    } else {
        usec gone_boot =
            step->now->boot + (ends_site(step) - site_clock_now(&engine->clock, step->now).earliest);

        if (engine->key.known == KEY_LIVE && !engine->key.ours && !engine->goal.on)
            until_boot = from_boot; /* somebody else's doing, and not on the policy's account */
        until_boot = usec_min(gone_boot, until_boot);
        usage_add(usage, engine->site->zone, now_utc - (step->now->boot - from_boot),
                  now_utc - (step->now->boot - until_boot));
        if (until_boot > from_boot)
            engine->counted_live_utc = now_utc - (step->now->boot - until_boot);
    }
    engine->counted_boot = step->now->boot;
    engine->counted_utc = now_utc;
}

/* Holds and a disable that have come to their end: however many, one report. */
static void update_demand(struct step *step)
{
    struct demand *demand = &step->engine->demand;
    const struct hold *first = NULL;
    char others[32] = "";
    unsigned n = 0;

    for (size_t i = 0; i < demand->n_holds; i++) {
        const struct hold *hold = &demand->holds[i];

        if (hold->until_boot > step->now->boot)
            continue;
        if (hold->cut)
            tell_record(step, RECORD_RELEASE, hold->id);
        if (n++ == 0)
            first = hold;
    }
    if (n > 1)
        snprintf(others, sizeof(others), " and %u other%s", n - 1, n == 2 ? "" : "s");
    if (first)
        tell(step, REPORT_HOLD_ENDED, "the time for which %s%s wanted the admin key is over",
             *first->by ? first->by : "somebody", others);
    demand_forget(demand, step->now->boot);
}

static void tell_limit(struct step *step)
{
    struct engine *engine = step->engine;
    bool spent = engine->goal.cause.kind == CAUSE_LIMIT;
    char until[TIME_TEXT_MAX];

    if (spent && !engine->told_limit)
        tell(step, REPORT_LIMIT_SPENT, "a limit of the policy is spent: no admin key until %s",
             engine->goal.until_utc == USEC_INFINITY ? "the policy changes"
                                                     : time_format_rfc3339(until, engine->goal.until_utc));
    engine->told_limit = spent;
}

/* Whether the hours closed and opened again while nothing was looked at: in a suspend, say. */
static bool slept_through(const struct engine *engine, const struct goal *was, const struct instant *now)
{
    usec since_utc;

    if (now->boot < was->wanted_until_boot)
        return false;
    since_utc = calendar_since(engine->site->calendar, now->utc);
    return since_utc != -USEC_INFINITY && now->utc - since_utc < now->boot - engine->looked_boot;
}

/* A limit counts anew, and the first key waits for no renewal window. At the start of the daemon it may have
 * begun before. */
static void begin_stretch(struct step *step)
{
    struct engine *engine = step->engine;
    usec begun_utc = step->now->utc;

    usage_begin_stretch(&engine->usage);
    if (!engine->has_goal)
        begun_utc = usage_recall_begun(&engine->usage, memory_stretch_since(engine, step->now), begun_utc);
    engine->stretch_utc = begun_utc - begun_utc % USEC_PER_MSEC; /* as a record has it */
    engine->stretch_boot = step->now->boot;
}

/* Whether a stretch has begun since the last step, or since the daemon ran last. */
static bool has_begun(const struct engine *engine, const struct goal *was, const struct instant *now)
{
    if (!engine->goal.wanted)
        return false;
    if (!engine->has_goal)
        return !memory_stretch_goes_on(engine, now);
    return !was->wanted || slept_through(engine, was, now);
}

static void find_goal(struct step *step)
{
    struct engine *engine = step->engine;
    struct goal was = engine->goal;
    struct usage usage = engine->usage;
    struct goal_question question = {
        .site = engine->site,
        .demand = &engine->demand,
        .usage = &usage,
        .clock = &engine->clock,
        .live = engine->key.known == KEY_LIVE || engine->flight.call == CONFLUENCE_POST,
    };

    /* While the site's clock is not known, a day that begins by this machine's frees what a GET, which comes
     * before any POST, may take back. */
    turn_day(step, &usage);
    goal_at(&question, step->now, &engine->goal);
    if (has_begun(engine, &was, step->now)) {
        begin_stretch(step);
        usage.stretch_used = engine->usage.stretch_used;
        goal_at(&question, step->now, &engine->goal);
    }
    engine->looked_boot = step->now->boot;
    away_overrule(engine);
}

/* The goal as it is now; what its change sets free. */
static void update_goal(struct step *step)
{
    struct engine *engine = step->engine;
    bool was_on = engine->goal.on, was_distrusted = engine->goal.distrusted, had_goal = engine->has_goal;

    find_goal(step);
    engine->has_goal = true;
    update_distrust(step);
    tell_limit(step);
    if (engine->goal.distrusted && !was_distrusted && plan_is_clock_stale(engine, step->now))
        engine->has_read = false;
    if (had_goal && was_on == engine->goal.on)
        return;
    engine->goal_since_boot = step->now->boot;
    if (had_goal)
        engine->stretch_boot = step->now->boot;
    engine->off_read = false;
    engine->off_deleted = false;
    engine->told_unenforced = false;
    engine->told_short = false;
    if (!engine->goal.on && engine->key.known == KEY_EXPIRED && key_is_doubtful(&engine->key))
        engine->key.known = KEY_UNKNOWN; /* a POST whose reply said nothing may have */
    retry_fresh(&engine->retry, CONFLUENCE_GET);
    retry_fresh(&engine->retry, CONFLUENCE_POST);
    retry_fresh(&engine->retry, CONFLUENCE_DELETE);
}

static void update_key(struct step *step)
{
    struct engine *engine = step->engine;
    struct key *key = &engine->key;

    key_forget(key, step->now->boot);
    if (key->known == KEY_LIVE && key->maybe_off && engine->goal.on && !engine->stopping)
        key->known = KEY_UNKNOWN; /* rule 8: it may be off, and is wanted on */
    if (key->known == KEY_LIVE && plan_key_gone(engine, step->now) <= step->now->boot) {
        key->known = KEY_EXPIRED;
        engine->off_read = false;
        engine->told_foreign = false;
    }
}

static void tell_unenforced(struct step *step)
{
    struct engine *engine = step->engine;
    bool live = engine->key.known == KEY_LIVE;
    char cause[400];

    if (engine->site->enforce || !engine->has_read || engine->told_unenforced || live == engine->goal.on)
        return;
    engine->told_unenforced = true;
    tell(step, REPORT_NOT_ENFORCED, "enforce is 'no': the admin key would be switched %s now (%s)",
         engine->goal.on ? "on" : "off", tell_cause(engine, cause, sizeof(cause)));
}

static void take_policy(struct step *step, const struct policy_site *site)
{
    struct engine *engine = step->engine;

    engine->site = site;
    retry_reset(&engine->retry);
}

static void tell_rate(struct step *step, const struct plan *plan)
{
    struct engine *engine = step->engine;
    bool held =
        plan->call == CONFLUENCE_POST && !plan->none &&
        plan->due_boot > retry_allows(&engine->retry, CONFLUENCE_POST) && plan->due_boot > step->now->boot &&
        breaker_allows(&engine->breaker, step->now->boot, engine->site->duration_minutes) > step->now->boot &&
        engine->key.known != KEY_LIVE;

    if (held && !engine->told_rate)
        tell(step, REPORT_RATE_LIMITED,
             "too many admin keys in too short a time: the next is held back. Does something else switch it "
             "off?");
    engine->told_rate = held;
}

/* When something that lasts now comes to its end. */
static usec next_end(const struct step *step)
{
    const struct engine *engine = step->engine;
    usec end_boot = usec_min(engine->goal.until_boot, demand_next_end(&engine->demand));

    if (engine->stopping)
        end_boot = usec_min(end_boot, engine->stop_by_boot);
    if (engine->asleep && !engine->sleep_told)
        end_boot = usec_min(end_boot, engine->sleep_by_boot);
    if (engine->key.known == KEY_LIVE)
        end_boot = usec_min(end_boot, plan_key_gone(engine, step->now));
    return end_boot;
}

/* The one thing that follows; returns when the next step is due. */
static usec act(struct step *step)
{
    struct engine *engine = step->engine;
    struct plan plan = plan_next(engine, step->now);
    usec due_boot;

    if (engine->stopping && !engine->stopped && stop_is_done(step, &plan)) {
        stop_finish(step);
        return USEC_INFINITY;
    }
    if (engine->stopped || engine->recording.id != 0)
        return USEC_INFINITY;
    due_boot = next_end(step);
    if (engine->flight.id != 0)
        return usec_min(engine->flight.give_up_boot, due_boot);
    if (plan.none || away_rests(engine))
        return due_boot;
    tell_rate(step, &plan);
    if (plan.due_boot > step->now->boot)
        return usec_min(plan.due_boot, due_boot);
    flight_begin(step, plan.call);
    return due_boot;
}

static bool same_status(const struct site_status *a, const struct site_status *b)
{
    return a->site == b->site && a->state == b->state && a->goal_on == b->goal_on && a->agrees == b->agrees &&
           a->cause.kind == b->cause.kind && a->cause.line == b->cause.line &&
           a->expires_utc == b->expires_utc && a->proved_off_utc == b->proved_off_utc &&
           a->next_change_utc == b->next_change_utc && a->failures == b->failures &&
           a->foreign_expires_utc == b->foreign_expires_utc && a->clock_offset_ms == b->clock_offset_ms &&
           a->enforce == b->enforce;
}

void engine_step(struct engine *engine, const struct instant *now, const struct engine_event *event,
                 struct engine_effects *ret_effects)
{
    struct step step = {.engine = engine, .now = now, .effects = ret_effects};
    struct site_status before, after;

    ret_effects->n = 0;
    ret_effects->answer = (struct ask_answer){.until_utc = USEC_INFINITY};
    engine->random.state = now->random;
    breaker_none_later(&engine->breaker, now->boot); /* what the ledger brought back may say so */
    if (event->kind == ENGINE_POLICY)
        take_policy(&step, event->site);
    else
        engine_status(engine, now, &before);
    count_usage(&step);
    update_demand(&step);
    update_goal(&step);
    update_key(&step);
    switch (event->kind) {
    case ENGINE_REPLY: replies_take(&step, event); break;
    case ENGINE_RECORDED: flight_recorded(&step, event); break;
    case ENGINE_STOP: stop_begin(&step, event->restart); break;
    case ENGINE_ASK: ask_take(&step, event->ask); break;
    case ENGINE_SLEEP: away_sleep(&step); break;
    case ENGINE_AWAKE: away_wake(&step); break;
    case ENGINE_LOCKED: engine->locked = true; break;
    case ENGINE_UNLOCKED: engine->locked = false; break;
    case ENGINE_NETWORK: away_network(&step); break;
    case ENGINE_WAKE:
    case ENGINE_POLICY: break;
    }
    update_goal(&step); /* the reply's Date may have changed what the clocks are worth */
    update_key(&step);
    replies_forgive(&step);
    flight_yield(&step);
    tell_unenforced(&step);
    away_finish(&step);
    ret_effects->due_boot = act(&step);
    if (MUTANT(MUTANT_BOUNDS) ||
        (ret_effects->due_boot != USEC_INFINITY && ret_effects->due_boot <= now->boot))
        ret_effects->due_boot = now->boot + 1;
    tell_no_repeats(&step);
    engine_status(engine, now, &after);
    ret_effects->changed = event->kind == ENGINE_POLICY || !same_status(&before, &after);
}
