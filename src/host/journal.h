// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where reports go: to the journal, each with its message id and fields, or to stderr as plain lines where no
 * journal is. Never fails: what cannot be told is lost. Nothing here ever sees a secret.
 */

#include <stdbool.h>

#include "engine/report.h"

/* Decided once, at the start: a plain value. */
struct journal {
    bool is_connected; /* else stderr */
};

/* Looks whether stderr leads to the journal ($JOURNAL_STREAM), or systemd runs this and the journal listens.
 */
struct journal journal_find(void);

void journal_report(const struct journal *journal, const struct report *report);

/* A report about the daemon, or about one site (`site`, NULL: none), whose name is put before the words; with
 * the kind's usual priority. */
void journal_say(const struct journal *journal, enum report_kind kind, const char *site, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
