// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the journal is told of a policy that was loaded, or refused: an entry for the whole, and one for each
 * finding with its line and column.
 */

#include "adminkeyd/policy_file.h"
#include "host/journal.h"
#include "policy/problem.h"

#define POLICY_JOURNAL_FINDINGS_MAX 20 /* further ones are counted; `adminkeyctl check` shows all */

void policy_journal_loaded(const struct journal *journal, const char *path, const struct policy_file *file,
                           const struct problems *problems);

/* `consequence` ends the sentence. */
void policy_journal_rejected(const struct journal *journal, const char *path, const struct problems *problems,
                             const char *consequence);
