// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_text.h"
#include "base/text.h"
#include "calendar/zone.h"
#include "os/file.h"
#include "os/locked_memory.h"
#include "os/zone_file.h"

const struct setup_question setup_questions[N_SETUP_ANSWERS] = {
    [ANSWER_URL] = {"url", "Site",
                    "The Confluence Cloud site: its name, its address, or that of a page of it."},
    [ANSWER_SITE_NAME] = {"site-name", "Short name of the site", NULL},
    [ANSWER_USER_EMAIL] = {"user-email", "E-mail of the admin",
                           "The account whose admin key it is: an organisation or site admin. It belongs\n"
                           "to one workstation: of two that share it, each takes the key from the other\n"
                           "at a stop or sleep, for up to 'verify' (15 minutes)."},
    [ANSWER_HOURS] = {"hours", "Hours",
                      "When the key is on: weekdays and times; or 'never', for maintenance windows that\n"
                      "you add to the policy."},
    [ANSWER_TIMEZONE] = {"timezone", "Time zone", NULL},
    [ANSWER_ENFORCE] = {"enforce", NULL, NULL},
    [ANSWER_PROXY] = {"proxy", NULL, "The proxy of your network, such as http://proxy.example.com:3128."},
    [ANSWER_CA_FILE] = {"ca-file", NULL,
                        "The file with the certificate of your network's own authority (PEM)."},
    [ANSWER_TEST_ENABLE] = {"test-enable",
                            "Switch the key on for a minute, and off again, to see that it works", NULL},
};

int setup_answers_init(struct setup_answers *answers)
{
    void *memory;
    int r = locked_memory_new(sizeof(struct secret), &memory);

    *answers = (struct setup_answers){0};
    if (r == 0)
        answers->token = memory;
    return r;
}

void setup_answers_done(struct setup_answers *answers)
{
    for (size_t i = 0; i < N_SETUP_ANSWERS; i++)
        free(answers->text[i]);
    locked_memory_free(answers->token, sizeof(struct secret));
    *answers = (struct setup_answers){0};
}

/* Each goes into a policy, a command's arguments or a path as it is. */
static int check_text(const char *option, const char *text, struct error *ret_error)
{
    if (!*text || strlen(text) > SETUP_ANSWER_MAX || !text_is_utf8(text, strlen(text), NULL)) {
        error_set(ret_error, "%s: 1 to %d bytes of UTF-8", option, SETUP_ANSWER_MAX);
        return -EINVAL;
    }
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            error_set(ret_error, "%s: no control characters", option);
            return -EINVAL;
        }
    return 0;
}

static int check_hours(const char *text, struct error *ret_error)
{
    const char *space = strchr(text, ' ');

    if (text_equal(text, "never"))
        return 0;
    if (space && space > text && space[1] &&
        strspn(text, "abcdefghijklmnopqrstuvwxyz:,") == (size_t)(space - text) &&
        strspn(space + 1, "0123456789:-,") == strlen(space + 1))
        return 0;
    error_set(ret_error,
              "hours are weekdays and times, such as 'monday:friday 08:30-17:30' or "
              "'monday,wednesday 08:00-12:00,13:00-17:00', or 'never'; finer ones go into the policy");
    return -EINVAL;
}

static int check_site_name(const char *text, struct error *ret_error)
{
    size_t size = strlen(text);

    if (size <= 63 && *text != '-' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size)
        return 0;
    error_set(ret_error, "the name of a site has 1 to 63 of a-z, 0-9 and -, and does not begin with -");
    return -EINVAL;
}

static int check_zone(const char *text, struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(ZONE_FILE_MAX);
    int r = zone_file_read(NULL, text, &bytes);

    if (r == 0 || r == -ENOMEM)
        return r;
    error_set(ret_error, "this system knows no time zone '%s': an IANA name is wanted, such as Europe/Berlin",
              text);
    return -EINVAL;
}

