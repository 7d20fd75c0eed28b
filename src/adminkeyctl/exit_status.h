// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the program ends with. Scripts depend on these numbers; adminkeyctl(1) lists them.
 */

enum exit_status {
    STATUS_DONE = 0, /* as asked; `status`: every site agrees with its goal */
    STATUS_NO = 1,   /* `wait` timed out, `check` found errors, a reload was refused */
    STATUS_USAGE = 2,
    STATUS_DEGRADED = 3, /* a site does not agree with its goal or is blocked; a policy was rejected */
    STATUS_NO_SITE = 4,
    STATUS_UNREACHABLE = 5, /* no daemon, or none that makes sense */
    STATUS_REFUSED = 6,     /* by rights or by the policy */
};
