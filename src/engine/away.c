// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Sleep and lock: while the machine sleeps, or its session is locked, the policy may want no key.
 */
#include "engine/state.h"

bool away_switches_off(const struct engine *engine)
{
    return (engine->asleep && engine->site->on_sleep == POLICY_DISABLE) ||
           (engine->locked && engine->site->on_lock == POLICY_DISABLE);
}

void away_sleep(struct step *step)
{
    struct engine *engine = step->engine;

    engine->asleep = true;
    engine->sleep_told = false;
    engine->sleep_by_boot = step->now->boot + ENGINE_SLEEP_TIME;
    engine->off_deleted = false;
    retry_fresh(&engine->retry, CONFLUENCE_DELETE);
}

/* What the site holds after a sleep is not known: others were awake. */
void away_wake(struct step *step)
{
    struct engine *engine = step->engine;

    engine->asleep = false;
    if (engine->key.known == KEY_LIVE)
        engine->key.known = KEY_UNKNOWN;
    engine->has_read = false;
    engine->off_read = false;
    retry_reset(&engine->retry);
}

/* One DELETE, while there is time for it; then the machine may sleep. */
void away_finish(struct step *step)
{
    struct engine *engine = step->engine;
    bool may_be_on =
        engine->site->enforce && away_switches_off(engine) && plan_may_be_ours(engine, step->now);

    if (!engine->asleep || engine->sleep_told)
        return;
    if (may_be_on && !engine->off_deleted && step->now->boot < engine->sleep_by_boot)
        return;
    engine->sleep_told = true;
    if (engine->flight.id != 0 && step->now->boot >= engine->sleep_by_boot)
        replies_give_up(step);
    tell_effect(step, ENGINE_EFFECT_SLEEP_READY);
}
