// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/mutant.h"
#include "engine/renewal_windows.h"
#include "engine/state.h"

#define CLOCK_STALE USEC_PER_MINUTE /* a difference of clocks that was heard of longer ago is read anew */

static const struct plan nothing = {.none = true, .due_boot = USEC_INFINITY};

bool plan_has_granted(const struct engine *engine)
{
    return engine->last_grant_boot != -USEC_INFINITY && engine->last_grant_boot >= engine->stretch_boot;
}

bool plan_is_confined(const struct engine *engine)
{
    return !MUTANT(MUTANT_CONFINED) && engine->site->renewal_windows &&
           engine->site->renewal_mode == POLICY_RENEWAL_ONLY && engine->goal.on && plan_has_granted(engine);
}

bool plan_is_lapsed(const struct engine *engine, const struct instant *now)
{
    return plan_is_confined(engine) && engine->key.known != KEY_LIVE && engine->key.known != KEY_UNKNOWN &&
           renewal_windows_first(engine->site, now, now->boot) > now->boot;
}

/* Never in the past: what is overdue is due now, so that of two such calls the one that is named first goes.
 */
static struct plan plan_call(const struct engine *engine, const struct instant *now,
                             enum confluence_call call, usec wished_boot)
{
    usec due_boot = usec_max(usec_max(wished_boot, now->boot), retry_allows(&engine->retry, call));

    return (struct plan){.call = call, .due_boot = due_boot};
}

/* Every POST is planned here: the breaker's delay, then the renewal windows that the policy confines it to.
 */
static struct plan plan_post_from(const struct engine *engine, const struct instant *now, usec due_boot)
{
    struct plan plan = {.call = CONFLUENCE_POST};

    plan.due_boot = breaker_allows(&engine->breaker, due_boot, engine->site->duration_minutes);
    if (plan_is_confined(engine))
        plan.due_boot = renewal_windows_first(engine->site, now, plan.due_boot);
    return plan.due_boot == USEC_INFINITY ? nothing : plan;
}

static struct plan plan_post(const struct engine *engine, const struct instant *now, usec wished_boot)
{
    return plan_post_from(engine, now, plan_call(engine, now, CONFLUENCE_POST, wished_boot).due_boot);
}

usec plan_key_expires(const struct engine *engine, const struct instant *now)
{
    return now->boot + (engine->key.expires_site - site_clock_now(&engine->clock, now).latest);
}

usec plan_key_gone(const struct engine *engine, const struct instant *now)
{
    return now->boot + (engine->key.expires_site - site_clock_now(&engine->clock, now).earliest);
}

usec plan_granted_until(const struct engine *engine, const struct instant *now)
{
    if (engine->assumed_boot > now->boot)
        return site_clock_now(&engine->clock, now).latest + (engine->assumed_boot - now->boot);
    return engine->key.last_granted_site;
}

usec plan_latest_expiry(const struct engine *engine, const struct instant *now)
{
    usec latest_site = key_latest_expiry(&engine->key, site_clock_minus_boot(&engine->clock, now));

    return engine->assumed_boot > now->boot ? usec_max(latest_site, plan_granted_until(engine, now))
                                            : latest_site;
}

bool plan_may_be_ours(const struct engine *engine, const struct instant *now)
{
    const struct key *key = &engine->key;

    if (key->known == KEY_LIVE)
        return key->ours;
    if (engine->assumed_boot > now->boot)
        return true; /* granted, without a word of its end */
    if (engine->flight.id != 0 && engine->flight.call == CONFLUENCE_POST)
        return true; /* asked for, whatever was deleted before */
    if (key->n_intents > 0)
        return key_next_late(key, engine->deleted_boot) != USEC_INFINITY || engine->deleted_boot == 0;
    return key->known == KEY_UNKNOWN && key->last_granted_site > site_clock_now(&engine->clock, now).earliest;
}

/* Whether a key that could not be read may outlast a grant of so many minutes, asked for after `wait`: then
 * only a read leads on. */
static bool may_outlast(const struct engine *engine, const struct instant *now, usec wait, unsigned minutes)
{
    usec aim_site = site_clock_now(&engine->clock, now).earliest + wait + (usec)minutes * USEC_PER_MINUTE;

    return aim_site + SITE_CLOCK_TOLERANCE < plan_latest_expiry(engine, now);
}

/* The renewal's place among the policy's renewal windows, where it has any. */
static usec renewal_in_windows(const struct engine *engine, const struct instant *now, usec due_boot)
{
    usec from_boot = engine->key.granted_boot + USEC_PER_SEC, last_boot;

    if (!engine->site->renewal_windows)
        return due_boot;
    last_boot = renewal_windows_last(engine->site, now, from_boot, due_boot, engine->goal.until_boot);
    if (last_boot != USEC_INFINITY)
        return last_boot;
    return plan_is_confined(engine) ? renewal_windows_first(engine->site, now, due_boot) : due_boot;
}

