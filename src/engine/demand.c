// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/demand.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine.h"

struct hold *demand_find(struct demand *demand, uint64_t id)
{
    for (size_t i = 0; i < demand->n_holds; i++)
        if (demand->holds[i].id == id)
            return &demand->holds[i];
    return NULL;
}

bool demand_add(struct demand *demand, const struct hold *hold)
{
    struct hold *same = demand_find(demand, hold->id);

    if (!same && demand->n_holds == DEMAND_HOLDS_MAX)
        return false;
    *(same ? same : &demand->holds[demand->n_holds++]) = *hold;
    return true;
}

void demand_release(struct demand *demand, uint64_t id)
{
    struct hold *hold = demand_find(demand, id);

    if (!hold)
        return;
    demand->n_holds--;
    memmove(hold, hold + 1, (size_t)(demand->holds + demand->n_holds - hold) * sizeof(*hold));
}

void demand_release_all(struct demand *demand)
{
    demand->n_holds = 0;
}

void demand_forget(struct demand *demand, usec now_boot)
{
    for (size_t i = demand->n_holds; i-- > 0;)
        if (demand->holds[i].until_boot <= now_boot)
            demand_release(demand, demand->holds[i].id);
    if (demand->disabled && demand->disabled_until_boot <= now_boot)
        demand->disabled = false;
}

usec demand_next_end(const struct demand *demand)
{
    usec next = demand->disabled ? demand->disabled_until_boot : USEC_INFINITY;

    for (size_t i = 0; i < demand->n_holds; i++)
        if (demand->holds[i].until_boot < next)
            next = demand->holds[i].until_boot;
    return next;
}

/* The boot clock's reading at an end in the future; a clock that was set back since prolongs nothing beyond
 * the length that was granted. */
static usec end_boot(usec from_utc, usec until_utc, const struct instant *now)
{
    usec left = until_utc - now->utc, length = until_utc - from_utc;

    if (until_utc == USEC_INFINITY)
        return USEC_INFINITY;
    return now->boot + (left < length ? left : length);
}

static void remember_hold(struct demand *demand, const struct record *record, const struct instant *now)
{
    struct hold hold = {
        .id = record->id,
        .kind = record->cause,
        .from_utc = record->at_utc,
        .until_utc = record->until_utc,
        .until_boot = end_boot(record->at_utc, record->until_utc, now),
    };

    if (hold.kind == CAUSE_RUN && hold.until_boot > now->boot + DEMAND_RUN_COMES_BACK) {
        hold.until_boot = now->boot + DEMAND_RUN_COMES_BACK;
        hold.until_utc = now->utc + DEMAND_RUN_COMES_BACK;
        hold.cut = true;
    }
    text_copy(hold.by, sizeof(hold.by), record->by);
    text_copy(hold.reason, sizeof(hold.reason), record->cause_reason);
    demand_forget(demand, now->boot);
    if (hold.until_boot > now->boot)
        demand_add(demand, &hold);
}

void demand_remember(struct demand *demand, const struct record *record, const struct instant *now)
{
    switch (record->kind) {
    case RECORD_HOLD: remember_hold(demand, record, now); break;
    case RECORD_RELEASE: demand_release(demand, record->id); break;
    case RECORD_DISABLE:
        demand_release_all(demand);
        demand->disabled = true;
        demand->disabled_until_utc = record->until_utc;
        /* Not clipped: where the clock was set back, saying no for longer is the safe side. */
        demand->disabled_until_boot =
            record->until_utc == USEC_INFINITY ? USEC_INFINITY : now->boot + (record->until_utc - now->utc);
        text_copy(demand->disabled_by, sizeof(demand->disabled_by), record->by);
        text_copy(demand->disabled_reason, sizeof(demand->disabled_reason), record->cause_reason);
        break;
    case RECORD_RESUME: demand->disabled = false; break;
    case RECORD_INTENT:
    case RECORD_OUTCOME:
    case RECORD_GIVEN_UP:
    case RECORD_OFF:
    case RECORD_SEEN:
    case RECORD_USAGE: break;
    }
}
