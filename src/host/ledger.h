// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The ledger's file: JSON lines (engine/record.h), only ever appended to, and the one memory that outlives
 * the daemon. Owns the file and a lock on it, so that two daemons cannot share one. Knows nothing of what the
 * records mean.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "engine/record.h"

#define LEDGER_ROTATE_BYTES (16 * 1024 * 1024)

struct ledger;

/* Opens the ledger, made where it is missing (mode 0600, its directory 0700), and locks it until it is freed.
 * A torn last line, left by a power loss, is cut off. 0, -EBUSY when another daemon has it, -ENOMEM or
 * another errno, each with words. */
int ledger_open(const char *path, struct ledger **ret_ledger, struct error *ret_error);
struct ledger *ledger_free(struct ledger *ledger);
DEFINE_CLEANUP(struct ledger *, ledger_free);

/* Reads all records, oldest first. The record is borrowed during the call. `ret_damaged` is the number of
 * lines that were none, which were skipped. 0, -ENOMEM or another errno. */
typedef void (*ledger_record_handler)(void *context, const struct record *record);
int ledger_replay(struct ledger *ledger, ledger_record_handler handler, void *context, size_t *ret_damaged);

/* Appends one record; `durable`: it is on the disk when this returns. What could not be written whole is
 * taken back. 0, -ENOBUFS for a record beyond RECORD_LINE_MAX, -ENOSPC, -EIO, -ENOMEM or another errno. */
int ledger_append(struct ledger *ledger, const struct record *record, bool durable);

/* Whether it is time to rotate: it has reached LEDGER_ROTATE_BYTES, and twice what it began with. */
bool ledger_is_full(const struct ledger *ledger);

/* Begins a new file with what `write_open` appends to it; the old one is kept as PATH.1, in place of the one
 * before. At each instant one of the two is whole at PATH. On failure the old one stays in use. */
typedef int (*ledger_open_records_writer)(void *context, struct ledger *fresh);
int ledger_rotate(struct ledger *ledger, ledger_open_records_writer write_open, void *context);
