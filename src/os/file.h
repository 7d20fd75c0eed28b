// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Whole files: read with a cap, written so that a reader sees the old content or the new one and never half
 * of it. Failures carry a sentence that names the file and says what to do.
 */

#include <stddef.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

/* Reads a regular file of at most `cap` bytes into `bytes`, which the caller has initialised with a cap of
 * its own of at least that and which is emptied first. Never waits: a pipe is refused. 0, -EISDIR, -EFBIG,
 * -EINVAL (no regular file), -ENOENT, -EACCES, -ENOMEM or another errno. */
int file_read(const char *path, size_t cap, struct bytes *bytes, struct error *ret_error);

/* Replaces the file's content in one stroke, durably: a new file beside it is written, synced and renamed
 * over it, and the directory synced. `mode` is that of the new file, whatever the umask. 0 or a negative
 * errno. */
int file_write(const char *path, const void *data, size_t size, mode_t mode, struct error *ret_error);

/* Makes the directory and those above it as far as they are missing, each with `mode`. 0 or a negative errno.
 */
int file_make_directory(const char *path, mode_t mode, struct error *ret_error);

/* Syncs the directory that holds `path`, so that a new name in it outlives a power loss. 0 or a negative
 * errno. */
int file_sync_directory_of(const char *path);

/* Writes all of it, whatever portions the kernel takes. 0 or a negative errno. */
int file_write_all(int fd, const void *data, size_t size);
