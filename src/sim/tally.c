// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/tally.h"

static void pass(struct tally_worst *worst, bool holds, usec from_true, usec to_true, const char *cause)
{
    if (!holds || from_true == to_true) {
        worst->now = worst->now && from_true == to_true;
        return;
    }
    if (!worst->now) {
        worst->now = true;
        worst->since_true = from_true;
        worst->n++;
    }
    worst->total += to_true - from_true;
    if (to_true - worst->since_true > worst->longest) {
        worst->longest = to_true - worst->since_true;
        worst->at_true = worst->since_true;
        worst->cause = cause;
    }
}

void tally_pass(struct tally *tally, usec from_true, usec to_true, const struct tally_state *state)
{
    bool gap = state->wanted && !state->live;

    if (state->wanted)
        tally->wanted += to_true - from_true;
    if (state->wanted && state->live)
        tally->on_wanted += to_true - from_true;
    if (state->live && !state->up)
        tally->unattended += to_true - from_true;
    pass(&tally->gap, gap, from_true, to_true, tally->last_fault);
    pass(&tally->lapse, gap && state->up, from_true, to_true, tally->last_fault);
    pass(&tally->exposure, state->exposed, from_true, to_true, tally->last_fault);
}

static void add_worst(struct tally_worst *worst, const struct tally_worst *other)
{
    worst->total += other->total;
    worst->n += other->n;
    if (other->longest > worst->longest) {
        worst->longest = other->longest;
        worst->at_true = other->at_true;
        worst->cause = other->cause;
    }
}

void tally_add(struct tally *tally, const struct tally *other)
{
    tally->wanted += other->wanted;
    tally->on_wanted += other->on_wanted;
    add_worst(&tally->gap, &other->gap);
    add_worst(&tally->exposure, &other->exposure);
    add_worst(&tally->lapse, &other->lapse);
    tally->unattended += other->unattended;
    for (int call = 0; call < N_CONFLUENCE_CALLS; call++) {
        tally->calls[call] += other->calls[call];
        tally->failed[call] += other->failed[call];
    }
    tally->steps += other->steps;
    tally->faults += other->faults;
}
