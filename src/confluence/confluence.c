// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/confluence.h"

#include <assert.h>
#include <stdio.h>

static const struct {
    const char *name, *method;
} calls[N_CONFLUENCE_CALLS] = {
    [CONFLUENCE_GET] = {"get", "GET"},
    [CONFLUENCE_POST] = {"post", "POST"},
    [CONFLUENCE_DELETE] = {"delete", "DELETE"},
};

const char *confluence_call_name(enum confluence_call call)
{
    return calls[call].name;
}

const char *confluence_method(enum confluence_call call)
{
    return calls[call].method;
}

const char *confluence_post_body(char buffer[static 64], unsigned minutes)
{
    assert(minutes >= CONFLUENCE_MINUTES_MIN && minutes <= CONFLUENCE_MINUTES_MAX);
    snprintf(buffer, 64, "{\"durationInMinutes\":%u}", minutes);
    return buffer;
}
