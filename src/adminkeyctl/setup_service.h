// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Has systemd run the service from now on, by systemctl.
 */

#include "adminkeyctl/verb.h"

/* Enables the service, and restarts it (which keeps a key that the policy wants) or, where nothing has
 * changed, starts it; shows its status then. Complains on stderr where that fails. An exit status. */
int setup_service_start(const struct arguments *arguments, const char *site, bool changed);
