// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit_job.h"

#include <stdint.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/time.h"

#define CALL_TIMEOUT   (USEC_PER_SEC / 2) /* four waits at most: to connect, and three calls */
#define SYSTEMD        "org.freedesktop.systemd1"
#define MANAGER_OBJECT "/org/freedesktop/systemd1"

static int open_bus(enum unit_job_manager manager, sd_bus **ret_bus)
{
    int r = manager == UNIT_JOB_USER ? sd_bus_open_user(ret_bus) : sd_bus_open_system(ret_bus);

    return r < 0 ? r : sd_bus_set_method_call_timeout(*ret_bus, CALL_TIMEOUT);
}

/* The object of the unit that this process belongs to; the path is borrowed from `ret_reply`. */
static int find_own_unit(sd_bus *bus, sd_bus_message **ret_reply, const char **ret_unit)
{
    int r = sd_bus_call_method(bus, SYSTEMD, MANAGER_OBJECT, SYSTEMD ".Manager", "GetUnitByPID", NULL,
                               ret_reply, "u", (uint32_t)0 /* whoever asks */);

    return r < 0 ? r : sd_bus_message_read(*ret_reply, "o", ret_unit);
}

static int read_job_type(sd_bus *bus, const char *unit, char **ret_type)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    const char *job;
    uint32_t id;
    int r;

    r = sd_bus_get_property(bus, SYSTEMD, unit, SYSTEMD ".Unit", "Job", NULL, &reply, "(uo)");
    if (r >= 0)
        r = sd_bus_message_read(reply, "(uo)", &id, &job);
    if (r >= 0 && id != 0)
        r = sd_bus_get_property_string(bus, SYSTEMD, job, SYSTEMD ".Job", "JobType", NULL, ret_type);
    return r;
}

bool unit_job_is_restart(enum unit_job_manager manager)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    _cleanup_free_ char *type = NULL;
    const char *unit;

    if (!getenv("INVOCATION_ID")) /* not run by systemd */
        return false;
    if (open_bus(manager, &bus) < 0 || find_own_unit(bus, &reply, &unit) < 0 ||
        read_job_type(bus, unit, &type) < 0 || !type)
        return false;
    return text_equal(type, "restart") || text_equal(type, "start");
}
