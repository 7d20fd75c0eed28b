// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A policy in force: its values, and which file they came from. Shared by all that still use them, since a
 * site that a reload removed is switched off by the old policy's words.
 */

#include "base/sha256.h"
#include "base/time.h"
#include "policy/policy.h"

struct policy_file {
    struct policy *policy;
    char sha256[SHA256_TEXT_MAX];
    usec loaded_utc;
    unsigned references;
};

enum policy_file_outcome {
    POLICY_FILE_REFUSED = 1, /* `problems` says why: it cannot be read, or has errors */
};

/* Reads the policy anew. `problems` gets errors and warnings. 0, POLICY_FILE_REFUSED, or -ENOMEM. */
int policy_file_load(const char *path, struct problems *problems, struct policy_file **ret_file);

/* Keeps a copy of what was read at `path` beside the ledger, for whoever has to switch keys off when the
 * policy that stands there by then is refused. 0; -ESTALE: it is no longer what was read; or a negative
 * errno. */
int policy_file_keep(const struct policy_file *file, const char *path, const char *ledger);
/* Reads that copy, as policy_file_load() does. */
int policy_file_load_kept(const char *ledger, struct problems *problems, struct policy_file **ret_file);

struct policy_file *policy_file_ref(struct policy_file *file);
struct policy_file *policy_file_unref(struct policy_file *file);
DEFINE_CLEANUP(struct policy_file *, policy_file_unref);
