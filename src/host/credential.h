// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Reads a site's token. It is read anew for each request, and wiped after it, so that a process that idles
 * holds no secret and a new token counts at once.
 */

#include "base/error.h"
#include "base/secret.h"

/* Of names in the credential directory. One id cannot be loaded from two directories (systemd.exec(5)), so
 * those that lay in plain text have one of their own; where a name is in both, this is taken, for whoever
 * looks for the token finds it there. */
#define CREDENTIAL_PREFIX       "adminkeyd_"
#define CREDENTIAL_PREFIX_PLAIN "adminkeyd-plain_"

/*
 * `token` is an absolute path, or the name of a credential in `directory`, systemd's $CREDENTIALS_DIRECTORY
 * (NULL: the service has none). `secret` is best in locked memory (os/locked_memory.h).
 *
 * A path must be a regular file of the daemon's own user that nobody else can read; a symbolic link is
 * refused. The credential directory is systemd's own work: there the owner may also be root, and the mode is
 * not asked, since systemd 252 grants access by an ACL, which shows as group bits.
 *
 * 0; -ENOENT: not there; -EPERM: others could read it or have written it; -EBADMSG, -EMSGSIZE: the content is
 * no token; -EINVAL, -EISDIR, -ELOOP: no regular file; or another errno. `ret_error` names file and remedy.
 */
int credential_read(const char *directory, const char *token, struct secret *secret, struct error *ret_error);
