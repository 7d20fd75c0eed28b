// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/locked_memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int locked_memory_new(size_t size, void **ret_memory)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return -ENOMEM;
    (void)mlock(memory, size);
    (void)madvise(memory, size, MADV_DONTDUMP);
    (void)madvise(memory, size, MADV_WIPEONFORK);
    *ret_memory = memory;
    return 0;
}

void *locked_memory_free(void *memory, size_t size)
{
    if (memory) {
        explicit_bzero(memory, size);
        munmap(memory, size);
    }
    return NULL;
}
