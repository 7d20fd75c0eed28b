// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What setup has to know: one table of questions feeds the file of answers and the dialogue.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"

enum setup_answer {
    ANSWER_URL,
    ANSWER_SITE_NAME,
    ANSWER_USER_EMAIL,
    ANSWER_HOURS,
    ANSWER_TIMEZONE,
    ANSWER_ENFORCE,
    ANSWER_PROXY,
    ANSWER_CA_FILE,
    ANSWER_TEST_ENABLE,
    N_SETUP_ANSWERS
};

#define SETUP_ANSWER_MAX   1024 /* bytes of one */
#define SETUP_ANSWERS_FILE 65536

struct setup_question {
    const char *option; /* without the dashes; in a file of answers with _ for - */
    const char *prompt; /* NULL: asked only once a test has failed over it, or never */
    const char *hint;   /* a line above the prompt; NULL: none */
};
extern const struct setup_question setup_questions[N_SETUP_ANSWERS];

struct setup_answers {
    char *text[N_SETUP_ANSWERS]; /* owned; NULL: not known */
    struct secret *token;        /* owned, in locked memory; size 0: not known */
};

/* 0 or -ENOMEM. */
int setup_answers_init(struct setup_answers *answers);
void setup_answers_done(struct setup_answers *answers);

/* Sets one, as a copy, once it is known to be well formed; a URL is made canonical. 0, -EINVAL with words, or
 * -ENOMEM. */
int setup_answers_set(struct setup_answers *answers, enum setup_answer answer, const char *text,
                      struct error *ret_error);

/* Takes those that are not known yet from a JSON object in a file. 0, -EINVAL with words, -ENOMEM or an errno
 * of the file with words. */
int setup_answers_read(struct setup_answers *answers, const char *path, char **ret_token_file,
                       struct error *ret_error);

/* Reads the token from a file, or from standard input for "-". 0 or a negative errno with words. */
int setup_answers_read_token(struct setup_answers *answers, const char *path, struct error *ret_error);

/*
 * What people have at hand, as the URL that the policy wants: "acme" is https://acme.atlassian.net, a host
 * gets its scheme, and of the address of a page the path is dropped. The caller frees it. 0, -EINVAL with
 * words, or -ENOMEM.
 */
int setup_url_normalise(const char *text, char **ret_url, struct error *ret_error);

/* The first part of the host's name, as a site's name. The caller frees it. 0 or -ENOMEM. */
int setup_url_site_name(const char *url, char **ret_name);