static int check(enum setup_answer answer, const char *text, struct error *ret_error)
{
    int r = check_text(setup_questions[answer].option, text, ret_error);

    if (r < 0)
        return r;
    switch (answer) {
    case ANSWER_HOURS: return check_hours(text, ret_error);
    case ANSWER_TIMEZONE: return check_zone(text, ret_error);
    case ANSWER_SITE_NAME: return check_site_name(text, ret_error);
    case ANSWER_USER_EMAIL:
        if (strchr(text, '@') && !strchr(text, ' '))
            return 0;
        error_set(ret_error, "'%s' is no e-mail address: the account's, with which you log in", text);
        return -EINVAL;
    case ANSWER_ENFORCE:
    case ANSWER_TEST_ENABLE:
        if (text_equal(text, "yes") || text_equal(text, "no"))
            return 0;
        error_set(ret_error, "%s: yes or no, not '%s'", setup_questions[answer].option, text);
        return -EINVAL;
    case ANSWER_CA_FILE:
        if (*text == '/')
            return 0;
        error_set(ret_error, "ca-file: an absolute path, not '%s'", text);
        return -EINVAL;
    default: return 0;
    }
}

int setup_answers_set(struct setup_answers *answers, enum setup_answer answer, const char *text,
                      struct error *ret_error)
{
    char *copy;
    int r = check(answer, text, ret_error);

    if (r < 0)
        return r;
    if (answer == ANSWER_URL) {
        r = setup_url_normalise(text, &copy, ret_error);
        if (r < 0)
            return r;
    } else {
        copy = strdup(text);
        if (!copy)
            return -ENOMEM;
    }
    free(answers->text[answer]);
    answers->text[answer] = copy;
    return 0;
}

/* The name of a member of the file: an option's with _ for -. */
static bool is_member_of(const char *key, const char *option)
{
    for (; *key && *option; key++, option++)
        if (*key != (*option == '-' ? '_' : *option))
            return false;
    return *key == *option;
}

static int take_member(struct setup_answers *answers, const char *key, const char *text,
                       char **ret_token_file, struct error *ret_error)
{
    if (is_member_of(key, "token-file")) {
        free(*ret_token_file);
        *ret_token_file = strdup(text);
        return *ret_token_file ? 0 : -ENOMEM;
    }
    for (size_t i = 0; i < N_SETUP_ANSWERS; i++)
        if (is_member_of(key, setup_questions[i].option))
            return answers->text[i] ? 0 : setup_answers_set(answers, i, text, ret_error);
    error_set(ret_error, "'%s' is no answer: those are the options of setup, with _ for -%s", key,
              text_equal(key, "token") ? "; a token goes into a file of its own, token_file" : "");
    return -EINVAL;
}

int setup_answers_read(struct setup_answers *answers, const char *path, char **ret_token_file,
                       struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(SETUP_ANSWERS_FILE);
    _cleanup_(json_freep) struct json_object *object = NULL;
    int r;

    r = file_read(path, SETUP_ANSWERS_FILE, &bytes, ret_error);
    if (r < 0)
        return r;
    r = json_text_parse(bytes_text(&bytes), bytes.size, 2, &object);
    if (r > 0) {
        error_set(ret_error, "%s: one JSON object, such as {\"url\": \"acme\", \"hours\": \"never\"}", path);
        return -EINVAL;
    }
    if (r < 0)
        return r;
    json_object_object_foreach(object, key, value)
    {
        const char *text = json_object_is_type(value, json_type_boolean)
                               ? (json_object_get_boolean(value) ? "yes" : "no")
                               : json_object_get_string(value);

        r = take_member(answers, key, text ? text : "", ret_token_file, ret_error);
        if (r < 0) {
            error_prefix(ret_error, "%s: ", path);
            return r;
        }
    }
    return 0;
}

static int read_standard_input(struct bytes *bytes)
{
    char chunk[512];
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0)
        r = n < 0 ? (errno == EINTR ? 0 : -errno) : bytes_append(bytes, chunk, (size_t)n);
    explicit_bzero(chunk, sizeof(chunk));
    return r;
}

int setup_answers_read_token(struct setup_answers *answers, const char *path, struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(SECRET_MAX + 2);
    int r;

    r = text_equal(path, "-") ? read_standard_input(&bytes)
                              : file_read(path, SECRET_MAX + 2, &bytes, ret_error);
    if (r == 0)
        r = secret_set(answers->token, bytes_text(&bytes), bytes.size);
    if (bytes.data)
        explicit_bzero(bytes.data, bytes.capacity);
    if (r < 0 && !*ret_error->text)
        error_set(ret_error, "%s holds no token: it must be one line of text, and nothing else", path);
    return r;
}
