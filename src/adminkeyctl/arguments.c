// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/paths.h"

#define OPTIONS_MAX 32
#define FIRST_CODE  256 /* codes of rows, beyond all letters */

struct option_set {
    struct option longs[OPTIONS_MAX + 1];
    char letters[OPTIONS_MAX + 3];
};

/* The rows that are valid with that command, as getopt_long wants them. `mode` is its first letter. */
static void build_options(const struct verb *verb, const char *mode, struct option_set *set)
{
    size_t n = 0;

    *set = (struct option_set){0};
    strcpy(set->letters, mode);
    for (int row = 0; option_rows[row].name && n < OPTIONS_MAX; row++) {
        const struct option_row *option = &option_rows[row];

        if (option->verb && !(verb && text_equal(option->verb, verb->name)))
            continue;
        set->longs[n++] = (struct option){
            .name = option->name,
            .has_arg = option->value ? required_argument : no_argument,
            .val = FIRST_CODE + row,
        };
        if (option->letter)
            strncat(set->letters, &option->letter, 1);
    }
}

static const struct option_row *find_row(int code)
{
    if (code >= FIRST_CODE)
        return &option_rows[code - FIRST_CODE];
    for (const struct option_row *row = option_rows; row->name; row++)
        if (row->letter == code)
            return row;
    return NULL;
}

/* Reads options as far as getopt goes on in that mode. */
static int parse_options(int argc, char **argv, const struct verb *verb, const char *mode,
                         struct arguments *arguments)
{
    struct option_set set;
    int code;

    build_options(verb, mode, &set);
    while ((code = getopt_long(argc, argv, set.letters, set.longs, NULL)) != -1) {
        const struct option_row *row = find_row(code);
        const char *right = NULL;

        if (!row) /* getopt has said what is wrong */
            return STATUS_USAGE;
        if (row->take)
            right = row->take(arguments, optarg);
        else if (row->text > 0)
            *(const char **)((char *)arguments + row->text) = optarg;
        else
            *(bool *)((char *)arguments + row->flag) = true;
        if (right) {
            fprintf(stderr, "adminkeyctl: --%s takes %s, not '%s'\n", row->name, right, optarg);
            return STATUS_USAGE;
        }
    }
    return STATUS_DONE;
}

static int complain_of_verb(const char *name)
{
    const char *names[32] = {0}, *nearest;

    for (size_t i = 0; verbs[i].name && i + 1 < ARRAY_SIZE(names); i++)
        names[i] = verbs[i].name;
    nearest = text_nearest(name, names);
    fprintf(stderr, "adminkeyctl: there is no command '%s'", name);
    if (nearest)
        fprintf(stderr, ", did you mean '%s'", nearest);
    fprintf(stderr, "? 'adminkeyctl --help' lists them all\n");
    return STATUS_USAGE;
}

static int take_operand(int n, char **operands, const struct verb *verb, struct arguments *arguments)
{
    if (n > 1 || (n == 1 && verb->operand == OPERAND_NONE)) {
        fprintf(stderr, "adminkeyctl: '%s' takes no argument '%s'; see 'adminkeyctl %s --help'\n", verb->name,
                operands[n > 1], verb->name);
        return STATUS_USAGE;
    }
    if (n == 0 && verb->operand == OPERAND_SITE && !arguments->help) {
        fprintf(stderr,
                "adminkeyctl: '%s' needs a site: adminkeyctl %s SITE; 'adminkeyctl status' shows them\n",
                verb->name, verb->name);
        return STATUS_USAGE;
    }
    arguments->operand = n == 1 ? operands[0] : NULL;
    return STATUS_DONE;
}

int arguments_parse(int argc, char **argv, struct arguments *ret_arguments, const struct verb **ret_verb)
{
    struct arguments *arguments = ret_arguments;
    char name[64];
    int r;

    *arguments = (struct arguments){.timeout = USEC_INFINITY, .days = 14, .years = 1, .seed = 1};
    *ret_verb = NULL;
    r = parse_options(argc, argv, NULL, "+", arguments);
    if (r != STATUS_DONE)
        return r;
    if (optind == argc) {
        if (arguments->help || arguments->version || arguments->list_commands)
            return STATUS_DONE;
        fprintf(stderr, "adminkeyctl: which command? 'adminkeyctl --help' lists them\n");
        return STATUS_USAGE;
    }
    *ret_verb = verb_find(argv[optind]);
    if (!*ret_verb)
        return complain_of_verb(argv[optind]);
    snprintf(name, sizeof(name), "adminkeyctl %s", (*ret_verb)->name);
    argc -= optind;
    argv += optind;
    argv[0] = name; /* for getopt's own complaints */
    optind = 0;     /* begins anew, behind the command */
    r = parse_options(argc, argv, *ret_verb, "", arguments);
    argv[0] = (char *)(*ret_verb)->name;
    if (r != STATUS_DONE)
        return r;
    return take_operand(argc - optind, argv + optind, *ret_verb, arguments);
}

