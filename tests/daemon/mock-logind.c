// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A stand-in for systemd-logind, for tests: owns its name on the system bus ($DBUS_SYSTEM_BUS_ADDRESS),
 * grants delay locks, tells of sleep and sessions. Reads commands from standard input, a line each, and says
 * on standard output what was asked of it:
 *
 *     sleep yes|no            PrepareForSleep
 *     refuse yes|no           whether Inhibit is refused, as without polkit
 *     deny yes|no             whether ListSessions is
 *     session ID KEY=VALUE... a session appears or changes: uid, class, type, seat, state, remote, locked
 *     end ID                  it ends
 *     leave, return           the name is given up, or taken again
 *     forge                   somebody else claims, to whoever holds a lock, that the machine sleeps
 *
 * "ready", "asked" (whether the machine is about to sleep), "locked" (a lock was taken), "refused",
 * "released" (it was given back), "listed", "denied", "sent" (what a command sends).
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LOGIND   "org.freedesktop.login1"
#define OBJECT   "/org/freedesktop/login1"
#define MANAGER  LOGIND ".Manager"
#define SESSION  LOGIND ".Session"
#define WORD_MAX 64

struct session {
    char id[WORD_MAX], path[2 * WORD_MAX];
    char class[WORD_MAX], type[WORD_MAX], seat[WORD_MAX], state[WORD_MAX];
    uint32_t uid;
    int remote, locked;
    sd_bus_slot *slot; /* NULL: this place is free */
};

struct mock {
    sd_event *event;
    sd_bus *bus;
    int asleep, refuses, denies;
    char holder[WORD_MAX];
    struct session sessions[96];
};

static void must(int r, const char *what)
{
    if (r >= 0)
        return;
    fprintf(stderr, "mock-logind: %s: %s\n", what, strerror(-r));
    exit(1);
}

static void say(const char *word)
{
    puts(word);
    fflush(stdout);
}

/* the manager */

static int on_released(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    (void)revents;
    (void)userdata;
    say("released");
    sd_event_source_disable_unref(source);
    close(fd);
    return 0;
}

static int on_inhibit(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct mock *mock = userdata;
    const char *what, *who, *why, *mode;
    sd_event_source *source;
    int ends[2], r;

    must(sd_bus_message_read(message, "ssss", &what, &who, &why, &mode), "Inhibit");
    if (!text_equal(what, "sleep") || !text_equal(mode, "delay"))
        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                "only delay locks against sleep are known here");
    if (mock->refuses) {
        say("refused");
        return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "Permission denied");
    }
    text_copy(mock->holder, sizeof(mock->holder), sd_bus_message_get_sender(message));
    must(pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0, "pipe");
    must(sd_event_add_io(mock->event, &source, ends[0], EPOLLHUP, on_released, mock), "watch");
    r = sd_bus_reply_method_return(message, "h", ends[1]);
    close(ends[1]);
    say("locked");
    return r;
}

static int on_list(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct mock *mock = userdata;
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

    if (mock->denies) {
        say("denied");
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many questions");
    }
    must(sd_bus_message_new_method_return(message, &reply), "reply");
    must(sd_bus_message_open_container(reply, 'a', "(susso)"), "reply");
    for (size_t i = 0; i < ARRAY_SIZE(mock->sessions); i++) {
        const struct session *session = &mock->sessions[i];

        if (session->slot)
            must(sd_bus_message_append(reply, "(susso)", session->id, session->uid, "somebody", session->seat,
                                       session->path),
                 "reply");
    }
    must(sd_bus_message_close_container(reply), "reply");
    say("listed");
    return sd_bus_send(NULL, reply, NULL);
}

static int get_asleep(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    const struct mock *mock = userdata;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    say("asked");
    return sd_bus_message_append(reply, "b", mock->asleep);
}

static const sd_bus_vtable manager[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Inhibit", "ssss", "h", on_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListSessions", "", "a(susso)", on_list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("PreparingForSleep", "b", get_asleep, 0, 0),
    SD_BUS_SIGNAL("PrepareForSleep", "b", 0),
    SD_BUS_SIGNAL("SessionNew", "so", 0),
    SD_BUS_SIGNAL("SessionRemoved", "so", 0),
    SD_BUS_VTABLE_END,
};

/* sessions */

static int get_user(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    const struct session *session = userdata;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "(uo)", session->uid, OBJECT "/user/somebody");
}

static int get_seat(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    const struct session *session = userdata;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "(so)", session->seat, *session->seat ? OBJECT "/seat/seat0" : "/");
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "s", userdata);
}

