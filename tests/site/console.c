// SPDX-License-Identifier: GPL-3.0-or-later
#include "console.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "site.h"

#define CLIENTS_MAX    32
#define LINE_MAX_BYTES 65536

struct client {
    struct console *console;
    pthread_t thread;
    int fd;
    bool used;
    atomic_bool ended; /* the thread is about to return: it can be joined without waiting */
};

struct console {
    struct site *site;
    int fd;
    pthread_t thread;
    struct client clients[CLIENTS_MAX];
};

static struct json_object *refuse(const char *why)
{
    struct json_object *reply = json_object_new_object();

    json_object_object_add(reply, "ok", json_object_new_boolean(false));
    json_object_object_add(reply, "why", json_object_new_string(why));
    return reply;
}

static struct json_object *agree(void)
{
    struct json_object *reply = json_object_new_object();

    json_object_object_add(reply, "ok", json_object_new_boolean(true));
    return reply;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value) : NULL;
}

static int64_t number_of(struct json_object *object, const char *key, int64_t fallback)
{
    struct json_object *value;

    return json_object_object_get_ex(object, key, &value) ? json_object_get_int64(value) : fallback;
}

static struct json_object *do_fault(struct site *site, struct json_object *command)
{
    return faults_add(&site->faults, command) == 0 ? agree() : refuse("unknown key, or too many faults");
}

static struct json_object *do_clear(struct site *site, struct json_object *command)
{
    (void)command;
    faults_clear(&site->faults);
    return agree();
}

static struct json_object *do_clock(struct site *site, struct json_object *command)
{
    accounts_expire(site);
    site->offset = number_of(command, "offset_ms", 0) * USEC_PER_MSEC;
    pthread_cond_broadcast(&site->changed);
    return agree();
}

static struct json_object *do_key(struct site *site, struct json_object *command)
{
    struct account *account = accounts_by_user(&site->accounts, text_of(command, "account"));
    int64_t minutes = number_of(command, "minutes", 0);

    if (!account)
        return refuse("no such account");
    accounts_switch(site, account, minutes > 0 ? site_time(site) + minutes * USEC_PER_MINUTE : 0, "other");
    return agree();
}

static struct json_object *do_state(struct site *site, struct json_object *command)
{
    struct account *account = accounts_by_user(&site->accounts, text_of(command, "account"));
    struct json_object *reply;
    char text[TIME_TEXT_MAX];
    bool live;

    if (!account)
        return refuse("no such account");
    accounts_expire(site);
    live = accounts_is_live(site, account);
    reply = agree();
    json_object_object_add(reply, "live", json_object_new_boolean(live));
    json_object_object_add(reply, "expires",
                           live ? json_object_new_string(time_format_rfc3339(text, account->expires)) : NULL);
    json_object_object_add(reply, "left_ms",
                           live ? json_object_new_int64((account->expires - site_time(site)) / USEC_PER_MSEC)
                                : NULL);
    return reply;
}

static struct json_object *do_wait(struct site *site, struct json_object *command)
{
    const char *word = text_of(command, "for");
    unsigned wanted = (unsigned)number_of(command, "count", 1);
    usec until = site_true_time() + number_of(command, "timeout_ms", 10000) * USEC_PER_MSEC;
    struct timespec deadline = {.tv_sec = until / USEC_PER_SEC, .tv_nsec = until % USEC_PER_SEC * 1000};

    if (!word)
        return refuse("wait for what?");
    while (story_log_count(&site->log, word) < wanted)
        if (site->ending || pthread_cond_timedwait(&site->changed, &site->lock, &deadline) != 0)
            return refuse("it did not happen in time");
    return agree();
}

static const struct {
    const char *name;
    struct json_object *(*run)(struct site *site, struct json_object *command);
} commands[] = {
    {"fault", do_fault}, {"clear", do_clear}, {"clock", do_clock},
    {"key", do_key},     {"state", do_state}, {"wait", do_wait},
};

