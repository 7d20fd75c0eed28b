// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The virtual disk: the ledger as bytes, of which what was not synced is lost, in part or whole, when power
 * fails. Lines are made and read by the engine's own code.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/random.h"
#include "engine/record.h"

/* Far below the daemon's, so that rotations happen, and reading it back stays cheap. */
#define DISK_ROTATE_BYTES ((size_t)24 * 1024)
#define DISK_BYTES_MAX    ((size_t)1024 * 1024)

struct disk {
    struct bytes ledger;
    size_t synced;
    size_t began_with;      /* what it held after the last rotation */
    uint64_t synced_intent; /* the newest intent that was synced, as read back; 0: none */
    bool full;              /* nothing can be written */
};

void disk_init(struct disk *disk);
void disk_done(struct disk *disk);

/* 0, -ENOSPC where it is full, -ENOMEM. */
int disk_append(struct disk *disk, const struct record *record, bool durable);

/* Power fails: of what was not synced a part remains, its last line torn as a rule. */
void disk_fail_power(struct disk *disk, struct random *random);

/* Somebody removed the file; somebody wrote over a line. */
void disk_lose(struct disk *disk);
void disk_damage(struct disk *disk, struct random *random);

/* Reads the ledger as a starting daemon does: a torn last line is dropped, damaged ones are counted. 0 or
 * -ENOMEM. */
int disk_replay(struct disk *disk, void (*handler)(void *context, const struct record *record), void *context,
                size_t *ret_damaged);

bool disk_is_large(const struct disk *disk);

/* The ledger begins anew with these records. 0, -ENOSPC (then nothing changed) or -ENOMEM. */
int disk_rotate(struct disk *disk, const struct record *open, size_t n);
