// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/sleep_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "host/logind.h"
#include "os/clock.h"
#include "os/descriptor.h"

#define MANAGER        LOGIND ".Manager"
#define MANAGER_OBJECT "/org/freedesktop/login1"

#define RETRY_FIRST (5 * USEC_PER_SEC) /* after a refusal, doubling ... */
#define RETRY_MOST  USEC_PER_HOUR

struct sleep_lock {
    sd_bus *bus; /* borrowed; NULL: none */
    sd_bus_slot *signal, *question, *call;
    int fd; /* the lock: held while it is open */
    bool wanted, asleep;
    struct loop_timer *retry_timer;
    usec retry_delay;
    const struct sleep_lock_handlers *handlers;
    void *context;
};

static void take(struct sleep_lock *lock);

static void set_asleep(struct sleep_lock *lock, bool asleep)
{
    if (lock->asleep == asleep)
        return;
    lock->asleep = asleep;
    lock->handlers->sleep(lock->context, asleep);
    if (!asleep)
        take(lock);
}

static int on_prepare(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    int asleep;

    (void)error;
    if (sd_bus_message_read(message, "b", &asleep) >= 0)
        set_asleep(userdata, asleep);
    return 0;
}

/* How things are when logind comes into sight: what was signalled before was heard by nobody. */
static int on_preparing(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct sleep_lock *lock = userdata;
    int asleep;

    (void)error;
    lock->question = sd_bus_slot_unref(lock->question);
    if (!sd_bus_message_is_method_error(message, NULL) &&
        sd_bus_message_read(message, "v", "b", &asleep) >= 0)
        set_asleep(lock, asleep);
    return 0;
}

static void take_later(struct sleep_lock *lock)
{
    loop_timer_set(lock->retry_timer, clock_boot() + lock->retry_delay);
    lock->retry_delay = lock->retry_delay < RETRY_MOST / 2 ? 2 * lock->retry_delay : RETRY_MOST;
}

static void keep(struct sleep_lock *lock, sd_bus_message *message)
{
    int borrowed, fd;

    if (sd_bus_message_read(message, "h", &borrowed) < 0)
        return;
    fd = fcntl(borrowed, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        take_later(lock);
        return;
    }
    descriptor_close(lock->fd); /* one of logind's life before */
    lock->fd = fd;
    lock->retry_delay = RETRY_FIRST;
    lock->handlers->refused(lock->context, NULL);
    if (lock->asleep || !lock->wanted)
        lock->fd = descriptor_close(lock->fd);
}

/* No refusal: the machine is falling asleep right now, or whoever was asked has gone. */
static bool is_passing(const sd_bus_error *error)
{
    static const char *const names[] = {
        LOGIND ".OperationInProgress", SD_BUS_ERROR_NO_REPLY,        SD_BUS_ERROR_TIMEOUT,
        SD_BUS_ERROR_DISCONNECTED,     SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER,
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (sd_bus_error_has_name(error, names[i]))
            return true;
    return false;
}

static int on_inhibited(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
    struct sleep_lock *lock = userdata;
    const sd_bus_error *failed = sd_bus_message_get_error(message);

    (void)error;
    lock->call = sd_bus_slot_unref(lock->call);
    if (!failed) {
        keep(lock, message);
        return 0;
    }
    if (!is_passing(failed))
        lock->handlers->refused(lock->context, failed->message ? failed->message : failed->name);
    take_later(lock);
    return 0;
}

static void take(struct sleep_lock *lock)
{
    int r;

    if (!lock->bus || !lock->wanted || lock->asleep || lock->call)
        return;
    loop_timer_set(lock->retry_timer, USEC_INFINITY);
    r = sd_bus_call_method_async(lock->bus, &lock->call, LOGIND, MANAGER_OBJECT, MANAGER, "Inhibit",
                                 on_inhibited, lock, "ssss", "sleep", "adminkeyd",
                                 "switches admin keys off first", "delay");
    if (r < 0)
        take_later(lock);
}

static void on_retry(void *context)
{
    take(context);
}

void sleep_lock_use(struct sleep_lock *lock, sd_bus *bus, const char *owner)
{
    lock->signal = sd_bus_slot_unref(lock->signal);
    lock->question = sd_bus_slot_unref(lock->question);
    lock->call = sd_bus_slot_unref(lock->call);
    lock->bus = bus;
    lock->retry_delay = RETRY_FIRST;
    loop_timer_set(lock->retry_timer, USEC_INFINITY);
    if (!bus) {
        set_asleep(lock, false);
        return;
    }
    (void)sd_bus_match_signal_async(bus, &lock->signal, owner, MANAGER_OBJECT, MANAGER, "PrepareForSleep",
                                    on_prepare, NULL, lock);
    (void)sd_bus_call_method_async(bus, &lock->question, LOGIND, MANAGER_OBJECT,
                                   "org.freedesktop.DBus.Properties", "Get", on_preparing, lock, "ss",
                                   MANAGER, "PreparingForSleep");
    take(lock);
}

void sleep_lock_want(struct sleep_lock *lock, bool wanted)
{
    if (lock->wanted == wanted)
        return;
    lock->wanted = wanted;
    if (wanted) {
        take(lock);
        return;
    }
    lock->fd = descriptor_close(lock->fd);
    loop_timer_set(lock->retry_timer, USEC_INFINITY);
    lock->handlers->refused(lock->context, NULL);
}

void sleep_lock_release(struct sleep_lock *lock)
{
    lock->fd = descriptor_close(lock->fd);
}

int sleep_lock_new(struct loop *loop, const struct sleep_lock_handlers *handlers, void *context,
                   struct sleep_lock **ret_lock)
{
    _cleanup_(sleep_lock_freep) struct sleep_lock *lock = calloc(1, sizeof(*lock));
    int r;

    if (!lock)
        return -ENOMEM;
    *lock =
        (struct sleep_lock){.fd = -1, .retry_delay = RETRY_FIRST, .handlers = handlers, .context = context};
    r = loop_timer_new(loop, LOOP_USUAL, on_retry, lock, &lock->retry_timer);
    if (r < 0)
        return r;
    *ret_lock = steal_pointer(&lock);
    return 0;
}

struct sleep_lock *sleep_lock_free(struct sleep_lock *lock)
{
    if (lock) {
        sd_bus_slot_unref(lock->signal);
        sd_bus_slot_unref(lock->question);
        sd_bus_slot_unref(lock->call);
        loop_timer_free(lock->retry_timer);
        descriptor_close(lock->fd);
        free(lock);
    }
    return NULL;
}
