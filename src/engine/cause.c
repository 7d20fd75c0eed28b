// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cause.h"

#include <stddef.h>

#include "base/text.h"

static const char *const names[N_CAUSE_KINDS] = {
    [CAUSE_NONE] = NULL,
    [CAUSE_ACTIVE_HOURS] = "active_hours",
    [CAUSE_MAINTENANCE_WINDOW] = "maintenance_window",
    [CAUSE_EXCLUDE] = "exclude",
    [CAUSE_HOLD] = "hold",
    [CAUSE_RUN] = "run",
    [CAUSE_BREAK_GLASS] = "break_glass",
    [CAUSE_DISABLE] = "disable",
    [CAUSE_LIMIT] = "limit",
    [CAUSE_SLEEP] = "sleep",
    [CAUSE_LOCK] = "lock",
};

const char *cause_kind_name(enum cause_kind kind)
{
    return names[kind];
}

enum cause_kind cause_kind_parse(const char *name)
{
    for (int kind = CAUSE_NONE + 1; name && kind < N_CAUSE_KINDS; kind++)
        if (text_equal(name, names[kind]))
            return (enum cause_kind)kind;
    return CAUSE_NONE;
}
