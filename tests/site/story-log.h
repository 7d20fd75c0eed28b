// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The log: one JSON object a line, of each call and of each change of a key's true state, with the true time
 * in microseconds (`at_us`). A test reads from it what the site's users saw. Calls are made under the site's
 * lock.
 */

#include <stdio.h>

#include "base/time.h"

#define STORY_LOG_LINES_MAX 200000
#define STORY_LOG_WORDS_MAX 16

struct story_log {
    FILE *file;
    char **lines; /* all so far, for those who follow */
    size_t n_lines;
    struct {
        char word[16]; /* "post", "enabled" ...: how often each was logged */
        unsigned n;
    } counts[STORY_LOG_WORDS_MAX];
};

struct site;

int story_log_open(struct story_log *log, const char *path);
void story_log_close(struct story_log *log);

void story_log_call(struct site *site, const char *call, const char *user, long minutes, int status,
                    usec expires, const char *fault);
void story_log_key(struct site *site, const char *user, const char *change, usec expires, const char *by);

unsigned story_log_count(const struct story_log *log, const char *word);
