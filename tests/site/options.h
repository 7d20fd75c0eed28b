// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the practice site is told on its command line. What the vendor documents is not an option; what is
 * only guessed about Confluence is, and is marked as a guess.
 */

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_ACCOUNTS_MAX 16

struct options {
    const char *certificate, *key; /* PEM files; NULL: plain HTTP */
    const char *log, *console, *port_file;
    unsigned short port;                        /* 0: any that is free */
    const char *accounts[OPTIONS_ACCOUNTS_MAX]; /* E-MAIL:TOKEN:admin or E-MAIL:TOKEN:member */
    size_t n_accounts;
    bool standard;      /* the site is neither Premium nor Enterprise */
    bool clamp;         /* a guess: more than 60 minutes are cut to 60, instead of refused with 400 */
    bool never_shorten; /* a guess: a POST does not move a later expiry earlier */
    bool round;         /* a guess: expiries are cut to whole seconds */
};

/* 0, or the status to exit with: 2 after words on standard error. */
int options_parse(int argc, char **argv, struct options *ret_options);