usec plan_renewal(const struct engine *engine, const struct instant *now)
{
    const struct key *key = &engine->key;
    struct renewal renewal = {
        .granted_boot = key->granted_boot,
        .expires_boot = plan_key_expires(engine, now),
        .aim_boot = key->aim_boot,
        .life = key->life,
        .jitter = key->jitter,
        .before = engine->site->renewal_before,
        .duration_minutes = engine->site->duration_minutes,
        .until_boot = engine->goal.until_boot,
    };
    usec due_boot = renewal_plan(&renewal, now->boot);
    unsigned minutes;

    /* Tried again when retries allow it, and not only when the key is due. */
    if (due_boot != USEC_INFINITY && engine->retry.blocked && engine->retry.failing == CONFLUENCE_POST &&
        renewal_gains(&renewal, now->boot))
        due_boot = now->boot;
    if (due_boot != USEC_INFINITY)
        due_boot = renewal_in_windows(engine, now, due_boot);
    if (due_boot == USEC_INFINITY)
        return USEC_INFINITY;
    /* No POST may move the expiry earlier, and none is sent that would gain nothing: of a key that lives
     * longer than ours do, from when on one of ours would end later by a third. */
    if (!renewal_gains(&renewal, due_boot))
        due_boot = renewal.expires_boot - renewal.duration_minutes * USEC_PER_MINUTE * 2 / 3;
    if (due_boot < now->boot || !renewal_gains(&renewal, due_boot))
        return USEC_INFINITY;
    minutes = renewal_minutes(renewal.duration_minutes, renewal.until_boot, due_boot);
    return may_outlast(engine, now, due_boot - now->boot, minutes) ? USEC_INFINITY : due_boot;
}

static struct plan sooner(struct plan a, struct plan b)
{
    if (a.none || (!b.none && b.due_boot < a.due_boot))
        return b;
    return a;
}

/* A POST that was given up may still act, and then the key is not what was read before. */
static struct plan plan_verify(const struct engine *engine, const struct instant *now)
{
    usec late_boot = key_next_late(&engine->key, engine->key.read_boot);
    usec due_boot = engine->key.read_boot + engine->site->verify;

    return plan_call(engine, now, CONFLUENCE_GET, usec_min(late_boot, due_boot));
}

bool plan_is_clock_stale(const struct engine *engine, const struct instant *now)
{
    usec heard_boot = usec_max(engine->clock.seen_boot, engine->key.read_boot);

    return site_clock_offset(&engine->clock, now) != 0 && now->boot - heard_boot > CLOCK_STALE;
}

/* The clocks disagree, and only a read tells when they agree again: one at once where nothing was heard since
 * a sleep, or since before it mattered. */
static struct plan plan_distrusted(const struct engine *engine, const struct instant *now)
{
    return engine->has_read ? plan_verify(engine, now) : plan_call(engine, now, CONFLUENCE_GET, 0);
}

/* A POST, and the next look at what others do. Whichever failed last gives way to the other, so that neither
 * keeps the other waiting for ever. */
static struct plan plan_post_or_read(const struct engine *engine, const struct instant *now, struct plan post)
{
    struct plan verify = plan_verify(engine, now);
    bool post_fails = engine->retry.failures > 0 && engine->retry.failing == CONFLUENCE_POST;

    return post_fails ? sooner(verify, post) : sooner(post, verify);
}

/* A DELETE may have switched off what was granted, and nothing can be read. A POST that ends no earlier than
 * that leads on as well: a whole number of minutes before the end of the stretch there is one. Reads that
 * fail do not hold it up. */
static struct plan plan_unread(const struct engine *engine, const struct instant *now, unsigned minutes)
{
    struct plan read = plan_call(engine, now, CONFLUENCE_GET, 0);
    usec due_boot = now->boot;

    if (engine->goal.until_boot != USEC_INFINITY && may_outlast(engine, now, 0, minutes))
        due_boot = usec_max(now->boot, engine->goal.until_boot - minutes * USEC_PER_MINUTE);
    if (minutes == 0 || may_outlast(engine, now, due_boot - now->boot, minutes))
        return read;
    due_boot = usec_max(due_boot, engine->retry.floor_boot[CONFLUENCE_POST]);
    return sooner(plan_post_from(engine, now, due_boot), read);
}

/* Reads are answered, but with nothing that can be right. */
static bool is_garbled(const struct engine *engine)
{
    return engine->has_read && engine->retry.failures > 0 && engine->retry.verdict == VERDICT_IMPLAUSIBLE;
}

/* The goal is on. */
static struct plan plan_on(const struct engine *engine, const struct instant *now)
{
    struct plan renewal = nothing;
    unsigned minutes;
    usec due_boot;

