// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cause.h"

#include <stddef.h>

const char *cause_kind_name(enum cause_kind kind)
{
    static const char *const names[] = {
        [CAUSE_NONE] = NULL,
        [CAUSE_ACTIVE_HOURS] = "active_hours",
        [CAUSE_MAINTENANCE_WINDOW] = "maintenance_window",
        [CAUSE_EXCLUDE] = "exclude",
    };

    return names[kind];
}
