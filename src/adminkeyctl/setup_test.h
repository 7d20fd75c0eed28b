// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Has `adminkeyd --test-site` try the answers on the site, before anything is written where the daemon looks:
 * policy and token go into a directory that only this user can enter, and that is gone afterwards.
 */

#include "adminkeyctl/setup_answers.h"

struct setup_finding {
    bool done;             /* the site answered as it should */
    bool tried;            /* the key was switched on and off */
    bool answered;         /* a reply came, whatever it said: so the certificate is trusted */
    bool key_is_on;        /* of this account */
    bool has_clock_offset; /* the site's clock minus this machine's: */
    int64_t clock_offset_ms;
    bool ask[N_SETUP_ANSWERS]; /* what may be wrong, and is worth being asked again */
    bool ask_token;
    const char *words;    /* what was found and what to do, of one or more lines */
    struct error detail;  /* of a failure: as the program saw it */
    struct error warning; /* what does not stand in the way: "" is nothing */
};

/* 0, also where the site refuses, or a negative errno with words. */
int setup_test(const struct setup_answers *answers, struct setup_finding *ret_finding,
               struct error *ret_error);

/* The words for a reply of `adminkeyd --test-site --json`. 0, or -EBADMSG: it is none. */
int setup_test_judge(const char *json, size_t size, struct setup_finding *ret_finding);
