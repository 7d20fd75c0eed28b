// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What happens to the machine under the daemon: it sleeps, its session is locked, its network comes up. The
 * fleet is told; and people are told what of the system is missing for that, in status and, once, in the
 * journal. Nothing of it is needed to run.
 */

#include <stddef.h>

#include "adminkeyd/fleet.h"
#include "host/journal.h"
#include "host/loop.h"
#include "os/paths.h"
#include "policy/policy.h"

struct machine;

typedef void (*machine_handler)(void *context); /* the notices are others now */

/* The sessions of the calling user count, or those of all. `journal` and `fleet` are borrowed. 0 or a
 * negative errno. */
int machine_new(struct loop *loop, const struct journal *journal, enum paths_of of, struct fleet *fleet,
                machine_handler handler, void *context, struct machine **ret_machine);
struct machine *machine_free(struct machine *machine);
DEFINE_CLEANUP(struct machine *, machine_free);

/* The policy that is in force now says whether sleep and locks matter. After the first, the fleet begins: at
 * once, or where a locked session matters, when it is known whether it is, within MACHINE_PATIENCE. */
#define MACHINE_PATIENCE (2 * USEC_PER_SEC)
void machine_take_policy(struct machine *machine, const struct policy *policy);

/* After each step of the fleet: once it has nothing left to do, the machine may sleep. */
void machine_look_at_fleet(struct machine *machine);

/* What is missing, a sentence or two each; borrowed until the event loop goes on. */
const char *const *machine_notices(const struct machine *machine, size_t *ret_n);
