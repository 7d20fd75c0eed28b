// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What people have asked of a machine's daemon, by what its door has put on record: holds and a disable. Read
 * again from the disk when the daemon starts, so that what was not written is not wanted either.
 */
#include "sim/state.h"

static void release(struct asked *asked, uint64_t id)
{
    size_t kept = 0;

    for (size_t i = 0; i < asked->n_holds; i++)
        if (asked->holds[i].id != id)
            asked->holds[kept++] = asked->holds[i];
    asked->n_holds = kept;
}

/* A clock that was set back since prolongs nothing beyond the length that was granted; nobody comes back for
 * the hold of a job. */
static void hold(struct machine *machine, const struct record *record)
{
    struct asked *asked = &machine->asked;
    usec now = machine->world->now_true, boot = clocks_boot(&machine->clocks, now);
    usec left =
        usec_min(record->until_utc - clocks_utc(&machine->clocks, now), record->until_utc - record->at_utc);

    if (record->cause == CAUSE_RUN && asked->recalls)
        left = usec_min(left, DEMAND_RUN_COMES_BACK);
    release(asked, record->id);
    if (left > 0 && asked->n_holds < DEMAND_HOLDS_MAX)
        asked->holds[asked->n_holds++] = (struct asked_hold){
            .id = record->id, .break_glass = record->cause == CAUSE_BREAK_GLASS, .until_boot = boot + left};
}

static void disable(struct machine *machine, usec until_utc)
{
    machine->asked.n_holds = 0;
    machine->asked.disabled_until_boot =
        until_utc == USEC_INFINITY ? USEC_INFINITY : until_utc - machine->clocks.utc_minus_boot;
}

bool asked_remember(struct machine *machine, const struct record *record)
{
    switch (record->kind) {
    case RECORD_HOLD: hold(machine, record); return true;
    case RECORD_RELEASE: release(&machine->asked, record->id); return true;
    case RECORD_DISABLE: disable(machine, record->until_utc); return true;
    case RECORD_RESUME: machine->asked.disabled_until_boot = 0; return true;
    default: return false;
    }
}

static void end(struct asked_answer *answer, const struct machine *machine, usec until_boot)
{
    answer->until_true = usec_min(answer->until_true, clocks_when(&machine->clocks, until_boot));
}

void asked_at(const struct machine *machine, usec at_true, struct asked_answer *ret_answer)
{
    const struct asked *asked = &machine->asked;
    usec boot = clocks_boot(&machine->clocks, at_true);

    *ret_answer = (struct asked_answer){.until_true = USEC_INFINITY};
    for (size_t i = 0; i < asked->n_holds; i++) {
        const struct asked_hold *hold = &asked->holds[i];

        if (hold->until_boot <= boot)
            continue;
        end(ret_answer, machine, hold->until_boot);
        if (!hold->break_glass)
            ret_answer->held = true;
        else if (hold->until_boot > ret_answer->glass_until_boot)
            ret_answer->glass_until_boot = hold->until_boot;
    }
    ret_answer->disabled = asked->disabled_until_boot > boot;
    if (ret_answer->disabled)
        end(ret_answer, machine, asked->disabled_until_boot);
}
