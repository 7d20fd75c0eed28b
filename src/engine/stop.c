// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The end of the daemon's part in a site (rule 13): a stop switches off, for as long as it may take; a
 * restart does not.
 */
#include "engine/mutant.h"
#include "engine/state.h"

void stop_begin(struct step *step, bool restart)
{
    struct engine *engine = step->engine;

    if (engine->stopping)
        return;
    engine->stopping = true;
    engine->stop_keeps =
        engine->site->on_stop == POLICY_KEEP || (restart && engine->goal.on && !MUTANT(MUTANT_RESTART));
    engine->stop_by_boot = step->now->boot + ENGINE_STOP_TIME;
    engine->off_deleted = false;
    retry_fresh(&engine->retry, CONFLUENCE_DELETE);
}

/* Ends the daemon's part in this site. */
void stop_finish(struct step *step)
{
    struct engine *engine = step->engine;
    bool may_be_on = engine->key.known == KEY_LIVE || plan_may_be_ours(engine, step->now);
    usec latest_site = plan_latest_expiry(engine, step->now);
    char expires[TIME_TEXT_MAX];

    if (engine->flight.id != 0)
        replies_give_up(step);
    engine->stopped = true;
    if (engine->site->enforce && may_be_on) {
        if (engine->key.known == KEY_LIVE)
            tell(step, REPORT_KEY_LEFT, "stopping; the admin key stays on until %s%s",
                 time_format_rfc3339(expires, engine->key.expires_site),
                 engine->stop_keeps  ? ", as it should"
                 : !engine->key.ours ? ", for it is not ours"
                                     : ", for the site could not be reached to switch it off");
        else if (engine->stop_keeps)
            tell(step, REPORT_KEY_LEFT, "stopping; an admin key that may be live stays on, as it should");
        else if (engine->key.known == KEY_ABSENT)
            tell(step, REPORT_KEY_LEFT,
                 "stopping; the admin key is off, but a request whose reply was lost may still act: a key of "
                 "that would live for no more than %u minutes",
                 engine->site->duration_minutes);
        else if (latest_site > site_clock_now(&engine->clock, step->now).earliest)
            tell(step, REPORT_KEY_LEFT,
                 "stopping; the admin key, where it is not off yet, stays on until %s: the site could not be "
                 "reached for a proof",
                 time_format_rfc3339(expires, latest_site));
        else
            tell(step, REPORT_KEY_LEFT,
                 "stopping; an admin key may be live, but for no more than %u minutes: the site could not be "
                 "asked",
                 engine->site->duration_minutes);
    }
    tell_effect(step, ENGINE_EFFECT_STOPPED);
}

bool stop_is_done(const struct step *step, const struct plan *plan)
{
    const struct engine *engine = step->engine;

    if (engine->stop_keeps || !engine->site->enforce || step->now->boot >= engine->stop_by_boot)
        return true;
    if (engine->flight.id != 0)
        return false;
    return plan->none || engine->off_deleted || !plan_may_be_ours(engine, step->now);
}
