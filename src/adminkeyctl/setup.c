// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl setup: from nothing to a service that runs, or from one that runs to a new token.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/setup_dialogue.h"
#include "adminkeyctl/setup_policy.h"
#include "adminkeyctl/setup_service.h"
#include "adminkeyctl/setup_store.h"
#include "adminkeyctl/setup_test.h"
#include "base/text.h"

#define HOURS_OFFERED "monday:friday 08:30-17:30"

struct setup {
    const struct arguments *arguments;
    struct setup_answers answers;
    struct policy_input input;
    const struct policy_input *present; /* NULL: there is no policy */
    const struct policy_site *site;     /* of the present policy; NULL: it is a new one */
    char *token;                        /* what the policy calls it */
};

static void setup_done(struct setup *setup)
{
    setup_answers_done(&setup->answers);
    policy_input_done(&setup->input);
    free(setup->token);
}

static int complain(int r, const struct error *error)
{
    fprintf(stderr, "adminkeyctl: %s\n", *error->text ? error->text : strerror(-r));
    return r == -EINVAL ? STATUS_USAGE : STATUS_NO;
}

/* From the command line first, then from the file. */
static int take_given(struct setup *setup)
{
    const char *token_file = setup->arguments->setup.token_file, *file = setup->arguments->setup.answers_file;
    _cleanup_free_ char *named = NULL;
    struct error error = {0};
    int r = 0;

    for (size_t i = 0; r == 0 && i < N_SETUP_ANSWERS; i++)
        if (setup->arguments->setup.answers[i])
            r = setup_answers_set(&setup->answers, i, setup->arguments->setup.answers[i], &error);
    if (r == 0 && file)
        r = setup_answers_read(&setup->answers, file, &named, &error);
    if (r == 0 && (token_file || named))
        r = setup_answers_read_token(&setup->answers, token_file ? token_file : named, &error);
    return r < 0 ? complain(r, &error) : STATUS_DONE;
}

static int read_present(struct setup *setup)
{
    const char *path = setup->arguments->policy;
    int r;

    if (access(path, F_OK) < 0 && errno == ENOENT)
        return STATUS_DONE;
    r = policy_input_open(setup->arguments, &setup->input);
    if (r == STATUS_DONE)
        setup->present = &setup->input;
    else
        fprintf(stderr, "adminkeyctl: setup changes no policy that it cannot read\n");
    return r;
}

/* The site of the present policy that is meant: by its name, by its address, or because there is no other. */
static const struct policy_site *find_present(const struct setup *setup)
{
    const char *name = setup->answers.text[ANSWER_SITE_NAME], *url = setup->answers.text[ANSWER_URL];
    const struct policy *policy = setup->present ? setup->present->policy : NULL;

    if (!policy)
        return NULL;
    if (name)
        return policy_find_site(policy, name);
    for (size_t i = 0; url && i < policy->n_sites; i++)
        if (text_equal(policy->sites[i].url, url))
            return &policy->sites[i];
    return !url && policy->n_sites == 1 ? &policy->sites[0] : NULL;
}

static int ask_unless_given(struct setup *setup, enum setup_answer answer, const char *offer)
{
    return setup->answers.text[answer] ? STATUS_DONE
                                       : setup_dialogue_ask(setup->arguments, &setup->answers, answer, offer);
}

/* Which site: everything else may follow from it. */
static int ask_site(struct setup *setup)
{
    _cleanup_free_ char *from_url = NULL;
    const char *url;
    int r;

    setup->site = find_present(setup);
    r = ask_unless_given(setup, ANSWER_URL, setup->site ? setup->site->url : NULL);
    if (r != STATUS_DONE)
        return r;
    url = setup->answers.text[ANSWER_URL];
    if (setup_dialogue_is_possible(setup->arguments))
        printf("  %s\n", url);
    setup->site = find_present(setup);
    if (setup_url_site_name(url, &from_url) < 0)
        return complain(-ENOMEM, &(struct error){0});
    if (setup->site) {
        free(setup->answers.text[ANSWER_SITE_NAME]);
        setup->answers.text[ANSWER_SITE_NAME] = strdup(setup->site->name);
        r = setup->answers.text[ANSWER_SITE_NAME] ? STATUS_DONE : complain(-ENOMEM, &(struct error){0});
    } else {
        r = ask_unless_given(setup, ANSWER_SITE_NAME, from_url);
    }
    if (r == STATUS_DONE)
        setup->site = find_present(setup);
    return r;
}

