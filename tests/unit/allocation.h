// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Makes the n-th allocation of the tested code fail, so that every -ENOMEM can be seen. Works by the linker's
 * --wrap: only calls from our own objects are counted, never those within a shared library.
 *
 *     for (unsigned n = 1; ; n++) {
 *         allocation_fail_at(n);
 *         r = thing_new(&thing);
 *         if (!allocation_failed())
 *             break;                  // fewer than n allocations were made: every one was tried
 *         assert_int_equal(r, -ENOMEM);
 *     }
 *     allocation_fail_at(0);
 */

#include <stdbool.h>

/* The n-th allocation from now fails, once; 0: none. */
void allocation_fail_at(unsigned n);

/* Whether it did. */
bool allocation_failed(void);
