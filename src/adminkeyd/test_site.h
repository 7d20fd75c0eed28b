// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * --test-site: reads the key of one site, just as the daemon would, and tells what came of it; with --enable
 * also whether user and token may switch it, by a key of one minute that is switched off at once. A key that
 * is live is somebody's: then nothing is switched. Keeps no record and asks no daemon.
 */

#include "adminkeyd/options.h"
#include "confluence/confluence.h"
#include "engine/site_clock.h"
#include "host/journal.h"
#include "policy/policy.h"

#define TEST_SITE_MINUTES     1
#define TEST_SITE_DELETES_MAX 4 /* tries; the trial's key ends by itself within the minute */
#define TEST_SITE_CALLS_MAX   (3 + TEST_SITE_DELETES_MAX)

enum test_site_outcome {
    TEST_SITE_POLICY_REFUSED = 1, /* told to the journal */
    TEST_SITE_WRONG,              /* the policy has no such site: told on stderr */
    TEST_SITE_FAILED,             /* tested, and told on stdout: a verdict other than done */
};

/* Whether the key was switched on and off, and why not. */
enum test_site_trial {
    TEST_SITE_NOT_ASKED,
    TEST_SITE_TRIED,
    TEST_SITE_NOT_REACHED, /* the read before it failed */
    TEST_SITE_KEY_IS_LIVE,
    TEST_SITE_NOT_ENFORCED, /* the policy says `enforce: no` */
};

struct test_site_call {
    enum confluence_call call;
    struct confluence_reply reply;
};

/* What was found: plain values. */
struct test_site_findings {
    const struct policy_site *site;                   /* borrowed */
    struct test_site_call calls[TEST_SITE_CALLS_MAX]; /* in their order; one at least */
    size_t n_calls;
    enum test_site_trial trial;
    bool proved_off; /* the trial's key is off again */
    struct site_clock clock;
};

/* 0: the verdict is done; an outcome; or a negative errno with words. */
int test_site_run(const struct options *options, struct journal journal, struct error *ret_error);

/* The call that the verdict is of: the first that failed, else the last. Of DELETE the last try counts. */
const struct test_site_call *test_site_decisive(const struct test_site_findings *findings);

/* Prints them on stdout, as lines or as one JSON object. 0 or -ENOMEM. */
int test_site_print(const struct test_site_findings *findings, bool json);
