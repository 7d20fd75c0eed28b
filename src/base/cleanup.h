// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Scope clean-up: an owner declared with `_cleanup_(f)` is released on every way out of its scope.
 *
 * DEFINE_CLEANUP(struct zone *, zone_free) makes `zone_freep`, for `_cleanup_(zone_freep) struct zone *z`.
 * Ownership leaves the scope with `steal_pointer(&z)`, never with a goto.
 */

#include <stdlib.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define DEFINE_CLEANUP(type, function)                                                                       \
    static inline __attribute__((unused)) void function##p(type *owner)                                      \
    {                                                                                                        \
        if (*owner)                                                                                          \
            function(*owner);                                                                                \
    }                                                                                                        \
    struct cleanup_##function##_takes_a_semicolon

#define steal_pointer(owner)                                                                                 \
    ({                                                                                                       \
        __typeof__(owner) steal_owner = (owner);                                                             \
        __typeof__(*steal_owner) steal_value = *steal_owner;                                                 \
        *steal_owner = NULL;                                                                                 \
        steal_value;                                                                                         \
    })

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline void cleanup_free(void *owner)
{
    free(*(void **)owner);
}
#define _cleanup_free_ _cleanup_(cleanup_free)
