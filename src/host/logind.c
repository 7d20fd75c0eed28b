// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/logind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/text.h"
#include "os/clock.h"

#define RETRY_FIRST USEC_PER_SEC /* to reach the bus, doubling ... */
#define RETRY_MOST  USEC_PER_MINUTE
#define WHY_MAX     200

#define BUS       "org.freedesktop.DBus"
#define BUS_LOCAL BUS ".Local"

struct logind {
    struct loop *loop;
    sd_bus *bus; /* NULL: none, until the next try */
    bool lost;   /* the bus, and another try is planned */
    bool there;
    struct loop_timer *retry_timer, *patience_timer;
    usec retry_delay;
    enum logind_lack lack, told;
    char why[WHY_MAX];
    const struct logind_handlers *handlers;
    void *context;
};

static void set_gone(struct logind *logind)
{
    if (logind->there)
        logind->handlers->way(logind->context, NULL, NULL);
    logind->there = false;
}

static void miss(struct logind *logind, enum logind_lack lack, const char *why)
{
    bool was_waiting = logind->lack != LOGIND_THERE;

    logind->lack = lack;
    text_copy(logind->why, sizeof(logind->why), why);
    set_gone(logind);
    if (!was_waiting)
        loop_timer_set(logind->patience_timer, clock_boot() + LOGIND_PATIENCE);
    else if (logind->told != LOGIND_THERE && logind->told != lack)
        loop_timer_set(logind->patience_timer, 0);
}

static void on_patience_over(void *context)
{
    struct logind *logind = context;

    if (logind->told == logind->lack)
        return;
    logind->told = logind->lack;
    logind->handlers->lack(logind->context, logind->lack, logind->why);
}

static void find(struct logind *logind, const char *owner)
{
    logind->lack = LOGIND_THERE;
    logind->there = true;
    logind->retry_delay = RETRY_FIRST;
    loop_timer_set(logind->patience_timer, USEC_INFINITY);
    logind->handlers->way(logind->context, logind->bus, owner);
    on_patience_over(logind);
}

/* The connection is of no use any more; another is tried after a while. Not closed here: this runs inside of
 * it. */
static void lose_bus(struct logind *logind, const char *why)
{
    if (logind->lost)
        return;
    logind->lost = true;
    miss(logind, LOGIND_NO_BUS, why);
    loop_timer_set(logind->retry_timer, clock_boot() + logind->retry_delay);
    logind->retry_delay = logind->retry_delay < RETRY_MOST / 2 ? 2 * logind->retry_delay : RETRY_MOST;
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    (void)message;
    (void)error;
    lose_bus(userdata, "the connection to it was lost");
    return 0;
}

static void take_owner(struct logind *logind, const char *owner)
{
    if (logind->lost) /* what that bus still says counts no more */
        return;
    set_gone(logind); /* another one knows nothing of what was agreed with the one before */
    if (*owner)
        find(logind, owner);
    else
        miss(logind, LOGIND_NO_SERVICE, "it does not run");
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    const char *name, *old, *new;

    (void)error;
    if (text_equal(sd_bus_message_get_sender(message), BUS) && /* and not a user who says so */
        sd_bus_message_read(message, "sss", &name, &old, &new) >= 0)
        take_owner(userdata, new);
    return 0;
}

static int on_owner(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct logind *logind = userdata;
    const sd_bus_error *failed = sd_bus_message_get_error(message);
    const char *owner = "";

    (void)error;
    if (!failed && sd_bus_message_read(message, "s", &owner) >= 0)
        take_owner(logind, owner);
    else if (sd_bus_error_has_name(failed, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
        take_owner(logind, "");
    else
        lose_bus(logind, failed && failed->message ? failed->message : "it answers nonsense");
    return 0;
}

static int on_match_added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct logind *logind = userdata;
    const sd_bus_error *failed = sd_bus_message_get_error(message);

    (void)error;
    if (failed)
        lose_bus(logind, failed->message ? failed->message : failed->name);
    return 0;
}

/* All of it is sent once the connection stands. logind is not started by asking for it: whoever stopped it
 * wants it so. */
static int ask_for_owner(struct logind *logind)
{
    int r = sd_bus_match_signal_async(logind->bus, NULL, BUS_LOCAL, NULL, BUS_LOCAL, "Disconnected",
                                      on_disconnected, NULL, logind);

    if (r >= 0)
        r = sd_bus_add_match_async(logind->bus, NULL,
                                   "type='signal',sender='" BUS "',interface='" BUS
                                   "',member='NameOwnerChanged',arg0='" LOGIND "'",
                                   on_owner_changed, on_match_added, logind);
    if (r >= 0)
        r = sd_bus_call_method_async(logind->bus, NULL, BUS, "/org/freedesktop/DBus", BUS, "GetNameOwner",
                                     on_owner, logind, "s", LOGIND);
    return r;
}

static void close_bus(struct logind *logind)
{
    sd_bus_close(logind->bus);
    logind->bus = sd_bus_unref(logind->bus);
}

/* Opens without waiting: a socket that is connected to, and talked to by the loop. */
static void open_bus(void *context)
{
    struct logind *logind = context;
    int r;

    close_bus(logind);
    logind->lost = false;
    r = sd_bus_open_system(&logind->bus);
    if (r >= 0)
        r = sd_bus_set_close_on_exit(logind->bus, false); /* that waits for a bus that may never answer */
    if (r >= 0)
        r = sd_bus_attach_event(logind->bus, loop_event(logind->loop), SD_EVENT_PRIORITY_NORMAL);
    if (r >= 0)
        r = ask_for_owner(logind);
    if (r < 0)
        lose_bus(logind, strerror(-r));
}

int logind_new(struct loop *loop, const struct logind_handlers *handlers, void *context,
               struct logind **ret_logind)
{
    _cleanup_(logind_freep) struct logind *logind = calloc(1, sizeof(*logind));
    int r;

    if (!logind)
        return -ENOMEM;
    *logind =
        (struct logind){.loop = loop, .retry_delay = RETRY_FIRST, .handlers = handlers, .context = context};
    r = loop_timer_new(loop, LOOP_USUAL, open_bus, logind, &logind->retry_timer);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_USUAL, on_patience_over, logind, &logind->patience_timer);
    if (r == 0)
        r = loop_timer_set(logind->retry_timer, 0);
    if (r < 0)
        return r;
    *ret_logind = steal_pointer(&logind);
    return 0;
}

struct logind *logind_free(struct logind *logind)
{
    if (logind) {
        close_bus(logind);
        loop_timer_free(logind->retry_timer);
        loop_timer_free(logind->patience_timer);
        free(logind);
    }
    return NULL;
}
