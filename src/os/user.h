// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Users and groups by name, as the system's name service knows them. May ask the network where the system is
 * set up so: never call it while an event loop waits.
 */

#include <sys/types.h>

/* 0, -ENOENT when there is no such user or group, -ENOMEM, or what the name service failed with. */
int user_find(const char *name, uid_t *ret_uid);
int group_find(const char *name, gid_t *ret_gid);
