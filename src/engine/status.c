// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/status.h"

#include "base/text.h"
#include "engine/state.h"

#define AGREES_GRACE (10 * USEC_PER_SEC)

const char *site_state_name(enum site_state state)
{
    static const char *const names[] = {
        [SITE_OFF] = "off",         [SITE_ENABLING] = "enabling",
        [SITE_ON] = "on",           [SITE_DISABLING] = "disabling",
        [SITE_UNKNOWN] = "unknown", [SITE_BLOCKED] = "blocked",
    };

    return names[state];
}

static enum site_state state_when_live(const struct engine *engine)
{
    if (!engine->site->enforce || (engine->goal.on && !engine->stopping))
        return SITE_ON;
    return engine->key.ours || engine->damaged || engine->site->foreign_keys == POLICY_FOREIGN_DISABLE
               ? SITE_DISABLING
               : SITE_ON;
}

static enum site_state state_of(const struct engine *engine, const struct instant *now)
{
    bool wanted =
        engine->goal.on && !engine->stopping && engine->site->enforce && !plan_is_lapsed(engine, now);

    if (engine->retry.blocked)
        return SITE_BLOCKED;
    switch (engine->key.known) {
    case KEY_LIVE: return state_when_live(engine);
    case KEY_ABSENT:
        if (!wanted && engine->key.n_intents > 0 && engine->key.proved_off_utc == STATUS_NEVER)
            return SITE_UNKNOWN;
        return wanted ? SITE_ENABLING : SITE_OFF;
    case KEY_EXPIRED:
        if (wanted)
            return SITE_ENABLING;
        return engine->key.proved_off_utc != STATUS_NEVER ? SITE_OFF
               : engine->retry.failures > 0               ? SITE_UNKNOWN
                                                          : SITE_DISABLING;
    case KEY_UNKNOWN: break;
    }
    return SITE_UNKNOWN;
}

/* Whether the state is as the goal wants. A change may take its time; a foreign key outside the goal may not.
 */
static bool agrees(const struct engine *engine, const struct instant *now, enum site_state state)
{
    bool young = engine->has_goal && now->boot - engine->goal_since_boot < AGREES_GRACE;
    bool live = engine->key.known == KEY_LIVE;

    if (live && !engine->goal.on && !engine->key.ours)
        return false;
    if (state == SITE_BLOCKED)
        return false;
    if (engine->goal.on && !plan_is_lapsed(engine, now) ? state == SITE_ON : state == SITE_OFF)
        return true;
    return young && engine->site->enforce;
}

static void fill_plan(const struct engine *engine, const struct instant *now, struct site_status *status)
{
    usec renews_boot, ends_utc;

    if (engine->key.known != KEY_LIVE)
        return;
    status->expires_utc = engine->key.expires_site;
    if (!engine->key.ours) {
        status->foreign_expires_utc = engine->key.expires_site;
        status->foreign_seen_utc = now->utc - (now->boot - engine->key.read_boot);
    }
    if (!engine->goal.on || !engine->site->enforce)
        return;
    renews_boot = plan_renewal(engine, now);
    if (renews_boot != USEC_INFINITY)
        status->renews_utc = now->utc + (renews_boot - now->boot);
    ends_utc = engine->key.expires_site - site_clock_offset(&engine->clock, now);
    status->outage_tolerated_until_utc =
        engine->goal.until_utc < ends_utc ? engine->goal.until_utc : ends_utc;
}

static void fill_error(const struct engine *engine, struct site_status *status)
{
    status->failures = engine->retry.failures;
    if (engine->retry.failures == 0)
        return;
    status->last_error.is_set = true;
    status->last_error.verdict = engine->retry.verdict;
    status->last_error.at_utc = engine->last_error.at_utc;
    text_copy(status->last_error.detail, sizeof(status->last_error.detail), engine->last_error.detail);
    text_copy(status->last_error.request_id, sizeof(status->last_error.request_id),
              engine->last_error.request_id);
}

static void fill_limits(const struct engine *engine, const struct instant *now, struct site_status *status)
{
    const struct policy_site *site = engine->site;
    bool live = engine->key.known == KEY_LIVE && engine->counted_boot != 0;
    usec since = live ? now->boot - engine->counted_boot : 0; /* not counted yet */
    bool spent = engine->goal.cause.kind == CAUSE_LIMIT;
    usec until_utc = engine->goal.until_utc == USEC_INFINITY ? STATUS_NEVER : engine->goal.until_utc;

    status->continuous =
        (struct status_limit){site->limit_continuous, engine->usage.stretch_used + since, STATUS_NEVER};
    status->per_day =
        (struct status_limit){site->limit_per_day, engine->usage.day_used + since, STATUS_NEVER};
    if (spent && site->limit_continuous > 0 &&
        site->limit_continuous - engine->usage.stretch_used < USEC_PER_MINUTE)
        status->continuous.until_utc = until_utc;
    else if (spent)
        status->per_day.until_utc = until_utc;
}

void engine_status(const struct engine *engine, const struct instant *now, struct site_status *ret_status)
{
    const struct policy_site *site = engine->site;
    enum site_state state = state_of(engine, now);

    *ret_status = (struct site_status){
        .site = site->name,
        .url = site->url,
        .user = site->user,
        .enforce = site->enforce,
        .state = state,
        .goal_on = engine->goal.on,
        .agrees = agrees(engine, now, state),
        .cause = engine->goal.cause,
        .expires_utc = STATUS_NEVER,
        .renews_utc = STATUS_NEVER,
        .proved_off_utc = engine->key.proved_off_utc,
        .next_change_utc = engine->goal.until_utc == USEC_INFINITY ? STATUS_NEVER : engine->goal.until_utc,
        .next_change_on = !engine->goal.on,
        .outage_tolerated_until_utc = STATUS_NEVER,
        .has_clock_offset = engine->clock.known,
        .clock_offset_ms = site_clock_offset(&engine->clock, now) / USEC_PER_MSEC,
        .token_expires_utc =
            site->token_expires_utc == USEC_INFINITY ? STATUS_NEVER : site->token_expires_utc,
        .demand = &engine->demand,
        .foreign_expires_utc = STATUS_NEVER,
        .foreign_seen_utc = STATUS_NEVER,
    };
    fill_plan(engine, now, ret_status);
    fill_limits(engine, now, ret_status);
    fill_error(engine, ret_status);
}
