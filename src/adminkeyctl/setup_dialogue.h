// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Asks people, where there is a terminal; else says which option would have answered.
 */

#include "adminkeyctl/setup_answers.h"
#include "adminkeyctl/verb.h"

/* Whether there is anybody to ask. */
bool setup_dialogue_is_possible(const struct arguments *arguments);

/* Asks for one, offering what is known or else `offer` (NULL: nothing), until it is well formed. Without
 * anybody to ask it takes the offer where --yes says so. An exit status: STATUS_USAGE names the option that
 * is missing. */
int setup_dialogue_ask(const struct arguments *arguments, struct setup_answers *answers,
                       enum setup_answer answer, const char *offer);

/* Asks for the token, without showing it; `may_keep`: an empty answer keeps the one that is known. */
int setup_dialogue_ask_token(const struct arguments *arguments, struct setup_answers *answers, bool may_keep);

/* A question with yes as the usual answer. STATUS_DONE for yes, STATUS_NO for no, STATUS_USAGE where nobody
 * can be asked: then `option` is named. */
int setup_dialogue_confirm(const struct arguments *arguments, const char *question, const char *option);
