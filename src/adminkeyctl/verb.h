// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The commands: one table feeds dispatch, help, completions and the tests. A command that does not exist yet
 * is not in it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adminkeyctl/setup_answers.h"
#include "base/time.h"
#include "os/terminal.h"

/* What the command line says: global options, then those of the commands. */
struct arguments {
    bool json, user, help, version, list_commands;
    char *socket; /* owned once arguments_complete() was called; NULL: by --user */
    char *policy; /* as socket */
    enum terminal_colour colour;

    const char *operand; /* SITE or FILE; NULL: none */
    bool quiet, strict, notify, want_on, want_off;
    const char *at;   /* WHEN; NULL: none */
    const char *from; /* as at */
    unsigned days;
    const char *faults; /* NULL: none */
    unsigned years;
    uint64_t seed;
    usec min_remaining; /* 0: any */
    usec timeout;       /* USEC_INFINITY: none */
    struct {
        const char *answers[N_SETUP_ANSWERS];  /* NULL: not given */
        const char *token_file, *answers_file; /* NULL: none */
        bool yes, no_start;
    } setup;
};

enum verb_operand {
    OPERAND_NONE,
    OPERAND_SITE, /* one must be given */
    OPERAND_SITE_OR_ALL,
    OPERAND_FILE_OR_USUAL,
};

struct verb {
    const char *name;
    enum verb_operand operand;
    const char *summary;                           /* a line of the help */
    int (*run)(const struct arguments *arguments); /* returns an exit status */
};

struct option_row {
    const char *verb;    /* NULL: global */
    const char *name;    /* without the dashes */
    char letter;         /* 0: none */
    const char *value;   /* what it takes, in the help; NULL: nothing */
    const char *summary; /* NULL: not in the help */
    size_t flag;         /* takes nothing: the offset of the bool in struct arguments that it sets */
    size_t text;         /* takes a value as it is: the offset of the pointer; 0: see below */
    /* Takes the value. NULL, or what would be right. */
    const char *(*take)(struct arguments *arguments, const char *value);
};

extern const struct verb verbs[];             /* ended by an entry without a name */
extern const struct option_row option_rows[]; /* likewise */

const struct verb *verb_find(const char *name);

int verb_status(const struct arguments *arguments);
int verb_watch(const struct arguments *arguments);
int verb_is_on(const struct arguments *arguments);
int verb_wait(const struct arguments *arguments);
int verb_reload(const struct arguments *arguments);
int verb_check(const struct arguments *arguments);
int verb_calendar(const struct arguments *arguments);
int verb_explain(const struct arguments *arguments);
int verb_setup(const struct arguments *arguments);
int verb_simulate(const struct arguments *arguments);
int verb_doctor(const struct arguments *arguments);
