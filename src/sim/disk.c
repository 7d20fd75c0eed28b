// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/disk.h"

#include <errno.h>
#include <string.h>

void disk_init(struct disk *disk)
{
    *disk = (struct disk){.ledger = BYTES_INIT(DISK_BYTES_MAX)};
}

void disk_done(struct disk *disk)
{
    bytes_done(&disk->ledger);
}

/* What the bytes on the disk say, not what was meant. */
static int read_back(struct disk *disk, size_t from)
{
    struct record record;
    int r = record_parse(disk->ledger.data + from, disk->ledger.size - from - 1, &record);

    if (r == 0 && record.kind == RECORD_INTENT)
        disk->synced_intent = record.id;
    return r < 0 ? r : 0;
}

int disk_append(struct disk *disk, const struct record *record, bool durable)
{
    size_t from = disk->ledger.size;
    int r;

    if (disk->full)
        return -ENOSPC;
    r = record_format(record, &disk->ledger);
    if (r < 0)
        return r == -ENOBUFS ? -ENOSPC : r;
    if (!durable)
        return 0;
    disk->synced = disk->ledger.size;
    return read_back(disk, from);
}

static void cut(struct disk *disk, size_t size)
{
    disk->ledger.size = size;
    if (disk->ledger.data)
        disk->ledger.data[size] = '\0';
}

void disk_fail_power(struct disk *disk, struct random *random)
{
    cut(disk, disk->synced + (size_t)random_below(random, disk->ledger.size - disk->synced + 1));
}

void disk_lose(struct disk *disk)
{
    cut(disk, 0);
    disk->synced = 0;
}

void disk_damage(struct disk *disk, struct random *random)
{
    size_t at;

    if (disk->ledger.size == 0)
        return;
    at = (size_t)random_below(random, disk->ledger.size);
    for (size_t i = at; i < disk->ledger.size && i < at + 20; i++)
        if (disk->ledger.data[i] != '\n')
            disk->ledger.data[i] = '#';
}

int disk_replay(struct disk *disk, void (*handler)(void *context, const struct record *record), void *context,
                size_t *ret_damaged)
{
    const char *line = bytes_text(&disk->ledger), *end = line + disk->ledger.size, *newline;
    size_t damaged = 0;

    for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
        struct record record;
        int r = record_parse(line, (size_t)(newline - line), &record);

        if (r < 0)
            return r;
        if (r > 0)
            damaged++;
        else
            handler(context, &record);
    }
    cut(disk, disk->ledger.size - (size_t)(end - line));
    if (disk->synced > disk->ledger.size)
        disk->synced = disk->ledger.size;
    *ret_damaged = damaged;
    return 0;
}

bool disk_is_large(const struct disk *disk)
{
    return disk->ledger.size >= DISK_ROTATE_BYTES && disk->ledger.size >= 2 * disk->began_with;
}

int disk_rotate(struct disk *disk, const struct record *open, size_t n)
{
    _cleanup_(bytes_donep) struct bytes fresh = BYTES_INIT(DISK_BYTES_MAX);
    int r = 0;

    if (disk->full)
        return -ENOSPC;
    for (size_t i = 0; i < n && r == 0; i++)
        r = record_format(&open[i], &fresh);
    if (r < 0)
        return r;
    bytes_done(&disk->ledger);
    disk->ledger = fresh;
    fresh = BYTES_INIT(DISK_BYTES_MAX);
    disk->synced = disk->began_with = disk->ledger.size;
    return 0;
}
