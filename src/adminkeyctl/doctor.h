// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the doctor looks at, and finds. Each part looks and adds findings; nothing is changed, and what cannot
 * be looked at from here is said as such.
 */

#include "adminkeyctl/policy_input.h"
#include "base/bytes.h"

#define DOCTOR_FINDINGS_MAX 1000
#define DOCTOR_WORDS_MAX    600

enum doctor_level {
    DOCTOR_OK,
    DOCTOR_NOTE,    /* good to know, or not to be seen from here */
    DOCTOR_WARNING, /* will hurt some day */
    DOCTOR_WRONG,   /* something does not work */
};

struct doctor_finding {
    enum doctor_level level;
    const char *check; /* static: "policy", "token" ... */
    char site[64];     /* "": it is of no single site */
    char finding[DOCTOR_WORDS_MAX], todo[DOCTOR_WORDS_MAX];
};

struct doctor {
    const struct arguments *arguments;
    struct policy_input input; /* input.policy is NULL where there is none that can be used */
    struct doctor_finding *findings;
    size_t n;
    size_t n_of[DOCTOR_WRONG + 1]; /* of each level, also of those that were not kept */
    bool failed;                   /* out of memory */
};

/* `site` and `todo` may be NULL. Beyond DOCTOR_FINDINGS_MAX a finding is only counted. */
void doctor_find(struct doctor *doctor, enum doctor_level level, const char *check, const char *site,
                 const char *todo, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* "" or "--user ", for the commands in findings. */
const char *doctor_user_option(const struct doctor *doctor);

/* What a program says on stdout. False: there is none, or it failed. */
bool doctor_ask(const char *const *arguments, struct bytes *output);

/* The value of NAME=VALUE among lines; "": there is none. */
const char *doctor_value(const char *lines, const char *name, char *buffer, size_t size);

/* The parts, in their order. */
void doctor_look_at_policy(struct doctor *doctor);      /* the file, its hours, its tokens */
void doctor_look_at_credentials(struct doctor *doctor); /* what the units load, whoever it is for */
void doctor_look_at_service(struct doctor *doctor);     /* unit, sandbox */
void doctor_look_at_access(struct doctor *doctor);      /* socket, users and groups */
void doctor_look_at_daemon(struct doctor *doctor);      /* what it says of itself */
void doctor_look_at_machine(struct doctor *doctor);     /* clock, message bus, polkit, proxy variables */
void doctor_look_at_sites(struct doctor *doctor);       /* address, proxy, certificate, account, clock */
