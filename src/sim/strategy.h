// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Something else than the engine that keeps the key: a world that is given one lets it act in the engine's
 * place, on the same machine, network and site and under the same faults, so that the two can be compared.
 * It is woken, told and obeyed as the engine is, and held to no invariant.
 */

#include "engine/engine.h"

struct strategy {
    void *context;
    /* It starts, the machine's boot included. What it keeps on a disk it knows from before, nothing else.
     * ENGINE_WAKE follows. */
    void (*start)(void *context, const struct instant *now);
    /* As engine_step(); the events of people, ENGINE_POLICY and ENGINE_RECORDED may be passed over. */
    void (*step)(void *context, const struct instant *now, const struct engine_event *event,
                 struct engine_effects *ret_effects);
};
