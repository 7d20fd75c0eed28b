// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The text of a policy with a site as the answers have it: a new one, or one that stands there with the site
 * added, or with what differs changed in its own lines. Comments and all else stay as they were. What comes
 * out is read again by the policy's own reader, and must say what was meant.
 */

#include "adminkeyctl/policy_input.h"
#include "adminkeyctl/setup_answers.h"

enum setup_policy_outcome {
    SETUP_POLICY_UNCHANGED = 1, /* it says all of it already */
    SETUP_POLICY_REFUSED, /* with words: an answer that no policy may have, or lines that cannot be edited */
};

/* A policy with this site alone, or for `present` (may be NULL) with its other keys left out: to be tested.
 */
int setup_policy_write_new(const struct setup_answers *answers, const char *token, struct bytes *bytes);

/* The site's lines, as they would be pasted below `sites:`. 0 or -ENOMEM. */
int setup_policy_write_site(const struct setup_answers *answers, const char *token, struct bytes *bytes);

/* The first mistake of a policy, in words. 0, SETUP_POLICY_REFUSED, or -ENOMEM. */
int setup_policy_check(const struct bytes *text, struct error *ret_error);

/* `present` NULL: there is no policy. 0, an outcome, or -ENOMEM. */
int setup_policy_make(const struct policy_input *present, const struct setup_answers *answers,
                      const char *token, struct bytes *bytes, struct error *ret_error);
