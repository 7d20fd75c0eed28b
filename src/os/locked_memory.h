// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Pages for secrets: kept out of swap and core dumps as far as the system permits (locking can be refused by
 * a limit, which is no reason not to work), and wiped before they are given back.
 */

#include <stddef.h>

/* Zeroed memory of `size` bytes, 1 or more. 0 or -ENOMEM. */
int locked_memory_new(size_t size, void **ret_memory);

/* Wipes and gives back; `size` as when it was made. Takes NULL, returns NULL. */
void *locked_memory_free(void *memory, size_t size);