/* A path that is given, or else the usual one. */
static int complete_path(const char *given, enum paths_of of, enum path path, char **ret_path)
{
    struct error error = {0};
    int r;

    if (given) {
        *ret_path = strdup(given);
        r = *ret_path ? 0 : -ENOMEM;
    } else {
        r = paths_find(of, path, ret_path, &error);
    }
    if (r < 0)
        fprintf(stderr, "adminkeyctl: %s\n", *error.text ? error.text : "out of memory");
    return r < 0 ? STATUS_NO : STATUS_DONE;
}

int arguments_complete(struct arguments *arguments)
{
    const char *socket = arguments->socket, *policy = arguments->policy;
    enum paths_of of = arguments->user ? PATHS_OF_USER : PATHS_OF_SYSTEM;
    int r;

    arguments->socket = arguments->policy = NULL;
    r = complete_path(socket, of, PATH_SOCKET, &arguments->socket);
    return r == STATUS_DONE ? complete_path(policy, of, PATH_POLICY, &arguments->policy) : r;
}

void arguments_done(struct arguments *arguments)
{
    free(arguments->socket);
    free(arguments->policy);
    arguments->socket = arguments->policy = NULL;
}

static const char *operand_text(const struct verb *verb)
{
    switch (verb->operand) {
    case OPERAND_SITE: return " SITE";
    case OPERAND_SITE_OR_ALL: return " [SITE]";
    case OPERAND_FILE_OR_USUAL: return " [FILE]";
    case OPERAND_NONE: break;
    }
    return "";
}

static void print_row(const char *left, const char *right)
{
    printf("  %-26s %s\n", left, right);
}

static void print_options(const struct verb *verb)
{
    for (const struct option_row *row = option_rows; row->name; row++) {
        char left[64];

        if (!row->summary || (row->verb && !(verb && text_equal(row->verb, verb->name))) ||
            (verb && !row->verb))
            continue;
        snprintf(left, sizeof(left), "%s%.1s%s--%s%s%s", row->letter ? "-" : "", &row->letter,
                 row->letter ? ", " : "", row->name, row->value ? " " : "", row->value ? row->value : "");
        print_row(left, row->summary);
    }
}

static void print_verbs(void)
{
    for (const struct verb *verb = verbs; verb->name; verb++) {
        char left[64];

        snprintf(left, sizeof(left), "%s%s", verb->name, operand_text(verb));
        print_row(left, verb->summary);
    }
}

static bool has_options(const struct verb *verb)
{
    for (const struct option_row *row = option_rows; row->name; row++)
        if (row->verb && text_equal(row->verb, verb->name))
            return true;
    return false;
}

void arguments_help(const struct verb *verb)
{
    if (verb) {
        printf("adminkeyctl %s%s%s\n\n%s.\n", verb->name, operand_text(verb),
               has_options(verb) ? " [OPTION...]" : "", verb->summary);
        if (has_options(verb)) {
            printf("\n");
            print_options(verb);
        }
        printf("\n'adminkeyctl --help' shows the options of all commands; see adminkeyctl(1).\n");
        return;
    }
    printf("adminkeyctl [OPTION...] COMMAND [ARGUMENT...]\n\n"
           "Asks adminkeyd what it does with the admin keys of Confluence Cloud sites.\n\nCommands:\n");
    print_verbs();
    printf("\nOptions:\n");
    print_options(NULL);
    printf("\n'adminkeyctl COMMAND --help' shows those of a command. Exit status: 0 as asked, 1 no, 2 wrong "
           "usage,\n"
           "3 degraded, 4 no such site, 5 daemon not reachable, 6 refused; see adminkeyctl(1).\n");
}

static void list_options(const char *verb)
{
    for (const struct option_row *row = option_rows; row->name; row++)
        if (row->summary && (verb ? row->verb && text_equal(row->verb, verb) : !row->verb))
            printf(" --%s%s", row->name, row->value ? "=" : "");
    printf("\n");
}

void arguments_list(void)
{
    printf("options");
    list_options(NULL);
    for (const struct verb *verb = verbs; verb->name; verb++) {
        printf("%s%s", verb->name, operand_text(verb));
        list_options(verb->name);
    }
}
