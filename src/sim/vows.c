// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/calendar.h"
#include "sim/state.h"

#define LATE_WRITE (2 * USEC_PER_SEC)   /* between the decision and the call: the intent is written */
#define ROUNDING   (50 * USEC_PER_MSEC) /* of clocks that drift, for a second of the site's */
#define DRIFT_MOST 1000                 /* parts of a wait that a clock may be fast by */

/* Rule 9's own figures, and not retry.h's: an engine that is laxer is found. */
#define CONFIRMATIONS 3
#define CONFIRM_401   (60 * USEC_PER_SEC)
#define CONFIRM_4XX   (120 * USEC_PER_SEC)

void vows_begin(struct machine *machine)
{
    machine->vows = (struct vows){0};
}

/* Rule 9: a doubtful verdict counts once it was seen so often, for so long. */
static void suspect(struct machine *machine, const struct confluence_reply *reply)
{
    struct vows *vows = &machine->vows;

    if (reply->verdict == reply->suspect)
        return;
    if (vows->suspected == 0 || vows->suspect != reply->suspect) {
        vows->suspect = reply->suspect;
        vows->suspected = 0;
        vows->suspected_true = machine->world->now_true;
    }
    vows->suspected++;
}

const char *vows_hasty(const struct machine *machine, const struct confluence_reply *reply)
{
    const struct vows *vows = &machine->vows;
    usec span = reply->suspect == VERDICT_CREDENTIAL ? CONFIRM_401 : CONFIRM_4XX;
    usec seen_for = machine->world->now_true - vows->suspected_true;

    if (reply->verdict == reply->suspect || !machine->engine || !machine->status.last_error.is_set ||
        machine->status.last_error.verdict != reply->suspect)
        return NULL;
    if (vows->suspected >= CONFIRMATIONS && seen_for >= span - span / DRIFT_MOST - ROUNDING)
        return NULL;
    return "a 401, 403 or 404 is believed before it is confirmed";
}

void vows_hear(struct machine *machine, enum confluence_call call, const struct confluence_reply *reply)
{
    usec now = machine->world->now_true;

    suspect(machine, reply);
    if (reply->has_retry_after)
        machine->vows.floor_true[call] =
            now + reply->retry_after - reply->retry_after / DRIFT_MOST - ROUNDING;
    if (call == CONFLUENCE_POST && reply->verdict == VERDICT_DONE && reply->has_expiry)
        machine->vows.first_key_true = now;
}

/* Whoever has wanted no key for a moment wants a first one afterwards. */
void vows_step(struct machine *machine)
{
    if (!machine->status.goal_on || machine->stopping)
        machine->vows.first_key_true = 0;
}

static bool is_in_renewal_window(const struct machine *machine, usec at_true)
{
    struct calendar_answer answer;

    calendar_at(machine->site->renewal_windows, clocks_utc(&machine->clocks, at_true), &answer);
    return answer.on;
}

/* Rule 21. */
static bool is_confined(const struct machine *machine)
{
    usec now = machine->world->now_true, first_key_true = machine->vows.first_key_true;

    return machine->facts.enforces && machine->site->renewal_windows &&
           machine->site->renewal_mode == POLICY_RENEWAL_ONLY && first_key_true > 0 &&
           first_key_true >= machine->stretch_true && !is_in_renewal_window(machine, now) &&
           !is_in_renewal_window(machine, now - LATE_WRITE);
}

/* Rule 12, where the daemon knows that the key is somebody else's. */
static bool is_left_alone(const struct machine *machine)
{
    const struct world *world = machine->world;

    return machine->site->foreign_keys == POLICY_FOREIGN_LEAVE && !machine->was_damaged && world->site.live &&
           world->site.issuer == SITE_SOMEBODY_ELSE && machine->status.foreign_expires_utc != STATUS_NEVER;
}

const char *vows_broken_by(const struct machine *machine, enum confluence_call call)
{
    if (!machine->site->enforce && call != CONFLUENCE_GET)
        return "enforce is no, and the key is switched";
    if (machine->world->now_true < machine->vows.floor_true[call])
        return "a call goes out before its Retry-After is over";
    if (call == CONFLUENCE_POST && is_confined(machine))
        return "renewal.mode is only, and a POST goes out outside of the renewal windows";
    if (call == CONFLUENCE_DELETE && machine->vows.keeps && machine->status.goal_on)
        return "a restart switches the key off that the policy wants";
    if (call == CONFLUENCE_DELETE && is_left_alone(machine))
        return "foreign_keys is leave, and somebody else's is switched off";
    return NULL;
}
