// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_dialogue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adminkeyctl/exit_status.h"
#include "base/text.h"
#include "os/locked_memory.h"
#include "os/prompt.h"
#include "os/terminal.h"

bool setup_dialogue_is_possible(const struct arguments *arguments)
{
    return !arguments->setup.yes && terminal_is(STDIN_FILENO) && terminal_is(STDOUT_FILENO);
}

static int complain_of_missing(const char *option)
{
    fprintf(stderr, "adminkeyctl: nobody can be asked here: give --%s, or run setup at a terminal\n", option);
    return STATUS_USAGE;
}

static int complain(const char *words)
{
    fprintf(stderr, "adminkeyctl: %s\n", words);
    return STATUS_NO;
}

static int read_line(bool echo, char *buffer, size_t size)
{
    int r;

    fflush(stdout);
    do
        r = prompt_read(STDIN_FILENO, echo, buffer, size);
    while (r == -EINTR);
    if (r == -ENODATA) {
        printf("\n");
        return complain("the answers ended early: nothing was changed");
    }
    if (r == -EMSGSIZE) {
        printf("That is too long.\n");
        *buffer = '\0';
        r = 0;
    }
    return r < 0 ? complain(strerror(-r)) : STATUS_DONE;
}

static void trim(char *line)
{
    size_t first = strspn(line, " \t\r"), size = strlen(line + first);

    memmove(line, line + first, size + 1);
    while (size > 0 && strchr(" \t\r", line[size - 1]))
        line[--size] = '\0';
}

/* "y" and "n" are as good where it is yes or no. */
static const char *spell_out(enum setup_answer answer, const char *line)
{
    if (answer != ANSWER_TEST_ENABLE && answer != ANSWER_ENFORCE)
        return line;
    if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
        return "yes";
    return strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0 ? "no" : line;
}

static int take(struct setup_answers *answers, enum setup_answer answer, const char *text,
                struct error *ret_error)
{
    int r = setup_answers_set(answers, answer, text, ret_error);

    if (r == -ENOMEM)
        return complain("out of memory");
    return r < 0 ? STATUS_USAGE : STATUS_DONE;
}

static int ask_once(struct setup_answers *answers, enum setup_answer answer, const char *offer,
                    struct error *ret_error)
{
    const struct setup_question *question = &setup_questions[answer];
    char line[SETUP_ANSWER_MAX + 2];
    int r;

    printf("%s%s%s%s: ", question->prompt ? question->prompt : question->option, offer ? " [" : "",
           offer ? offer : "", offer ? "]" : "");
    r = read_line(true, line, sizeof(line));
    if (r != STATUS_DONE)
        return r;
    trim(line);
    if (!*line && !offer) {
        if (!question->prompt) /* may be left out */
            return STATUS_DONE;
        error_set(ret_error, "an answer is needed; Ctrl-C ends setup");
        return STATUS_USAGE;
    }
    return take(answers, answer, spell_out(answer, *line ? line : offer), ret_error);
}

int setup_dialogue_ask(const struct arguments *arguments, struct setup_answers *answers,
                       enum setup_answer answer, const char *offer)
{
    const char *option = setup_questions[answer].option;
    _cleanup_free_ char *known = NULL;
    struct error error = {0};
    int r;

    if (answers->text[answer]) {
        known = strdup(answers->text[answer]);
        if (!known)
            return complain("out of memory");
        offer = known;
    }
    if (!setup_dialogue_is_possible(arguments)) {
        if (!offer || !arguments->setup.yes)
            return complain_of_missing(option);
        r = take(answers, answer, offer, &error);
        return r == STATUS_USAGE ? complain(error.text), r : r;
    }
    if (setup_questions[answer].hint)
        printf("\n%s\n", setup_questions[answer].hint);
    while ((r = ask_once(answers, answer, offer, &error)) == STATUS_USAGE)
        printf("%s\n", error.text);
    return r;
}

int setup_dialogue_ask_token(const struct arguments *arguments, struct setup_answers *answers, bool may_keep)
{
    void *line = NULL;
    int r;

    if (!setup_dialogue_is_possible(arguments))
        return may_keep ? STATUS_DONE : complain_of_missing("token-file");
    if (locked_memory_new(SECRET_MAX + 2, &line) < 0)
        return complain("out of memory");
    printf("\nAn API token of that account, made with \"Create API token\", not \"with scopes\":\n"
           "https://id.atlassian.com/manage-profile/security/api-tokens\n");
    for (;;) {
        printf("API token (not shown%s): ", may_keep ? "; Enter keeps the present one" : "");
        r = read_line(false, line, SECRET_MAX + 2);
        if (r != STATUS_DONE)
            break;
        trim(line);
        if (!*(char *)line && may_keep)
            break;
        if (secret_set(answers->token, line, strlen(line)) == 0)
            break;
        printf("A token is one line of text.\n");
    }
    locked_memory_free(line, SECRET_MAX + 2);
    return r;
}

int setup_dialogue_confirm(const struct arguments *arguments, const char *question, const char *option)
{
    char line[16];

    if (arguments->setup.yes)
        return STATUS_DONE;
    if (!setup_dialogue_is_possible(arguments))
        return complain_of_missing(option);
    for (;;) {
        printf("%s [Y/n] ", question);
        if (read_line(true, line, sizeof(line)) != STATUS_DONE)
            return STATUS_NO;
        trim(line);
        if (!*line || strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
            return STATUS_DONE;
        if (strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0)
            return STATUS_NO;
    }
}
