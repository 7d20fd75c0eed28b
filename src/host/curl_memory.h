// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The allocator that libcurl is given. It copies the token into strings and request buffers of its own, which
 * nobody else can reach: so every piece of memory that it gives back is wiped first.
 */

/* Sets libcurl up for the whole process, once, before any thread starts. 0 or -EIO. */
int curl_memory_init(void);
void curl_memory_done(void);