static const sd_bus_vtable session_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("User", "(uo)", get_user, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Seat", "(so)", get_seat, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Class", "s", get_text, offsetof(struct session, class), SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Type", "s", get_text, offsetof(struct session, type),
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("State", "s", get_text, offsetof(struct session, state), 0),
    SD_BUS_PROPERTY("Remote", "b", NULL, offsetof(struct session, remote), SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("LockedHint", "b", NULL, offsetof(struct session, locked),
                    SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

static struct session *find(struct mock *mock, const char *id)
{
    for (size_t i = 0; i < ARRAY_SIZE(mock->sessions); i++)
        if (mock->sessions[i].slot && text_equal(mock->sessions[i].id, id))
            return &mock->sessions[i];
    return NULL;
}

static struct session *begin_session(struct mock *mock, const char *id)
{
    struct session *session = mock->sessions;

    while (session->slot)
        if (++session == mock->sessions + ARRAY_SIZE(mock->sessions))
            must(-E2BIG, "sessions");
    *session =
        (struct session){.uid = 1000, .class = "user", .type = "wayland", .seat = "seat0", .state = "active"};
    text_copy(session->id, sizeof(session->id), id);
    snprintf(session->path, sizeof(session->path), OBJECT "/session/%s", id);
    must(sd_bus_add_object_vtable(mock->bus, &session->slot, session->path, SESSION, session_vtable, session),
         "session");
    return session;
}

static void set_fact(struct session *session, const char *word)
{
    struct {
        const char *key;
        char *text;
        int *flag;
    } rows[] = {
        {"class=", session->class, NULL},    {"type=", session->type, NULL},
        {"seat=", session->seat, NULL},      {"state=", session->state, NULL},
        {"remote=", NULL, &session->remote}, {"locked=", NULL, &session->locked},
    };

    if (text_starts_with(word, "uid="))
        session->uid = (uint32_t)strtoul(word + 4, NULL, 10);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const char *value = word + strlen(rows[i].key);

        if (!text_starts_with(word, rows[i].key))
            continue;
        if (rows[i].text)
            text_copy(rows[i].text, WORD_MAX, value);
        else
            *rows[i].flag = text_equal(value, "yes");
    }
}

static void change_session(struct mock *mock, const char *id, char **rest)
{
    struct session *session = find(mock, id);
    bool fresh = !session;

    if (fresh)
        session = begin_session(mock, id);
    for (char *word = strtok_r(NULL, " ", rest); word; word = strtok_r(NULL, " ", rest))
        set_fact(session, word);
    if (fresh)
        must(sd_bus_emit_signal(mock->bus, OBJECT, MANAGER, "SessionNew", "so", id, session->path),
             "SessionNew");
    else
        must(sd_bus_emit_properties_changed(mock->bus, session->path, SESSION, "LockedHint", "Type", NULL),
             "PropertiesChanged");
}

static void end_session(struct mock *mock, const char *id)
{
    struct session *session = find(mock, id);

    session->slot = sd_bus_slot_unref(session->slot);
    must(sd_bus_emit_signal(mock->bus, OBJECT, MANAGER, "SessionRemoved", "so", id, session->path),
         "SessionRemoved");
}

/* commands */

static void forge(const struct mock *mock)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;

    must(sd_bus_open_system(&bus), "another connection");
    must(sd_bus_message_new_signal(bus, &message, OBJECT, MANAGER, "PrepareForSleep"), "forge");
    must(sd_bus_message_append(message, "b", 1), "forge");
    must(sd_bus_message_set_destination(message, mock->holder), "forge");
    must(sd_bus_send(bus, message, NULL), "forge");
}

static void obey(struct mock *mock, char *line)
{
    char *rest, *verb = strtok_r(line, " ", &rest);
    const char *word = verb ? strtok_r(NULL, " ", &rest) : NULL;

    if (text_equal(verb, "sleep")) {
        mock->asleep = text_equal(word, "yes");
        must(sd_bus_emit_signal(mock->bus, OBJECT, MANAGER, "PrepareForSleep", "b", mock->asleep), "signal");
    } else if (text_equal(verb, "refuse")) {
        mock->refuses = text_equal(word, "yes");
    } else if (text_equal(verb, "deny")) {
        mock->denies = text_equal(word, "yes");
    } else if (text_equal(verb, "session")) {
        change_session(mock, word, &rest);
    } else if (text_equal(verb, "end")) {
        end_session(mock, word);
    } else if (text_equal(verb, "leave")) {
        must(sd_bus_release_name(mock->bus, LOGIND), "name");
    } else if (text_equal(verb, "return")) {
        must(sd_bus_request_name(mock->bus, LOGIND, 0), "name");
    } else if (text_equal(verb, "forge")) {
        forge(mock);
    } else {
        must(-EINVAL, verb);
    }
    must(sd_bus_flush(mock->bus), "bus");
    say("sent");
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    static char line[512];
    static size_t used;
    struct mock *mock = userdata;
    ssize_t n = read(fd, line + used, sizeof(line) - 1 - used);
    char *end;

    (void)source;
    (void)revents;
    if (n <= 0)
        return sd_event_exit(mock->event, 0);
    used += (size_t)n;
    line[used] = '\0';
    while ((end = strchr(line, '\n'))) {
        *end = '\0';
        obey(mock, line);
        used -= (size_t)(end + 1 - line);
        memmove(line, end + 1, used + 1);
    }
    return 0;
}

int main(void)
{
    struct mock mock = {0};

    must(sd_event_new(&mock.event), "loop");
    must(sd_bus_open_system(&mock.bus), "bus");
    must(sd_bus_attach_event(mock.bus, mock.event, 0), "loop");
    must(sd_bus_add_object_vtable(mock.bus, NULL, OBJECT, MANAGER, manager, &mock), "object");
    must(sd_bus_request_name(mock.bus, LOGIND, 0), "name");
    must(sd_event_add_io(mock.event, NULL, STDIN_FILENO, EPOLLIN, on_input, &mock), "input");
    say("ready");
    return sd_event_loop(mock.event) < 0;
}