    minutes = renewal_minutes(engine->site->duration_minutes, engine->goal.until_boot, now->boot);
    if (engine->key.known == KEY_UNKNOWN && engine->key.maybe_off && is_garbled(engine))
        return plan_unread(engine, now, minutes);
    if (engine->key.known == KEY_UNKNOWN || !engine->has_read ||
        (engine->key.known != KEY_LIVE && plan_is_clock_stale(engine, now)))
        return plan_call(engine, now, CONFLUENCE_GET, 0);
    if (engine->key.known == KEY_LIVE) {
        due_boot = plan_renewal(engine, now);
        if (due_boot != USEC_INFINITY)
            renewal = plan_post(engine, now, due_boot);
        return plan_post_or_read(engine, now, renewal);
    }
    if (minutes == 0)
        return nothing;
    if (engine->key.known == KEY_EXPIRED && may_outlast(engine, now, 0, minutes))
        return plan_call(engine, now, CONFLUENCE_GET, 0);
    if (plan_is_lapsed(engine, now))
        return sooner(plan_post(engine, now, 0), engine->off_read
                                                     ? plan_verify(engine, now)
                                                     : plan_call(engine, now, CONFLUENCE_GET, 0));
    return plan_post_or_read(engine, now, plan_post(engine, now, 0));
}

/* Rule 12: a live key is somebody else's, and the policy leaves it to them. */
static bool is_left_alone(const struct engine *engine)
{
    return !engine->key.ours && !engine->damaged &&
           (engine->site->foreign_keys != POLICY_FOREIGN_DISABLE || engine->stopping) &&
           !MUTANT(MUTANT_FOREIGN);
}

/* The goal is off, and the key may or may not be: a read where it may be somebody else's, then the proof. */
static struct plan plan_off(const struct engine *engine, const struct instant *now)
{
    const struct key *key = &engine->key;
    usec late_boot = key_next_late(key, engine->deleted_boot);
    bool ended = key->known == KEY_LIVE && key->ours &&
                 plan_key_expires(engine, now) <= now->boot + SITE_CLOCK_TOLERANCE;
    bool disable_foreign = engine->site->foreign_keys == POLICY_FOREIGN_DISABLE;

    if (key->known == KEY_LIVE && !ended) {
        if (!is_left_alone(engine))
            return plan_call(engine, now, CONFLUENCE_DELETE, 0);
        /* A POST of ours that was given up may replace it yet; and where the clocks disagree, only a read
         * tells when they agree again. */
        late_boot = key_next_late(key, key->read_boot);
        if (late_boot != USEC_INFINITY)
            return plan_call(engine, now, CONFLUENCE_GET, late_boot);
        if (engine->retry.blocked && !engine->stopping)
            return plan_call(engine, now, CONFLUENCE_GET, 0); /* until the site lets it in again */
        return engine->goal.distrusted && !engine->stopping ? plan_distrusted(engine, now) : nothing;
    }
    if (key->known == KEY_UNKNOWN && plan_may_be_ours(engine, now))
        return plan_call(engine, now, CONFLUENCE_DELETE, late_boot == USEC_INFINITY ? 0 : late_boot);
    /* The read waits for nothing but its Retry-After: that holds up no DELETE of what was ours when last
     * heard of, or may be yet. */
    if (!engine->off_read && !engine->off_deleted && !engine->stopping && !disable_foreign &&
        !((key->ours || late_boot != USEC_INFINITY) && engine->retry.floor_boot[CONFLUENCE_GET] > now->boot))
        return plan_call(engine, now, CONFLUENCE_GET, 0);
    if (key->known == KEY_UNKNOWN && !engine->stopping)
        return plan_call(engine, now, CONFLUENCE_GET, 0);
    if (late_boot != USEC_INFINITY)
        return plan_call(engine, now, CONFLUENCE_DELETE, late_boot);
    if (!engine->off_deleted && (key->proved_off_utc == STATUS_NEVER || engine->retry.blocked ||
                                 engine->retry.attempts[CONFLUENCE_DELETE] < ENGINE_PROOF_TRIES))
        return plan_call(engine, now, CONFLUENCE_DELETE, 0);
    if (engine->retry.blocked && !engine->stopping)
        return plan_call(engine, now, CONFLUENCE_GET, 0); /* likewise */
    if (engine->goal.distrusted && !engine->stopping)
        return plan_distrusted(engine, now);
    return disable_foreign && !engine->stopping ? plan_verify(engine, now) : nothing;
}

/* enforce: no. Everything is read, nothing is switched. */
static struct plan plan_watching(const struct engine *engine, const struct instant *now)
{
    if (!engine->has_read || engine->key.known == KEY_UNKNOWN || (!engine->goal.on && !engine->off_read))
        return plan_call(engine, now, CONFLUENCE_GET, 0);
    return engine->goal.on ? plan_verify(engine, now) : nothing;
}

struct plan plan_next(const struct engine *engine, const struct instant *now)
{
    if (!engine->site->enforce && !MUTANT(MUTANT_ENFORCE))
        return plan_watching(engine, now);
    if (engine->goal.on && !engine->stopping)
        return plan_on(engine, now);
    return plan_off(engine, now);
}

bool plan_has_no_use(const struct engine *engine, const struct instant *now, enum confluence_call call)
{
    bool on = engine->goal.on && !engine->stopping;

    switch (call) {
    case CONFLUENCE_GET: return false;
    case CONFLUENCE_DELETE: return on;
    case CONFLUENCE_POST: break;
    }
    /* A key is live, and the site refuses one that would end no later. */
    return !on ||
           (engine->retry.blocked && engine->key.known == KEY_LIVE && plan_renewal(engine, now) > now->boot);
}
