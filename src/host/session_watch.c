// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/session_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "base/text.h"
#include "base/time.h"
#include "host/logind.h"

#define MANAGER        LOGIND ".Manager"
#define MANAGER_OBJECT "/org/freedesktop/login1"
#define SESSION        LOGIND ".Session"
#define SESSIONS       MANAGER_OBJECT "/session"
#define PROPERTIES     "org.freedesktop.DBus.Properties"

#define PATH_LENGTH_MAX 127
#define NAME_LENGTH_MAX 63 /* of a unique name */
#define RULE_MAX        320

/* logind tells nobody that a session is about to end, which it may be for as long as one of its processes
 * lives: so those of a locked desktop are asked again now and then. */
#define ASK_AGAIN     (10 * USEC_PER_SEC)
#define ASK_AGAIN_ERR USEC_PER_SEC
#define LIST_AGAIN    (2 * USEC_PER_SEC) /* after a list that was refused */

/* What logind says of one session. */
struct facts {
    bool remote, locked_hint, has_seat;
    bool is_user, is_greeter; /* by class */
    bool is_graphical;        /* by type */
    bool is_closing;          /* by state */
    uid_t uid;
};

struct session {
    struct session_watch *watch;
    char path[PATH_LENGTH_MAX + 1]; /* empty: this place is free */
    struct facts facts;
    sd_bus_slot *call; /* NULL: the facts are known */
    bool unsure;       /* its facts are old: logind could not tell */
};

struct session_watch {
    uid_t uid;
    sd_bus *bus; /* borrowed; NULL: none */
    char owner[NAME_LENGTH_MAX + 1];
    sd_bus_slot *appears, *vanishes, *changes, *list;
    sd_event_source *again; /* set while something is locked */
    struct session sessions[SESSION_WATCH_MAX];
    bool wanted, listed, known, locked;
    const struct session_watch_handlers *handlers;
    void *context;
};

/* what follows from the facts */

static bool counts(const struct session_watch *watch, const struct facts *facts)
{
    if (!facts->has_seat || facts->remote || !facts->is_graphical || facts->is_closing)
        return false;
    if (watch->uid == SESSION_WATCH_ALL)
        return facts->is_user || facts->is_greeter;
    return facts->is_user && facts->uid == watch->uid;
}

static void set_locked(struct session_watch *watch, bool locked)
{
    if (watch->known && watch->locked == locked)
        return;
    watch->known = true;
    watch->locked = locked;
    watch->handlers->locked(watch->context, locked);
}

static int on_again(sd_event_source *source, uint64_t now, void *userdata);
static void list(struct session_watch *watch);

/* Without a timer a change is missed, and nothing else is. USEC_INFINITY: not again. */
static void plan_again(struct session_watch *watch, usec wait)
{
    sd_event *event = watch->bus ? sd_bus_get_event(watch->bus) : NULL;

    if (watch->again)
        sd_event_source_set_enabled(watch->again, SD_EVENT_OFF);
    if (wait == USEC_INFINITY || !event)
        return;
    if (!watch->again)
        (void)sd_event_add_time_relative(event, &watch->again, CLOCK_BOOTTIME, (uint64_t)wait, ASK_AGAIN_ERR,
                                         on_again, watch);
    else if (sd_event_source_set_time_relative(watch->again, (uint64_t)wait) >= 0)
        sd_event_source_set_enabled(watch->again, SD_EVENT_ONESHOT);
}

/* Once everything that was asked for is answered, so that half a list makes no news. */
static void conclude(struct session_watch *watch)
{
    size_t n = 0, n_locked = 0;
    bool unsure = false;

    if (!watch->listed)
        return;
    for (size_t i = 0; i < SESSION_WATCH_MAX; i++) {
        const struct session *session = &watch->sessions[i];

        if (!*session->path)
            continue;
        if (session->call)
            return;
        unsure |= session->unsure;
        if (!counts(watch, &session->facts))
            continue;
        n++;
        n_locked += session->facts.is_greeter || session->facts.locked_hint;
    }
    if (!unsure) /* else the last answer stays, and it is asked again */
        set_locked(watch, n > 0 && n_locked == n);
    plan_again(watch, watch->locked || unsure ? ASK_AGAIN : USEC_INFINITY);
}

/* what logind says */

static int read_boolean(sd_bus_message *message, bool *ret_value)
{
    int value, r = sd_bus_message_read(message, "v", "b", &value);

    if (r >= 0)
        *ret_value = value;
    return r;
}