static int find_token(struct setup *setup, bool *ret_may_keep)
{
    struct error error = {0};
    int r;

    free(setup->token);
    if (setup->site)
        setup->token = strdup(setup->site->token);
    else if (setup_store_token_name(setup->arguments, setup->answers.text[ANSWER_SITE_NAME], &setup->token) <
             0)
        setup->token = NULL;
    if (!setup->token)
        return complain(-ENOMEM, &error);
    if (setup->answers.token->size > 0)
        return STATUS_DONE;
    r = setup_store_find_token(setup->arguments->user, setup->token, setup->answers.token, &error);
    if (r < 0)
        fprintf(stderr, "adminkeyctl: %s\n", error.text);
    *ret_may_keep = r == 0;
    return STATUS_DONE;
}

static int ask_account(struct setup *setup)
{
    bool may_keep = false, given = setup->answers.token->size > 0;
    int r = ask_unless_given(setup, ANSWER_USER_EMAIL, setup->site ? setup->site->user : NULL);

    if (r == STATUS_DONE)
        r = find_token(setup, &may_keep);
    if (r == STATUS_DONE && !given)
        r = setup_dialogue_ask_token(setup->arguments, &setup->answers, may_keep);
    return r;
}

/* The zone that /etc/localtime leads to; NULL: it does not tell. */
static const char *system_zone(char buffer[static 256])
{
    static const char below[] = "/zoneinfo/";
    ssize_t n = readlink("/etc/localtime", buffer, 255);
    const char *found;

    buffer[n > 0 ? n : 0] = '\0';
    found = strstr(buffer, below);
    return found ? found + sizeof(below) - 1 : NULL;
}

/* Of a site that the policy has, hours and zone stay unless an option says otherwise. */
static int ask_hours(struct setup *setup)
{
    char zone[256];
    int r = STATUS_DONE;

    if (!setup->site)
        r = ask_unless_given(setup, ANSWER_HOURS, HOURS_OFFERED);
    if (r == STATUS_DONE && !setup->present)
        r = ask_unless_given(setup, ANSWER_TIMEZONE, system_zone(zone));
    return r;
}

/* What the site has beyond the questions is needed to reach it. */
static int take_over(struct setup *setup)
{
    const struct policy_site *site = setup->site;
    struct error error = {0};
    int r = 0;

    if (site && site->proxy && !setup->answers.text[ANSWER_PROXY])
        r = setup_answers_set(&setup->answers, ANSWER_PROXY, site->proxy, &error);
    if (r == 0 && site && site->ca_file && !setup->answers.text[ANSWER_CA_FILE])
        r = setup_answers_set(&setup->answers, ANSWER_CA_FILE, site->ca_file, &error);
    return r < 0 ? complain(r, &error) : STATUS_DONE;
}

static int ask_again(struct setup *setup, const struct setup_finding *finding)
{
    int r = STATUS_DONE;

    for (size_t i = 0; r == STATUS_DONE && i < N_SETUP_ANSWERS; i++)
        if (finding->ask[i])
            r = setup_dialogue_ask(setup->arguments, &setup->answers, i, NULL);
    if (r == STATUS_DONE && finding->ask_token)
        r = setup_dialogue_ask_token(setup->arguments, &setup->answers, true);
    return r;
}

static int try_once(struct setup *setup, struct setup_finding *ret_finding)
{
    struct error error = {0};
    int r;

    printf("\nAsking %s ...\n", setup->answers.text[ANSWER_URL]);
    fflush(stdout);
    r = setup_test(&setup->answers, ret_finding, &error);
    if (r < 0)
        return complain(r, &error);
    if (ret_finding->done)
        printf("%s\n", ret_finding->words);
    else
        fprintf(stderr, "%s\n(%s)\n", ret_finding->words, ret_finding->detail.text);
    if (*ret_finding->warning.text)
        fprintf(stderr, "%s\n", ret_finding->warning.text);
    return STATUS_DONE;
}

static int try_answers(struct setup *setup)
{
    struct setup_finding finding;
    int r;

    r = ask_unless_given(setup, ANSWER_TEST_ENABLE,
                         setup_dialogue_is_possible(setup->arguments) ? "yes" : "no");
    for (;;) {
        if (r == STATUS_DONE)
            r = try_once(setup, &finding);
        if (r != STATUS_DONE || finding.done)
            return r;
        if (!setup_dialogue_is_possible(setup->arguments) ||
            setup_dialogue_confirm(setup->arguments, "\nChange the answers, and try again?", "yes") !=
                STATUS_DONE)
            return STATUS_NO;
        r = ask_again(setup, &finding);
    }
}

