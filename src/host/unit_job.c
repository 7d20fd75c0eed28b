// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit_job.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"

#define PATIENCE       (2 * USEC_PER_SEC) /* in all: meanwhile no key is switched off */
#define SYSTEMD        "org.freedesktop.systemd1"
#define MANAGER_OBJECT "/org/freedesktop/systemd1"

/* Until then each wait on this bus ends. -ETIMEDOUT when that was already. */
static int set_deadline(sd_bus *bus, usec deadline_boot)
{
    usec left = deadline_boot - clock_boot();

    return left <= 0 ? -ETIMEDOUT : sd_bus_set_method_call_timeout(bus, (uint64_t)left);
}

/* Connects, authenticates, and is greeted: libsystemd's own waits for that take minutes. */
static int open_bus(enum unit_job_manager manager, usec deadline_boot, sd_bus **ret_bus)
{
    int r = manager == UNIT_JOB_USER ? sd_bus_open_user(ret_bus) : sd_bus_open_system(ret_bus);

    while (r >= 0 && (r = sd_bus_is_ready(*ret_bus)) == 0) {
        usec left = deadline_boot - clock_boot();

        if (left <= 0)
            return -ETIMEDOUT;
        r = sd_bus_process(*ret_bus, NULL);
        if (r == 0)
            r = sd_bus_wait(*ret_bus, (uint64_t)left);
    }
    return r;
}

/* The object of the unit that this process belongs to; the path is borrowed from `ret_reply`. */
static int find_own_unit(sd_bus *bus, usec deadline_boot, sd_bus_message **ret_reply, const char **ret_unit)
{
    int r = set_deadline(bus, deadline_boot);

    if (r >= 0)
        r = sd_bus_call_method(bus, SYSTEMD, MANAGER_OBJECT, SYSTEMD ".Manager", "GetUnitByPID", NULL,
                               ret_reply, "u", (uint32_t)0 /* whoever asks */);
    return r < 0 ? r : sd_bus_message_read(*ret_reply, "o", ret_unit);
}

static int read_job_type(sd_bus *bus, usec deadline_boot, const char *unit, char **ret_type)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    const char *job;
    uint32_t id;
    int r = set_deadline(bus, deadline_boot);

    if (r >= 0)
        r = sd_bus_get_property(bus, SYSTEMD, unit, SYSTEMD ".Unit", "Job", NULL, &reply, "(uo)");
    if (r >= 0)
        r = sd_bus_message_read(reply, "(uo)", &id, &job);
    if (r >= 0 && id == 0)
        return -ENOENT; /* no job: somebody sent us the signal */
    if (r >= 0)
        r = set_deadline(bus, deadline_boot);
    if (r >= 0)
        r = sd_bus_get_property_string(bus, SYSTEMD, job, SYSTEMD ".Job", "JobType", NULL, ret_type);
    return r;
}

bool unit_job_is_restart(enum unit_job_manager manager)
{
    _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL; /* to flush it would be another wait */
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    _cleanup_free_ char *type = NULL;
    usec deadline_boot = clock_boot() + PATIENCE;
    const char *unit;

    if (!getenv("INVOCATION_ID")) /* not run by systemd */
        return false;
    if (open_bus(manager, deadline_boot, &bus) < 0 || find_own_unit(bus, deadline_boot, &reply, &unit) < 0 ||
        read_job_type(bus, deadline_boot, unit, &type) < 0)
        return false;
    return text_equal(type, "restart") || text_equal(type, "start");
}
