// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What happens to the machine: while it sleeps, or its session is locked, the policy may want no key; when
 * its network comes up, calls that failed are tried again.
 */
#include "engine/mutant.h"
#include "engine/state.h"

#include "base/text.h"

/* Why no key is wanted for the time being, whatever the hours say. */
static enum cause_kind why_away(const struct engine *engine)
{
    if (engine->asleep && engine->site->on_sleep == POLICY_DISABLE)
        return CAUSE_SLEEP;
    if (engine->locked && engine->site->on_lock == POLICY_DISABLE)
        return CAUSE_LOCK;
    return CAUSE_NONE;
}

void away_overrule(struct engine *engine)
{
    enum cause_kind why = why_away(engine);

    if (why != CAUSE_NONE)
        engine->goal = (struct goal){.wanted = engine->goal.wanted,
                                     .wanted_until_boot = engine->goal.wanted_until_boot,
                                     .until_boot = USEC_INFINITY,
                                     .until_utc = USEC_INFINITY,
                                     .cause = {.kind = why, .until_utc = USEC_INFINITY}};
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
    engine->sleep_told = false;
    if (engine->flight.id != 0 && engine->flight.call == CONFLUENCE_GET)
        replies_give_up(step); /* what it would tell was so before the sleep */
    if (engine->key.known == KEY_LIVE)
        engine->key.known = KEY_UNKNOWN;
    engine->has_read = false;
    engine->off_read = false;
    for (int call = 0; call < N_CONFLUENCE_CALLS; call++)
        retry_fresh(&engine->retry, (enum confluence_call)call);
}

static void tell_left(struct step *step)
{
    struct engine *engine = step->engine;
    usec latest_site = plan_latest_expiry(engine, step->now);
    bool live = engine->key.known == KEY_LIVE;
    char expires[TIME_TEXT_MAX];
    struct report *report;

    time_format_rfc3339(expires, live ? engine->key.expires_site : latest_site);
    report = tell(step, REPORT_KEY_LEFT,
                  "the machine falls asleep; the admin key%s stays on until %s: the site could not be "
                  "reached in time to switch it off",
                  live ? "" : ", where it is not off yet,", expires);
    text_copy(report->expires, sizeof(report->expires), expires);
}

/* One DELETE, while there is time for it; then the machine may sleep. */
void away_finish(struct step *step)
{
    struct engine *engine = step->engine;
    bool may_be_on =
        engine->site->enforce && why_away(engine) != CAUSE_NONE && plan_may_be_ours(engine, step->now);

    if (!engine->asleep || engine->sleep_told)
        return;
    if (may_be_on && !engine->off_deleted && step->now->boot < engine->sleep_by_boot && !MUTANT(MUTANT_SLEEP))
        return;
    engine->sleep_told = true;
    if (engine->flight.id != 0 && step->now->boot >= engine->sleep_by_boot)
        replies_give_up(step);
    if (may_be_on && !engine->off_deleted)
        tell_left(step);
    tell_effect(step, ENGINE_EFFECT_SLEEP_READY);
}

/* The machine may sleep at any moment: what was under way then would be waited for when it wakes. */
bool away_rests(const struct engine *engine)
{
    return engine->sleep_told && why_away(engine) == CAUSE_SLEEP && !engine->stopping;
}

void away_network(struct step *step)
{
    struct engine *engine = step->engine;
    bool again = engine->network_boot != 0 && step->now->boot - engine->network_boot < RETRY_HURRY;

    /* A read that waits in vain for the network of before would keep the next one waiting. */
    if (engine->flight.id != 0 && engine->flight.call == CONFLUENCE_GET && !again)
        replies_give_up(step);
    engine->network_boot = step->now->boot;
    retry_hurry(&engine->retry, step->now->boot);
}
