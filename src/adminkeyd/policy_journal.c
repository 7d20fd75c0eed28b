// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/policy_journal.h"

static void tell_one(const struct journal *journal, enum report_kind kind, const char *path,
                     const struct problem *problem)
{
    const char *separator = *problem->key ? ": " : "";

    if (problem->line > 0)
        journal_say(journal, kind, NULL, "%s:%u:%u: %s%s%s", path, problem->line, problem->column,
                    problem->key, separator, problem->message);
    else
        journal_say(journal, kind, NULL, "%s%s%s", problem->key, separator, problem->message);
}

static void tell_all(const struct journal *journal, enum report_kind kind, const char *path,
                     const struct problems *problems, bool warnings)
{
    size_t n = 0;

    for (size_t i = 0; i < problems->n; i++)
        if (problems->list[i].warning == warnings && n++ < POLICY_JOURNAL_FINDINGS_MAX)
            tell_one(journal, kind, path, &problems->list[i]);
    if (n > POLICY_JOURNAL_FINDINGS_MAX)
        journal_say(journal, kind, NULL, "%s: %zu more, which 'adminkeyctl check %s' shows", path,
                    n - POLICY_JOURNAL_FINDINGS_MAX, path);
}

void policy_journal_loaded(const struct journal *journal, const char *path, const struct policy_file *file,
                           const struct problems *problems)
{
    size_t n = file->policy->n_sites;

    journal_say(journal, REPORT_POLICY_LOADED, NULL, "policy %s is in force: %zu site%s, SHA-256 %.12s", path,
                n, n == 1 ? "" : "s", file->sha256);
    tell_all(journal, REPORT_POLICY_WARNING, path, problems, true);
}

void policy_journal_rejected(const struct journal *journal, const char *path, const struct problems *problems,
                             const char *consequence)
{
    journal_say(journal, REPORT_POLICY_REJECTED, NULL, "policy %s is refused for %zu error%s%s", path,
                problems->n_errors, problems->n_errors == 1 ? "" : "s", consequence);
    tell_all(journal, REPORT_POLICY_REJECTED, path, problems, false);
}
