// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The console: a Unix stream socket that takes one JSON object a line and answers with one, {"ok": true, ...}
 * or
 * {"ok": false, "why": "..."}.
 *
 *     {"command": "fault", "call": "get|post|delete|any", "count": N,      (count left out: until it is
 * cleared) "status": 500, "headers": {"Retry-After": "30"}, "acts": true,      (acts: does what was asked all
 * the same) "drop": true,                                                       (no reply) "delay_ms": N,
 * "hang_ms": N,                                        (before it acts, before it replies) "minutes": N,
 * (grants so many) "expiry": "none|past|far|garbage", "body": "garbage|html|empty|truncated|oversized"}
 *     {"command": "clear"}                                                 (forgets all faults)
 *     {"command": "clock", "offset_ms": N}                                 (the site's clock minus true time)
 *     {"command": "key", "account": "E-MAIL", "minutes": N}                (another actor; 0 disables)
 *     {"command": "state", "account": "E-MAIL"}                            -> live, expires, expires_us, now
 *     {"command": "wait", "for": "get|post|delete|page|enabled|renewed|disabled|expired", "count": N,
 *      "timeout_ms": N}                                                    (until it was logged N times in
 * all)
 *     {"command": "follow"}                                                (the log from its beginning, line
 * by line)
 */

struct site;
struct console;

int console_start(struct site *site, struct console **ret_console);
void console_stop(struct console *console);
