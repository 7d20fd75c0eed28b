// SPDX-License-Identifier: GPL-3.0-or-later
#include "faults.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

static const char *text_of(struct json_object *object, const char *key, const char *fallback)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value) : fallback;
}

static unsigned number_of(struct json_object *object, const char *key, unsigned fallback)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) ? (unsigned)json_object_get_int(value) : fallback;
}

static bool truth_of(struct json_object *object, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

static bool is_known(struct json_object *object)
{
    static const char *const known[] = {"command", "call",     "count",   "acts",    "drop",
                                        "status",  "delay_ms", "hang_ms", "minutes", "expiry",
                                        "body",    "headers",  NULL};

    json_object_object_foreach(object, key, value)
    {
        size_t i = 0;

        (void)value;
        while (known[i] && !text_equal(known[i], key))
            i++;
        if (!known[i])
            return false;
    }
    return true;
}

int faults_add(struct faults *faults, struct json_object *object)
{
    struct fault fault = {.left = number_of(object, "count", UINT_MAX)};
    struct json_object *headers;

    if (!is_known(object))
        return -EINVAL;
    if (faults->n == FAULTS_MAX)
        return -ENOBUFS;
    text_copy(fault.call, sizeof(fault.call), text_of(object, "call", "any"));
    text_copy(fault.expiry, sizeof(fault.expiry), text_of(object, "expiry", ""));
    text_copy(fault.body, sizeof(fault.body), text_of(object, "body", ""));
    fault.acts = truth_of(object, "acts");
    fault.drop = truth_of(object, "drop");
    fault.status = (int)number_of(object, "status", 0);
    fault.delay_ms = number_of(object, "delay_ms", 0);
    fault.hang_ms = number_of(object, "hang_ms", 0);
    fault.minutes = number_of(object, "minutes", 0);
    if (json_object_object_get_ex(object, "headers", &headers))
        fault.headers = json_object_get(headers);
    text_copy(fault.kind, sizeof(fault.kind),
              fault.drop        ? "drop"
              : fault.status    ? "status"
              : fault.expiry[0] ? fault.expiry
              : fault.body[0]   ? fault.body
                                : "slow");
    faults->list[faults->n++] = fault;
    return 0;
}

static void remove_fault(struct faults *faults, size_t at)
{
    json_object_put(faults->list[at].headers);
    faults->n--;
    memmove(faults->list + at, faults->list + at + 1, (faults->n - at) * sizeof(faults->list[0]));
}

void faults_clear(struct faults *faults)
{
    while (faults->n > 0)
        remove_fault(faults, faults->n - 1);
}

bool faults_take(struct faults *faults, const char *call, struct fault *ret_fault)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct fault *fault = &faults->list[i];

        if (!text_equal(fault->call, "any") && !text_equal(fault->call, call))
            continue;
        *ret_fault = *fault;
        ret_fault->headers = json_object_get(fault->headers);
        if (fault->left != UINT_MAX && --fault->left == 0)
            remove_fault(faults, i);
        return true;
    }
    *ret_fault = (struct fault){0};
    return false;
}
