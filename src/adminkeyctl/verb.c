// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/verb.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"

#define DAYS_MAX  3660
#define YEARS_MAX 100

const struct verb verbs[] = {
    {"status", OPERAND_SITE_OR_ALL, "show what the key of each site does, and why", verb_status},
    {"watch", OPERAND_SITE_OR_ALL, "the same, live", verb_watch},
    {"is-on", OPERAND_SITE, "whether the key is on: exit status 0 on, 1 off, 3 not known", verb_is_on},
    {"wait", OPERAND_SITE, "wait until the key is on, or off", verb_wait},
    {"reload", OPERAND_NONE, "have the daemon read its policy again", verb_reload},
    {"check", OPERAND_FILE_OR_USUAL, "check a policy, without the daemon", verb_check},
    {"calendar", OPERAND_SITE_OR_ALL, "the policy's hours as a picture", verb_calendar},
    {"explain", OPERAND_SITE, "on or off at an instant, and which lines of the policy decided", verb_explain},
    {"simulate", OPERAND_SITE_OR_ALL, "the policy in a virtual world, for years in seconds", verb_simulate},
    {"setup", OPERAND_NONE, "ask for site, user and token, try them, and set up the service", verb_setup},
    {"doctor", OPERAND_NONE, "look for what is wrong, and say what to do", verb_doctor},
    {0},
};

static const char *take_socket(struct arguments *arguments, const char *value)
{
    arguments->socket = (char *)value;
    return *value ? NULL : "a path";
}

static const char *take_policy(struct arguments *arguments, const char *value)
{
    arguments->policy = (char *)value;
    return *value ? NULL : "a path";
}

static const char *take_color(struct arguments *arguments, const char *value)
{
    return terminal_colour_parse(value, &arguments->colour) == 0 ? NULL : "auto, always or never";
}

static const char *take_min_remaining(struct arguments *arguments, const char *value)
{
    return duration_parse(value, &arguments->min_remaining, NULL) == 0 ? NULL
                                                                       : "a duration, such as 90s or 20m";
}

static const char *take_timeout(struct arguments *arguments, const char *value)
{
    return duration_parse(value, &arguments->timeout, NULL) == 0 ? NULL : "a duration, such as 90s or 5m";
}

static const char *take_at(struct arguments *arguments, const char *value)
{
    arguments->at = value; /* its zone is the site's, which is not known yet */
    return NULL;
}

static const char *take_from(struct arguments *arguments, const char *value)
{
    arguments->from = value;
    return NULL;
}

/* A number from 1 on, in digits alone. */
static bool read_number(const char *value, uint64_t most, uint64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoull(value, &end, 10);
    return *value >= '1' && *value <= '9' && !*end && errno == 0 && *ret <= most;
}

static const char *take_days(struct arguments *arguments, const char *value)
{
    uint64_t days;
    bool ok = read_number(value, DAYS_MAX, &days);

    arguments->days = (unsigned)days;
    return ok ? NULL : "a number of days from 1 to 3660";
}

static const char *take_years(struct arguments *arguments, const char *value)
{
    uint64_t years;
    bool ok = read_number(value, YEARS_MAX, &years);

    arguments->years = (unsigned)years;
    return ok ? NULL : "a number of years from 1 to 100";
}

static const char *take_seed(struct arguments *arguments, const char *value)
{
    return read_number(value, INT64_MAX, &arguments->seed) ? NULL : "a number from 1 on";
}

static const char *take_faults(struct arguments *arguments, const char *value)
{
    arguments->faults = value;
    return *value ? NULL : "mild, harsh or a file";
}

#define FLAG(field) .flag = offsetof(struct arguments, field)
#define TEXT(field) .text = offsetof(struct arguments, field)

