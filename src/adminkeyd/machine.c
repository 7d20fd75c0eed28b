// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "host/logind.h"
#include "host/network_watch.h"
#include "host/session_watch.h"
#include "host/sleep_lock.h"
#include "os/clock.h"

#define WHY_MAX    200
#define NOTICE_MAX 480
#define SAY_AGAIN  USEC_PER_MINUTE /* a notice that comes and goes is said no more often */

enum notice { NOTICE_LOGIND, NOTICE_SLEEP_LOCK, NOTICE_SESSIONS, NOTICE_NETWORK, N_NOTICES };

struct machine {
    const struct journal *journal;
    struct fleet *fleet;
    struct logind *logind;
    struct sleep_lock *sleep_lock;
    struct session_watch *session_watch;
    struct network_watch *network_watch;
    bool begun; /* the fleet */
    bool falling_asleep;
    bool needs_sleep, needs_lock; /* some site of the policy does */
    enum logind_lack lack;
    char why[N_NOTICES][WHY_MAX]; /* the system's words; empty: all is well */
    struct {
        char words[NOTICE_MAX]; /* ours; empty: nothing to be told */
        char said[NOTICE_MAX];  /* what the journal has of it */
        usec say_boot;          /* not before */
    } notices[N_NOTICES];
    struct loop_timer *say_timer, *begin_timer;
    const char *told[N_NOTICES];
    size_t n_told;
    machine_handler handler;
    void *context;
};

/* notices */

static void word_logind(const struct machine *machine, char words[static NOTICE_MAX])
{
    const char *unseen = machine->needs_sleep && machine->needs_lock ? "sleep and locked sessions go unseen"
                         : machine->needs_sleep                      ? "sleep goes unseen"
                                                                     : "locked sessions go unseen";
    bool no_bus = machine->lack == LOGIND_NO_BUS;

    if (machine->lack == LOGIND_THERE || !(machine->needs_sleep || machine->needs_lock))
        return;
    snprintf(words, NOTICE_MAX, "%s (%s): %s, and keys stay as they are meanwhile. %s",
             no_bus ? "The system bus cannot be reached" : "systemd-logind is not there",
             machine->why[NOTICE_LOGIND], unseen,
             no_bus ? "Install D-Bus, or start it (systemctl start dbus.socket)"
                    : "Start it (systemctl start systemd-logind)");
}

static void word_sleep_lock(const struct machine *machine, char words[static NOTICE_MAX])
{
    if (*machine->why[NOTICE_SLEEP_LOCK] && machine->lack == LOGIND_THERE)
        snprintf(words, NOTICE_MAX,
                 "systemd-logind refuses to wait before it puts the machine to sleep (%s): a key may stay on "
                 "meanwhile. Install polkit (Debian: polkitd), which lets services have such a delay lock",
                 machine->why[NOTICE_SLEEP_LOCK]);
}

static void word_sessions(const struct machine *machine, char words[static NOTICE_MAX])
{
    if (*machine->why[NOTICE_SESSIONS] && machine->lack == LOGIND_THERE)
        snprintf(words, NOTICE_MAX,
                 "systemd-logind does not tell its sessions (%s): locked ones go unseen, and keys stay as "
                 "they are meanwhile. See its journal (journalctl -u systemd-logind)",
                 machine->why[NOTICE_SESSIONS]);
}

static void word_network(const struct machine *machine, char words[static NOTICE_MAX])
{
    if (*machine->why[NOTICE_NETWORK])
        snprintf(words, NOTICE_MAX,
                 "Changes of the network go unseen (%s): after an outage a site is asked again within a "
                 "minute, and not at once. Let the unit have AF_NETLINK (RestrictAddressFamilies=)",
                 machine->why[NOTICE_NETWORK]);
}

static const struct {
    void (*word)(const struct machine *machine, char words[static NOTICE_MAX]);
    const char *over;
} notice_rows[N_NOTICES] = {
    [NOTICE_LOGIND] = {word_logind, "sleep and locked sessions are seen again"},
    [NOTICE_SLEEP_LOCK] = {word_sleep_lock,
                           "systemd-logind waits before it puts the machine to sleep, as it should"},
    [NOTICE_SESSIONS] = {word_sessions, "systemd-logind tells its sessions again"},
    [NOTICE_NETWORK] = {word_network, "changes of the network are seen again"},
};

/* The journal hears of what has changed for good. */
static void say_notices(void *context)
{
    struct machine *machine = context;
    usec now = clock_boot(), next = USEC_INFINITY;

    for (int i = 0; i < N_NOTICES; i++) {
        const char *words = machine->notices[i].words;
        usec say_boot = machine->notices[i].say_boot;

        if (text_equal(words, machine->notices[i].said))
            continue;
        if (say_boot > now) {
            next = say_boot < next ? say_boot : next;
            continue;
        }
        journal_say(machine->journal, REPORT_NOTICE, NULL, "%s", *words ? words : notice_rows[i].over);
        text_copy(machine->notices[i].said, NOTICE_MAX, words);
        machine->notices[i].say_boot = now + SAY_AGAIN;
    }
    loop_timer_set(machine->say_timer, next);
}

