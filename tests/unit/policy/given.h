// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the tests of the policy are given: texts to put a policy together of, and helpers that read one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

/* Everything that a site needs; what a case is about comes behind it. */
#define HEAD   "version: 1\ntimezone: Europe/Berlin\n"
#define SITES  "sites:\n  acme:\n"
#define URL    "    url: https://acme.atlassian.net\n"
#define USER   "    user: a@b.example\n"
#define TOKEN  "    token: acme\n"
#define SITE   HEAD SITES URL USER TOKEN
#define HOURS  SITE "    active_hours:\n"
#define WINDOW SITE "    maintenance_windows:\n"

#define IN_SITE(key, value) SITE "    " key ": " value "\n"
#define WITH_URL(value)     HEAD SITES "    url: " value "\n" USER TOKEN
#define WITH_USER(value)    HEAD SITES URL "    user: " value "\n" TOKEN
#define WITH_TOKEN(value)   HEAD SITES URL USER "    token: " value "\n"

/* An interval is line 9 of its policy; the first row of each of these is active_hours[0]. */
#define ENTRY(text)    HOURS "      - " text "\n"
#define PATH(rest)     "sites.acme.active_hours[0]" rest
#define TIMES(text)    ENTRY("{every_day: yes, times: [" text "]}")
#define TIME_PATH      PATH(".times[0]")
#define ABSOLUTE(a, b) ENTRY("{from: " a ", until: " b "}")
#define DAYS_OR(text)  ENTRY("{every_day: yes, " text "}")

/* policy_parse() with `problems` initialised; `all_keys` reads those that are not supported yet. */
int parse_policy(const char *yaml, size_t size, bool all_keys, struct problems *problems,
                 struct policy **ret_policy);

/* Of a policy that must be in order. */
struct policy *accept_policy(const char *yaml, bool all_keys);

void print_problems(const struct problems *problems);