static bool send_text(int fd, const char *text)
{
    size_t size = strlen(text);

    while (size > 0) {
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL);

        if (n < 0)
            return false;
        text += n;
        size -= (size_t)n;
    }
    return send(fd, "\n", 1, MSG_NOSIGNAL) == 1;
}

/* The log from its beginning, until the client or the site ends. Lines stay where they are until then. */
static void follow(struct site *site, int fd)
{
    bool ok = true;

    pthread_mutex_lock(&site->lock);
    for (size_t sent = 0; ok && !site->ending;) {
        if (sent == site->log.n_lines) {
            pthread_cond_wait(&site->changed, &site->lock);
            continue;
        }
        pthread_mutex_unlock(&site->lock);
        ok = send_text(fd, site->log.lines[sent++]);
        pthread_mutex_lock(&site->lock);
    }
    pthread_mutex_unlock(&site->lock);
}

static bool obey(struct site *site, int fd, const char *line)
{
    struct json_object *command = json_tokener_parse(line), *reply = NULL;
    const char *name = json_object_is_type(command, json_type_object) ? text_of(command, "command") : NULL;
    bool ok;

    if (name && text_equal(name, "follow")) {
        json_object_put(command);
        follow(site, fd);
        return false;
    }
    pthread_mutex_lock(&site->lock);
    for (size_t i = 0; name && i < ARRAY_SIZE(commands); i++)
        if (text_equal(name, commands[i].name))
            reply = commands[i].run(site, command);
    pthread_mutex_unlock(&site->lock);
    if (!reply)
        reply = refuse("unknown command");
    ok = send_text(fd, json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN));
    json_object_put(reply);
    json_object_put(command);
    return ok;
}

static void *serve_client(void *context)
{
    struct client *client = context;
    FILE *stream = fdopen(dup(client->fd), "r");
    char *line = NULL;
    size_t capacity = 0;

    while (stream && getline(&line, &capacity, stream) > 0 && capacity < LINE_MAX_BYTES &&
           obey(client->console->site, client->fd, line))
        ;
    free(line);
    if (stream)
        fclose(stream);
    shutdown(client->fd, SHUT_RDWR);
    client->ended = true;
    return NULL;
}

static void end_client(struct client *client)
{
    pthread_join(client->thread, NULL);
    close(client->fd);
    client->used = false;
}

static struct client *free_client(struct console *console)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &console->clients[i];

        if (client->used && client->ended)
            end_client(client);
        if (!client->used)
            return client;
    }
    return NULL;
}

static void *accept_clients(void *context)
{
    struct console *console = context;
    int fd;

    while ((fd = accept4(console->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct client *client = free_client(console);

        if (!client) {
            close(fd);
            continue;
        }
        client->console = console;
        client->fd = fd;
        client->ended = false;
        client->used = pthread_create(&client->thread, NULL, serve_client, client) == 0;
        if (!client->used)
            close(fd);
    }
    return NULL;
}

int console_start(struct site *site, struct console **ret_console)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct console *console;

    if (strlen(site->options->console) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    console = calloc(1, sizeof(*console));
    if (!console)
        return -ENOMEM;
    console->site = site;
    strcpy(address.sun_path, site->options->console);
    unlink(address.sun_path);
    console->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (console->fd < 0 || bind(console->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(console->fd, 8) < 0 || pthread_create(&console->thread, NULL, accept_clients, console) != 0) {
        int r = -errno;

        if (console->fd >= 0)
            close(console->fd);
        free(console);
        return r;
    }
    *ret_console = console;
    return 0;
}

void console_stop(struct console *console)
{
    shutdown(console->fd, SHUT_RDWR);
    pthread_join(console->thread, NULL);
    close(console->fd);
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &console->clients[i];

        if (!client->used)
            continue;
        shutdown(client->fd, SHUT_RDWR);
        end_client(client);
    }
    unlink(console->site->options->console);
    free(console);
}