static int read_property(sd_bus_message *message, const char *name, struct facts *facts)
{
    const char *value, *path;
    uint32_t uid;
    int r;

    if (text_equal(name, "Remote"))
        return read_boolean(message, &facts->remote);
    if (text_equal(name, "LockedHint"))
        return read_boolean(message, &facts->locked_hint);
    if (text_equal(name, "User")) {
        r = sd_bus_message_read(message, "v", "(uo)", &uid, &path);
        facts->uid = r >= 0 ? uid : facts->uid;
        return r;
    }
    if (text_equal(name, "Seat")) {
        r = sd_bus_message_read(message, "v", "(so)", &value, &path);
        facts->has_seat = r >= 0 && *value;
        return r;
    }
    if (!text_equal(name, "Class") && !text_equal(name, "Type") && !text_equal(name, "State"))
        return sd_bus_message_skip(message, "v");
    r = sd_bus_message_read(message, "v", "s", &value);
    if (r < 0)
        return r;
    if (text_equal(name, "Class")) {
        facts->is_user = text_starts_with(value, "user"); /* and user-early, user-incomplete */
        facts->is_greeter = text_equal(value, "greeter") || text_equal(value, "lock-screen");
    } else if (text_equal(name, "Type")) {
        facts->is_graphical =
            text_equal(value, "x11") || text_equal(value, "wayland") || text_equal(value, "mir");
    } else {
        facts->is_closing = text_equal(value, "closing");
    }
    return r;
}

static int read_facts(sd_bus_message *message, struct facts *ret_facts)
{
    struct facts facts = {0};
    int r = sd_bus_message_enter_container(message, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
        const char *name;

        r = sd_bus_message_read(message, "s", &name);
        if (r >= 0)
            r = read_property(message, name, &facts);
        if (r >= 0)
            r = sd_bus_message_exit_container(message);
    }
    if (r >= 0)
        *ret_facts = facts;
    return r;
}

static void forget(struct session *session)
{
    session->call = sd_bus_slot_unref(session->call);
    session->unsure = false;
    *session->path = '\0';
}

static void forget_all(struct session_watch *watch)
{
    for (size_t i = 0; i < SESSION_WATCH_MAX; i++)
        forget(&watch->sessions[i]);
}

/* Whether a session has ended, by logind's word. */
static bool is_gone(const sd_bus_error *failure)
{
    return failure && (sd_bus_error_has_name(failure, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
                       sd_bus_error_has_name(failure, SD_BUS_ERROR_UNKNOWN_METHOD) ||
                       sd_bus_error_has_name(failure, "org.freedesktop.login1.NoSuchSession"));
}

static int on_facts(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct session *session = userdata;

    (void)error;
    session->call = sd_bus_slot_unref(session->call);
    session->unsure = false;
    if (is_gone(sd_bus_message_get_error(message)))
        forget(session);
    else if (sd_bus_message_is_method_error(message, NULL) || read_facts(message, &session->facts) < 0)
        session->unsure = true; /* it may be locked: nobody answered in time, say */
    else if (session->facts.remote || !session->facts.has_seat)
        forget(session); /* it never counts, and its place is for one that may */
    conclude(session->watch);
    return 0;
}

static struct session *find(struct session_watch *watch, const char *path)
{
    for (size_t i = 0; i < SESSION_WATCH_MAX; i++)
        if (text_equal(watch->sessions[i].path, path))
            return &watch->sessions[i];
    return NULL;
}

static void ask(struct session *session)
{
    sd_bus_slot_unref(session->call);
    session->call = NULL;
    if (sd_bus_call_method_async(session->watch->bus, &session->call, LOGIND, session->path, PROPERTIES,
                                 "GetAll", on_facts, session, "s", SESSION) < 0)
        forget(session);
}

static int on_again(sd_event_source *source, uint64_t now, void *userdata)
{
    struct session_watch *watch = userdata;

    (void)source, (void)now;
    if (!watch->listed) {
        list(watch);
        return 0;
    }
    for (size_t i = 0; i < SESSION_WATCH_MAX; i++)
        if (*watch->sessions[i].path && !watch->sessions[i].call)
            ask(&watch->sessions[i]);
    return 0;
}

static void meet(struct session_watch *watch, const char *path)
{
    struct session *session = find(watch, path);

    if (!session)
        session = find(watch, "");
    if (!session || strlen(path) > PATH_LENGTH_MAX)
        return;
    if (!*session->path) {
        session->watch = watch;
        text_copy(session->path, sizeof(session->path), path);
    }
    ask(session);
}

static int on_new(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    const char *id, *path;

    (void)error;
    if (sd_bus_message_read(message, "so", &id, &path) >= 0)
        meet(userdata, path);
    return 0;
}

static int on_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct session_watch *watch = userdata;
    const char *id, *path;
    struct session *session;

    (void)error;
    if (sd_bus_message_read(message, "so", &id, &path) < 0)
        return 0;
    session = find(watch, path);
    if (session)
        forget(session);
    conclude(watch);
    return 0;
}

