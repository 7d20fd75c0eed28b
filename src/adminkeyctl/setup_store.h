// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Puts policy and token where the service looks for them, and finds the token that is there.
 */

#include <limits.h>

#include "adminkeyctl/setup_answers.h"
#include "adminkeyctl/verb.h"
#include "base/bytes.h"

enum setup_store_outcome {
    SETUP_STORE_SAME = 1, /* it is there already */
    SETUP_STORE_NONE,     /* there is no token yet */
};

/* Where the encrypted tokens lie that the system's units load, or a user's decrypt: the path of that file, or
 * for "" of the directory. 0, or a negative errno with words. */
int setup_store_encrypted(bool user, const char *file, char path[static PATH_MAX], struct error *ret_error);

/* What the policy calls the token of a new site: the name of a credential, or for a user who cannot have
 * those (before systemd 256, or with a policy of which the units know nothing) the path of a file beside the
 * policy. The caller frees it. 0 or -ENOMEM. */
int setup_store_token_name(const struct arguments *arguments, const char *site, char **ret_token);

/* The token that the service would use. 0, SETUP_STORE_NONE, or a negative errno with words. */
int setup_store_find_token(bool user, const char *token, struct secret *ret_secret, struct error *ret_error);

/* Whether systemd can decrypt that file under the name that it has in the directory of encrypted credentials,
 * for the system or for this user; what comes of it is dropped. 0, -EBADMSG (it cannot), or another negative
 * errno: nothing here can tell. */
int setup_store_try_decrypt(bool user, const char *file, const char *path);

/* Makes both directories that the system's units load tokens from, since neither unit starts without them,
 * and removes what an interrupted setup left in them, and beside the file of a token that is a path. A user's
 * directory is made, or cleared so, with the next token. 0, or a negative errno with words. */
int setup_store_make_ready(const struct arguments *arguments, const char *token, struct error *ret_error);

/* Keeps the token: a credential encrypted for this machine, or this user, where systemd can, else in plain
 * text for root alone; a path as a file for its owner alone. `ret_where` says which. 0, SETUP_STORE_SAME, or
 * a negative errno with words. */
int setup_store_token(bool user, const char *token, const struct secret *secret, char **ret_where,
                      struct error *ret_error);

/* Whether the policy can be replaced: what would replace a link is not the file that is meant. 0, or -ELOOP
 * with words. */
int setup_store_may_replace(const char *policy, struct error *ret_error);

/* Replaces the policy in one stroke; owner and mode stay, or are as the daemon and its viewers need them. The
 * one before stays beside it, with "~" behind its name. 0 or a negative errno with words. */
int setup_store_policy(const struct arguments *arguments, const struct bytes *text, struct error *ret_error);
