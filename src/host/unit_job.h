// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Why this service is being stopped, as the service manager knows it: the type of the job on our own unit.
 * For a restart the key may stay on; for anything else it must go.
 */

#include <stdbool.h>

enum unit_job_manager {
    UNIT_JOB_SYSTEM,
    UNIT_JOB_USER,
};

/* True only when the service manager says that the unit will be started again (job type `restart`, or
 * `start`, to which a restart turns once the stop is under way). No service manager, no job, no answer within
 * two seconds: false. Blocks until then: for the time when the daemon is stopping. */
bool unit_job_is_restart(enum unit_job_manager manager);
