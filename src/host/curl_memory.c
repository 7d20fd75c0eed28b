// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/curl_memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static void wipe_and_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* realloc() may move without wiping what it leaves behind. */
static void *move(void *memory, size_t size)
{
    size_t old_size = memory ? malloc_usable_size(memory) : 0;
    void *moved;

    if (memory && size > 0 && size <= old_size)
        return memory;
    moved = malloc(size);
    if (moved && memory) {
        memcpy(moved, memory, old_size < size ? old_size : size);
        wipe_and_free(memory);
    }
    return moved;
}

int curl_memory_init(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, move, strdup, calloc) == CURLE_OK
               ? 0
               : -EIO;
}

void curl_memory_done(void)
{
    curl_global_cleanup();
}