const struct option_row option_rows[] = {
    {NULL, "json", 0, NULL, "print the daemon's replies as JSON, one a line", FLAG(json)},
    {NULL, "user", 0, NULL, "your own service, not the system's", FLAG(user)},
    {NULL, "socket", 0, "PATH", "where the daemon listens", .take = take_socket},
    {NULL, "policy", 0, "FILE", "the policy, for commands that need no daemon", .take = take_policy},
    {NULL, "color", 0, "WHEN", "auto, always or never", .take = take_color},
    {NULL, "help", 'h', NULL, "this text, or that of a command", FLAG(help)},
    {NULL, "version", 0, NULL, "the version", FLAG(version)},
    {NULL, "list-commands", 0, NULL, NULL, FLAG(list_commands)},
    {"watch", "notify", 0, NULL, "tell of changes on the desktop, too", FLAG(notify)},
    {"is-on", "quiet", 'q', NULL, "say nothing", FLAG(quiet)},
    {"wait", "on", 0, NULL, "until the key is on", FLAG(want_on)},
    {"wait", "off", 0, NULL, "until the key is proved to be off", FLAG(want_off)},
    {"wait", "min-remaining", 0, "DURATION", "on for at least that long yet", .take = take_min_remaining},
    {"wait", "timeout", 0, "DURATION", "give up after that; without it, wait for ever", .take = take_timeout},
    {"check", "strict", 0, NULL, "warnings count as errors", FLAG(strict)},
    {"calendar", "days", 0, "N", "so many days; 14 without it", .take = take_days},
    {"calendar", "from", 0, "DATE", "the first day, such as 2026-10-24; without it, today",
     .take = take_from},
    {"explain", "at", 0, "WHEN", "2026-10-25 02:30 (local), RFC 3339, now, +3h, -7d; without it, now",
     .take = take_at},
    {"simulate", "years", 0, "N", "so many years; one without it", .take = take_years},
    {"simulate", "from", 0, "DATE", "the first day; without it, today", .take = take_from},
    {"simulate", "seed", 0, "N", "of all that is drawn at random; 1 without it", .take = take_seed},
    {"simulate", "faults", 0, "FAULTS", "mild, harsh, or a file with a fault a line", .take = take_faults},
    {"setup", "url", 0, "SITE", "its name, its address, or that of a page of it",
     TEXT(setup.answers[ANSWER_URL])},
    {"setup", "site-name", 0, "NAME", "what the policy calls it", TEXT(setup.answers[ANSWER_SITE_NAME])},
    {"setup", "user-email", 0, "ADDRESS", "of the admin whose key it is",
     TEXT(setup.answers[ANSWER_USER_EMAIL])},
    {"setup", "token-file", 0, "FILE", "where the API token stands; - is standard input",
     TEXT(setup.token_file)},
    {"setup", "hours", 0, "HOURS", "such as 'monday:friday 08:30-17:30', or never",
     TEXT(setup.answers[ANSWER_HOURS])},
    {"setup", "timezone", 0, "ZONE", "of the hours, such as Europe/Berlin",
     TEXT(setup.answers[ANSWER_TIMEZONE])},
    {"setup", "enforce", 0, "YESNO", "no: read and report, change nothing",
     TEXT(setup.answers[ANSWER_ENFORCE])},
    {"setup", "proxy", 0, "URL", "the proxy of the network", TEXT(setup.answers[ANSWER_PROXY])},
    {"setup", "ca-file", 0, "FILE", "the certificate of the network's own authority",
     TEXT(setup.answers[ANSWER_CA_FILE])},
    {"setup", "test-enable", 0, "YESNO", "whether to try the key for a minute",
     TEXT(setup.answers[ANSWER_TEST_ENABLE])},
    {"setup", "answers", 0, "FILE", "these options as a JSON object", TEXT(setup.answers_file)},
    {"setup", "no-start", 0, NULL, "leave the service as it is", FLAG(setup.no_start)},
    {"setup", "yes", 0, NULL, "take what would be offered, and ask nothing", FLAG(setup.yes)},
    {0},
};

const struct verb *verb_find(const char *name)
{
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (text_equal(verb->name, name))
            return verb;
    return NULL;
}