/* All notices anew, from what is known. */
static void update_notices(struct machine *machine)
{
    bool changed = false;

    machine->n_told = 0;
    for (int i = 0; i < N_NOTICES; i++) {
        char words[NOTICE_MAX] = "";

        notice_rows[i].word(machine, words);
        changed |= !text_equal(words, machine->notices[i].words);
        text_copy(machine->notices[i].words, NOTICE_MAX, words);
        if (*words)
            machine->told[machine->n_told++] = machine->notices[i].words;
    }
    if (!changed)
        return;
    say_notices(machine);
    machine->handler(machine->context);
}

static void set_why(struct machine *machine, enum notice notice, const char *why)
{
    text_copy(machine->why[notice], WHY_MAX, why ? why : "");
    update_notices(machine);
}

const char *const *machine_notices(const struct machine *machine, size_t *ret_n)
{
    *ret_n = machine->n_told;
    return machine->told;
}

/* the fleet's first steps */

static void begin(void *context)
{
    struct machine *machine = context;

    if (machine->begun)
        return;
    machine->begun = true;
    loop_timer_set(machine->begin_timer, USEC_INFINITY);
    fleet_begin(machine->fleet);
}

/* logind */

static void on_way(void *context, sd_bus *bus, const char *owner)
{
    struct machine *machine = context;

    sleep_lock_use(machine->sleep_lock, bus, owner);
    session_watch_use(machine->session_watch, bus, owner);
}

static void on_lack(void *context, enum logind_lack lack, const char *why)
{
    struct machine *machine = context;

    machine->lack = lack;
    set_why(machine, NOTICE_LOGIND, why);
}

static void on_sleep(void *context, bool asleep)
{
    struct machine *machine = context;

    machine->falling_asleep = asleep;
    fleet_sleep(machine->fleet, asleep);
    machine_look_at_fleet(machine);
}

static void on_refused(void *context, const char *why)
{
    set_why(context, NOTICE_SLEEP_LOCK, why);
}

static void on_locked(void *context, bool locked)
{
    struct machine *machine = context;

    fleet_lock(machine->fleet, locked);
    begin(machine);
}

static void on_sessions_failed(void *context, const char *why)
{
    set_why(context, NOTICE_SESSIONS, why);
    if (why)
        begin(context);
}

void machine_look_at_fleet(struct machine *machine)
{
    if (!machine || !machine->falling_asleep || !fleet_is_sleep_ready(machine->fleet))
        return;
    machine->falling_asleep = false;
    sleep_lock_release(machine->sleep_lock);
}

/* the network */

static void on_network(void *context)
{
    struct machine *machine = context;

    fleet_network_up(machine->fleet);
}

static int watch_network(struct machine *machine, struct loop *loop)
{
    int r = network_watch_new(loop_event(loop), on_network, machine, &machine->network_watch);

    if (r == 0 || r == -ENOMEM)
        return r;
    text_copy(machine->why[NOTICE_NETWORK], WHY_MAX, strerror(-r)); /* told with the first policy */
    return 0;
}

/* the policy */

void machine_take_policy(struct machine *machine, const struct policy *policy)
{
    machine->needs_sleep = machine->needs_lock = false;
    for (size_t i = 0; i < policy->n_sites; i++) {
        const struct policy_site *site = &policy->sites[i];

        machine->needs_sleep |= site->enforce && site->on_sleep == POLICY_DISABLE;
        machine->needs_lock |= site->enforce && site->on_lock == POLICY_DISABLE;
    }
    sleep_lock_want(machine->sleep_lock, machine->needs_sleep);
    session_watch_want(machine->session_watch, machine->needs_lock);
    update_notices(machine);
    if (!machine->needs_lock)
        begin(machine);
    else if (!machine->begun)
        loop_timer_set(machine->begin_timer, clock_boot() + MACHINE_PATIENCE);
}

int machine_new(struct loop *loop, const struct journal *journal, enum paths_of of, struct fleet *fleet,
                machine_handler handler, void *context, struct machine **ret_machine)
{
    static const struct logind_handlers of_logind = {.way = on_way, .lack = on_lack};
    static const struct sleep_lock_handlers of_sleep = {.sleep = on_sleep, .refused = on_refused};
    static const struct session_watch_handlers of_sessions = {.locked = on_locked,
                                                              .failed = on_sessions_failed};
    _cleanup_(machine_freep) struct machine *machine = calloc(1, sizeof(*machine));
    int r;

    if (!machine)
        return -ENOMEM;
    *machine = (struct machine){.journal = journal, .fleet = fleet, .handler = handler, .context = context};
    r = loop_timer_new(loop, LOOP_USUAL, say_notices, machine, &machine->say_timer);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_USUAL, begin, machine, &machine->begin_timer);
    if (r == 0)
        r = sleep_lock_new(loop, &of_sleep, machine, &machine->sleep_lock);
    if (r == 0)
        r = session_watch_new(of == PATHS_OF_USER ? getuid() : SESSION_WATCH_ALL, &of_sessions, machine,
                              &machine->session_watch);
    if (r == 0)
        r = logind_new(loop, &of_logind, machine, &machine->logind);
    if (r == 0)
        r = watch_network(machine, loop);
    if (r < 0)
        return r;
    *ret_machine = steal_pointer(&machine);
    return 0;
}

struct machine *machine_free(struct machine *machine)
{
    if (machine) {
        network_watch_free(machine->network_watch);
        session_watch_free(machine->session_watch);
        sleep_lock_free(machine->sleep_lock);
        loop_timer_free(machine->say_timer);
        loop_timer_free(machine->begin_timer);
        logind_free(machine->logind); /* last: what the others made is on its bus */
        free(machine);
    }
    return NULL;
}
