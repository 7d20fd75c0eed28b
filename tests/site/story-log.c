// SPDX-License-Identifier: GPL-3.0-or-later
#include "story-log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json.h>

#include "base/text.h"
#include "site.h"

int story_log_open(struct story_log *log, const char *path)
{
    log->lines = calloc(STORY_LOG_LINES_MAX, sizeof(log->lines[0]));
    log->file = log->lines ? fopen(path, "we") : NULL;
    return log->file ? 0 : -errno;
}

void story_log_close(struct story_log *log)
{
    for (size_t i = 0; i < log->n_lines; i++)
        free(log->lines[i]);
    free(log->lines);
    if (log->file)
        fclose(log->file);
}

static void count(struct story_log *log, const char *word)
{
    for (size_t i = 0; i < STORY_LOG_WORDS_MAX; i++) {
        if (!log->counts[i].word[0])
            text_copy(log->counts[i].word, sizeof(log->counts[i].word), word);
        if (text_equal(log->counts[i].word, word)) {
            log->counts[i].n++;
            return;
        }
    }
}

unsigned story_log_count(const struct story_log *log, const char *word)
{
    for (size_t i = 0; i < STORY_LOG_WORDS_MAX; i++)
        if (text_equal(log->counts[i].word, word))
            return log->counts[i].n;
    return 0;
}

/* Takes the object. */
static void write_line(struct site *site, struct json_object *object, const char *word)
{
    struct story_log *log = &site->log;
    const char *text =
        json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    fprintf(log->file, "%s\n", text);
    fflush(log->file);
    if (log->n_lines < STORY_LOG_LINES_MAX && (log->lines[log->n_lines] = strdup(text)))
        log->n_lines++;
    json_object_put(object);
    count(log, word);
    pthread_cond_broadcast(&site->changed);
}

static struct json_object *begin(const char *event, const char *user)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "at_us", json_object_new_int64(site_true_time()));
    json_object_object_add(object, "event", json_object_new_string(event));
    json_object_object_add(object, "account", user ? json_object_new_string(user) : NULL);
    return object;
}

static void add_expiry(const struct site *site, struct json_object *object, usec expires)
{
    char text[TIME_TEXT_MAX];

    if (expires <= 0)
        return;
    json_object_object_add(object, "expires", json_object_new_string(time_format_rfc3339(text, expires)));
    json_object_object_add(object, "expires_us", json_object_new_int64(expires - site->offset));
}

void story_log_call(struct site *site, const char *call, const char *user, long minutes, int status,
                    usec expires, const char *fault)
{
    struct json_object *object = begin("call", user);

    json_object_object_add(object, "call", json_object_new_string(call));
    if (minutes >= 0)
        json_object_object_add(object, "minutes", json_object_new_int64(minutes));
    json_object_object_add(object, "status", json_object_new_int(status));
    if (fault)
        json_object_object_add(object, "fault", json_object_new_string(fault));
    add_expiry(site, object, expires);
    write_line(site, object, call);
}

void story_log_key(struct site *site, const char *user, const char *change, usec expires, const char *by)
{
    struct json_object *object = begin("key", user);

    json_object_object_add(object, "change", json_object_new_string(change));
    json_object_object_add(object, "by", json_object_new_string(by));
    add_expiry(site, object, expires);
    write_line(site, object, change);
}
