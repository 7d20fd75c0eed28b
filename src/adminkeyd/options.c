// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LEDGER_FILE "ledger.jsonl"

/* One row an option: feeds getopt and --help. */
static const struct {
    const char *name, *argument, *help;
} rows[] = {
    {"policy", "FILE", "the policy to keep, instead of the usual place"},
    {"socket", "PATH", "where to listen for adminkeyctl"},
    {"state", "DIR", "the directory of the ledger"},
    {"user", NULL, "serve the user who calls, with the user's own policy, socket and state"},
    {"revoke-only", NULL, "switch off every key that is ours and that the policy does not want now, and end"},
    {"all", NULL, "with --revoke-only: switch off whatever key is on"},
    {"test-site", "SITE", "read the key of this site once, tell what came of it, and end"},
    {"enable", NULL, "with --test-site: also switch the key on for a minute, and off again"},
    {"json", NULL, "with --test-site: tell it as a JSON object"},
    {"help", NULL, "print this and end"},
    {"version", NULL, "print the version and end"},
};
enum row {
    ROW_POLICY,
    ROW_SOCKET,
    ROW_STATE,
    ROW_USER,
    ROW_REVOKE_ONLY,
    ROW_ALL,
    ROW_TEST_SITE,
    ROW_ENABLE,
    ROW_JSON,
    ROW_HELP,
    ROW_VERSION,
    N_ROWS
};

struct arguments {
    const char *values[N_ROWS];
    bool given[N_ROWS];
};

static void print_help(void)
{
    printf("adminkeyd [OPTIONS]\n\n"
           "Keeps the admin keys of Confluence Cloud sites on when a policy says so, and off otherwise.\n\n");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *argument = rows[i].argument ? rows[i].argument : "";
        int width = 16 - (int)strlen(rows[i].name) - 1;

        printf("  --%s %-*s %s\n", rows[i].name, width, argument, rows[i].help);
    }
    printf("\nFurther reading: adminkeyd(8), adminkeyd-policy(5), adminkeyctl(1).\n");
}

static int complain(const char *words)
{
    fprintf(stderr, "adminkeyd: %s\nTry 'adminkeyd --help'.\n", words);
    return OPTIONS_WRONG;
}

/* Options that mean something only beside another, or never beside one. */
static int check_company(const struct arguments *arguments)
{
    const bool *given = arguments->given;

    if (given[ROW_ALL] && !given[ROW_REVOKE_ONLY])
        return complain("--all goes with --revoke-only");
    if ((given[ROW_ENABLE] || given[ROW_JSON]) && !given[ROW_TEST_SITE])
        return complain("--enable and --json go with --test-site");
    if (given[ROW_TEST_SITE] && given[ROW_REVOKE_ONLY])
        return complain("--test-site and --revoke-only are two things: call adminkeyd once for each");
    return 0;
}

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    struct option options[N_ROWS + 1] = {0};
    int row;

    for (int i = 0; i < N_ROWS; i++)
        options[i] =
            (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, i};
    while ((row = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (row < 0 || row >= N_ROWS) { /* getopt has said what is wrong */
            fprintf(stderr, "Try 'adminkeyd --help'.\n");
            return OPTIONS_WRONG;
        }
        arguments->given[row] = true;
        arguments->values[row] = optarg;
        if (optarg && !*optarg)
            return complain("an empty value names nothing: leave the option out, or give it one");
    }
    return optind < argc ? complain("there are no arguments but options") : check_company(arguments);
}

/* The value with `below` behind it, as an absolute path, since the status names it to people who are
 * elsewhere. */
static int take_path(const char *value, const char *below, char **ret_path)
{
    _cleanup_free_ char *here = NULL;

    if (*value != '/') {
        here = get_current_dir_name();
        if (!here)
            return -errno;
    }
    if (asprintf(ret_path, "%s%s%s%s", here ? here : "", here ? "/" : "", value, below) < 0) {
        *ret_path = NULL;
        return -ENOMEM;
    }
    return 0;
}

static int find_paths(const struct arguments *arguments, struct options *options)
{
    const struct {
        enum row row;
        const char *below;
        enum path path;
        char **ret_path;
    } places[] = {
        {ROW_POLICY, "", PATH_POLICY, &options->policy},
        {ROW_SOCKET, "", PATH_SOCKET, &options->socket},
        {ROW_STATE, "/" LEDGER_FILE, PATH_LEDGER, &options->ledger},
    };
    struct error error = {0};
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(places) && r == 0; i++)
        if (arguments->given[places[i].row])
            r = take_path(arguments->values[places[i].row], places[i].below, places[i].ret_path);
        else
            r = paths_find_of_service(options->of, places[i].path, places[i].ret_path, &error);
    return r == -ENOENT && *error.text ? complain(error.text) : r;
}

int options_read(int argc, char **argv, struct options *ret_options)
{
    struct arguments arguments = {0};
    _cleanup_(options_donep) struct options options = {0};
    int r;

    r = read_arguments(argc, argv, &arguments);
    if (r != 0)
        return r;
    if (arguments.given[ROW_HELP] || arguments.given[ROW_VERSION]) {
        if (arguments.given[ROW_HELP])
            print_help();
        else
            printf("adminkeyd " PACKAGE_VERSION "\n");
        return OPTIONS_ANSWERED;
    }
    options = (struct options){
        .of = arguments.given[ROW_USER] ? PATHS_OF_USER : PATHS_OF_SYSTEM,
        .revoke_only = arguments.given[ROW_REVOKE_ONLY],
        .revoke_all = arguments.given[ROW_ALL],
        .test_site = arguments.values[ROW_TEST_SITE],
        .test_enable = arguments.given[ROW_ENABLE],
        .json = arguments.given[ROW_JSON],
    };
    r = find_paths(&arguments, &options);
    if (r == 0) {
        *ret_options = options;
        options = (struct options){0};
    }
    return r;
}

void options_done(struct options *options)
{
    free(options->policy);
    free(options->socket);
    free(options->ledger);
    *options = (struct options){0};
}