/* Which lines to paste, where they cannot be put in. */
static int give_up(const struct setup *setup, const struct error *error)
{
    _cleanup_(bytes_donep) struct bytes lines = BYTES_INIT(POLICY_BYTES_MAX);

    if (*error->text)
        fprintf(stderr, "adminkeyctl: %s\n", error->text);
    if (!setup->present)
        return STATUS_NO;
    fprintf(
        stderr,
        "adminkeyctl: %s is not written in a way that setup can change; put these lines below 'sites:':\n",
        setup->arguments->policy);
    if (setup_policy_write_site(&setup->answers, setup->token, &lines) == 0)
        fprintf(stderr, "%s", bytes_text(&lines));
    return STATUS_NO;
}

/* Shows the policy that is to be, and has it agreed to. Where it is the same as before, `text` is empty. */
static int agree(const struct setup *setup, struct bytes *text)
{
    const char *path = setup->arguments->policy;
    struct error error = {0};
    int r = setup_policy_make(setup->present, &setup->answers, setup->token, text, &error);

    if (r == SETUP_POLICY_REFUSED)
        return give_up(setup, &error);
    if (r == SETUP_POLICY_UNCHANGED) {
        printf("\n%s says all of it already.\n", path);
        bytes_clear(text);
        return STATUS_DONE;
    }
    if (r == 0)
        r = setup_store_may_replace(path, &error);
    if (r < 0)
        return complain(r, &error);
    printf("\nThe policy %s%s:\n\n%s\n", path, setup->present ? ", as it will be" : "", bytes_text(text));
    r = setup_dialogue_confirm(setup->arguments, "Write it, and the token?", "yes");
    if (r == STATUS_NO)
        printf("Nothing was changed.\n");
    return r;
}

static int write_token(const struct setup *setup, bool *ret_changed)
{
    _cleanup_free_ char *where = NULL;
    struct error error = {0};
    int r = setup_store_make_ready(setup->arguments, setup->token, &error);

    if (r == 0)
        r = setup_store_token(setup->arguments->user, setup->token, setup->answers.token, &where, &error);
    if (r < 0)
        return complain(r, &error);
    if (r == 0)
        printf("Wrote the token to %s.\n", where);
    *ret_changed |= r == 0;
    return STATUS_DONE;
}

static int write_policy(const struct setup *setup, const struct bytes *text, bool *ret_changed)
{
    struct error error = {0};
    int r;

    if (text->size == 0)
        return STATUS_DONE;
    r = setup_store_policy(setup->arguments, text, &error);
    if (r < 0)
        return complain(r, &error);
    printf("Wrote %s%s.\n", setup->arguments->policy,
           setup->present ? "; the one before has ~ behind its name" : "");
    *ret_changed = true;
    return STATUS_DONE;
}

/* The token first: a policy without its token would be worse than a token without a policy. */
static int finish(struct setup *setup)
{
    _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(POLICY_BYTES_MAX);
    bool changed = false;
    int r = agree(setup, &text);

    if (r == STATUS_DONE)
        r = write_token(setup, &changed);
    if (r == STATUS_DONE)
        r = write_policy(setup, &text, &changed);
    if (r != STATUS_DONE)
        return r;
    printf("A machine that sleeps has no key: it is switched off before, and on again\n"
           "once it wakes.\n");
    if (setup->arguments->setup.no_start)
        return STATUS_DONE;
    return setup_service_start(setup->arguments, setup->answers.text[ANSWER_SITE_NAME], changed);
}

int verb_setup(const struct arguments *arguments)
{
    _cleanup_(setup_done) struct setup setup = {.arguments = arguments};
    static int (*const steps[])(struct setup *) = {take_given, read_present, ask_site,    ask_account,
                                                   ask_hours,  take_over,    try_answers, finish};
    int r = STATUS_DONE;

    if (!arguments->user && geteuid() != 0) {
        fprintf(stderr,
                "adminkeyctl: the system's service is root's to set up: try 'sudo adminkeyctl setup', or "
                "'adminkeyctl --user setup' for one of your own\n");
        return STATUS_REFUSED;
    }
    if (*arguments->policy != '/') {
        fprintf(stderr, "adminkeyctl: setup wants the policy's absolute path, not '%s'\n", arguments->policy);
        return STATUS_USAGE;
    }
    if (setup_answers_init(&setup.answers) < 0) {
        fprintf(stderr, "adminkeyctl: out of memory\n");
        return STATUS_NO;
    }
    for (size_t i = 0; r == STATUS_DONE && i < ARRAY_SIZE(steps); i++)
        r = steps[i](&setup);
    return r;
}