/* Whether the change is one of those that count: that a session is idle changes far more often. */
static bool is_of_interest(sd_bus_message *message)
{
    static const char *const names[] = {"LockedHint", "Class", "Type", "State", "Seat", "Remote"};
    const char *interface, *name;

    if (sd_bus_message_read(message, "s", &interface) < 0 || !text_equal(interface, SESSION) ||
        sd_bus_message_enter_container(message, 'a', "{sv}") < 0)
        return false;
    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
        if (sd_bus_message_read(message, "s", &name) < 0 || sd_bus_message_skip(message, "v") < 0 ||
            sd_bus_message_exit_container(message) < 0)
            return false;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
            if (text_equal(name, names[i]))
                return true;
    }
    return false;
}

/* A change says only that the session is to be asked anew. */
static int on_change(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    const char *path = sd_bus_message_get_path(message);

    (void)error;
    if (path && is_of_interest(message))
        meet(userdata, path);
    return 0;
}

static int on_list(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct session_watch *watch = userdata;
    const sd_bus_error *failed = sd_bus_message_get_error(message);
    const char *id, *user, *seat, *path;
    uint32_t uid;

    (void)error;
    watch->list = sd_bus_slot_unref(watch->list);
    if (failed || sd_bus_message_enter_container(message, 'a', "(susso)") < 0) {
        watch->handlers->failed(watch->context,
                                failed && failed->message ? failed->message : "its answer is not understood");
        plan_again(watch, LIST_AGAIN);
        return 0;
    }
    while (sd_bus_message_read(message, "(susso)", &id, &uid, &user, &seat, &path) > 0)
        if (*seat) /* the others, of which there may be many, do not count */
            meet(watch, path);
    watch->listed = true;
    watch->handlers->failed(watch->context, NULL);
    conclude(watch);
    return 0;
}

static void list(struct session_watch *watch)
{
    int r = sd_bus_call_method_async(watch->bus, &watch->list, LOGIND, MANAGER_OBJECT, MANAGER,
                                     "ListSessions", on_list, watch, NULL);

    if (r < 0) {
        watch->handlers->failed(watch->context, strerror(-r));
        plan_again(watch, LIST_AGAIN);
    }
}

/* the way there */

static void stop(struct session_watch *watch)
{
    watch->appears = sd_bus_slot_unref(watch->appears);
    watch->vanishes = sd_bus_slot_unref(watch->vanishes);
    watch->changes = sd_bus_slot_unref(watch->changes);
    watch->list = sd_bus_slot_unref(watch->list);
    watch->again = sd_event_source_disable_unref(watch->again);
    watch->listed = false;
    forget_all(watch);
}

static int watch_changes(struct session_watch *watch)
{
    char rule[RULE_MAX];

    snprintf(rule, sizeof(rule),
             "type='signal',sender='%s',interface='" PROPERTIES
             "',member='PropertiesChanged',path_namespace='" SESSIONS "'",
             watch->owner);
    return sd_bus_add_match_async(watch->bus, &watch->changes, rule, on_change, NULL, watch);
}

/* What is to come first, then what is. */
static void begin(struct session_watch *watch)
{
    int r;

    stop(watch);
    if (!watch->bus || !watch->wanted)
        return;
    r = sd_bus_match_signal_async(watch->bus, &watch->appears, watch->owner, MANAGER_OBJECT, MANAGER,
                                  "SessionNew", on_new, NULL, watch);
    if (r >= 0)
        r = sd_bus_match_signal_async(watch->bus, &watch->vanishes, watch->owner, MANAGER_OBJECT, MANAGER,
                                      "SessionRemoved", on_removed, NULL, watch);
    if (r >= 0)
        r = watch_changes(watch);
    if (r >= 0)
        list(watch);
    else
        watch->handlers->failed(watch->context, strerror(-r));
}

void session_watch_use(struct session_watch *watch, sd_bus *bus, const char *owner)
{
    watch->bus = bus;
    text_copy(watch->owner, sizeof(watch->owner), owner ? owner : "");
    begin(watch);
}

void session_watch_want(struct session_watch *watch, bool wanted)
{
    if (watch->wanted == wanted)
        return;
    watch->wanted = wanted;
    begin(watch);
    if (!wanted) {
        watch->handlers->failed(watch->context, NULL);
        if (watch->known)
            set_locked(watch, false);
    }
}

int session_watch_new(uid_t uid, const struct session_watch_handlers *handlers, void *context,
                      struct session_watch **ret_watch)
{
    struct session_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return -ENOMEM;
    *watch = (struct session_watch){.uid = uid, .handlers = handlers, .context = context};
    *ret_watch = watch;
    return 0;
}

struct session_watch *session_watch_free(struct session_watch *watch)
{
    if (watch) {
        stop(watch);
        free(watch);
    }
    return NULL;
}
