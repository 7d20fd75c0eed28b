// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What goes wrong on demand: a short list of faults, each for one kind of call or for all, for so many calls
 * or until it is cleared. The first that fits a call is used for it. Calls are made under the site's lock.
 */

#include <json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

#define FAULTS_MAX 32

struct fault {
    char call[8];                /* "get", "post", "delete", "any" */
    unsigned left;               /* calls that it is still for */
    char kind[16];               /* the name under which it is logged */
    bool acts;                   /* the site does what was asked all the same */
    bool drop;                   /* the connection ends without a reply */
    int status;                  /* instead of the documented one; 0: that one */
    unsigned delay_ms;           /* before the site acts */
    unsigned hang_ms;            /* after that, before it replies */
    unsigned minutes;            /* grants so many, whatever is asked */
    char expiry[16];             /* "none", "past", "garbage", "far": instead of the true one */
    char body[16];               /* "garbage", "empty", "html", "truncated", "oversized" */
    struct json_object *headers; /* name to value; owned */
};

struct faults {
    struct fault list[FAULTS_MAX];
    size_t n;
};

/* Adds the fault that the console's object describes. 0, -EINVAL, -ENOBUFS. */
int faults_add(struct faults *faults, struct json_object *object);
void faults_clear(struct faults *faults);

/* The fault for this call, if any; its headers are a reference that the caller puts. */
bool faults_take(struct faults *faults, const char *call, struct fault *ret_fault);
