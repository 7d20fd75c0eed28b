// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adminkeyd/fleet.h"
#include "adminkeyd/machine.h"
#include "adminkeyd/policy_journal.h"
#include "adminkeyd/status_line.h"
#include "base/text.h"
#include "control/service.h"
#include "host/clock_watch.h"
#include "host/control_server.h"
#include "host/notify.h"
#include "host/unit_job.h"
#include "host/zone_watch.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/user.h"

#define STOP_TIME     (25 * USEC_PER_SEC) /* the engines' own 20 s, and what it takes to tell */
#define READY_TIME    (5 * USEC_PER_SEC)  /* a site that does not answer delays no boot for longer */
#define LATE_DECISION (10 * USEC_PER_SEC) /* an engine overdue for longer is not fed for */

struct manager {
    const struct options *options;
    struct surroundings surroundings;
    struct policy_file *policy;
    struct fleet *fleet;
    struct machine *machine;
    struct bouncer *bouncer;
    struct control_source source;
    struct service service;
    struct control_server *server;
    struct clock_watch *clock_watch;
    struct zone_watch *zone_watch;
    struct loop_timer *status_timer, *watchdog_timer, *stop_timer, *ready_timer;
    struct problems rejected; /* of the last policy, where it was refused */
    usec rejected_utc, since_utc, watchdog_interval;
    bool ready, stopping;
    char status_line[STATUS_LINE_MAX + 1];
};

static const struct journal *journal_of(const struct manager *manager)
{
    return &manager->surroundings.journal;
}

/* telling the service manager */

static void tell_status(void *context)
{
    struct manager *manager = context;
    struct status_line line;
    const char *words;

    status_line_init(&line, clock_utc(), fleet_size(manager->fleet), manager->rejected_utc != STATUS_NEVER);
    for (size_t i = 0; i < fleet_size(manager->fleet); i++) {
        struct site_status status;

        fleet_status(manager->fleet, i, &status);
        status_line_add(&line, fleet_site(manager->fleet, i), &status);
    }
    words = status_line_finish(&line);
    if (strcmp(words, manager->status_line) != 0) {
        strcpy(manager->status_line, words);
        notify_status(words);
    }
    status_line_done(&line);
}

/* Once the loop has nothing else to do, so that many changes make one line. */
static void plan_status(struct manager *manager)
{
    loop_timer_set(manager->status_timer, 0);
}

/* Fed only by a daemon whose engines have decided whatever was due: a loop that merely turns proves nothing.
 */
static void feed_watchdog(void *context)
{
    struct manager *manager = context;
    usec now = clock_boot(), due = fleet_due_boot(manager->fleet);

    if (due == USEC_INFINITY || due + LATE_DECISION > now)
        notify_watchdog();
    loop_timer_set(manager->watchdog_timer, now + manager->watchdog_interval / 2);
}

/* Once each site was asked, or has failed to answer for the first time, or has kept everybody waiting. */
static void become_ready(void *context)
{
    struct manager *manager = context;

    if (manager->ready || manager->stopping)
        return;
    manager->ready = true;
    tell_status(manager);
    notify_ready();
    journal_say(journal_of(manager), REPORT_DAEMON_STARTED, NULL,
                "adminkeyd " PACKAGE_VERSION " is ready; adminkeyctl finds it at %s",
                manager->options->socket);
}

static void on_fleet(void *context, size_t index)
{
    struct manager *manager = context;

    if (index != FLEET_NO_SITE) {
        control_server_site_changed(manager->server, index);
        plan_status(manager);
    }
    if (fleet_is_settled(manager->fleet))
        become_ready(manager);
    if (manager->stopping && fleet_is_stopped(manager->fleet))
        loop_end(manager->surroundings.loop, 0);
    machine_look_at_fleet(manager->machine);
}

/* policies */

static int new_bouncer(const struct policy *policy, struct problems *warnings, struct bouncer **ret_bouncer)
{
    static const struct principal_finder finder = {.user = user_find, .group = group_find};

    return bouncer_new(policy, geteuid(), &finder, warnings, ret_bouncer);
}

/* An upgrade of the zones that goes unseen is no reason to refuse a policy. */
static void watch_zones(struct manager *manager)
{
    const struct policy *policy = manager->policy->policy;
    _cleanup_free_ const char **names = calloc(policy->n_zones, sizeof(*names));
    int r = names ? 0 : -ENOMEM;

    for (size_t i = 0; names && i < policy->n_zones; i++)
        names[i] = zone_name(policy->zones[i]);
    if (r == 0)
        r = zone_watch_set(manager->zone_watch, names, policy->n_zones);
    if (r < 0)
        journal_say(journal_of(manager), REPORT_NOTICE, NULL,
                    "Changes of this system's time zones go unseen (%s): after an upgrade of tzdata, run "
                    "'adminkeyctl reload'",
                    strerror(-r));
}

/* The journal is told by whoever asks for it. */
static int put_in_force(struct manager *manager, struct policy_file *file, struct problems *problems)
{
    _cleanup_(bouncer_freep) struct bouncer *bouncer = NULL;
    _cleanup_(bouncer_freep) struct bouncer *old = NULL;
    size_t damaged = 0;
    int r;

    r = new_bouncer(file->policy, problems, &bouncer);
    if (r == 0)
        r = fleet_take_policy(manager->fleet, file, &damaged);
    if (r < 0)
        return r;
    (void)policy_file_keep(file, manager->options->policy, manager->options->ledger); /* a help, no more */
    policy_file_unref(manager->policy);
    manager->policy = policy_file_ref(file);
    old = manager->bouncer;
    manager->service.bouncer = manager->bouncer = steal_pointer(&bouncer);
    if (damaged > 0)
        journal_say(
            journal_of(manager), REPORT_LEDGER_DAMAGED, NULL,
            "%zu damaged lines of the ledger were skipped: a key of ours may be forgotten, so one that is "
            "live outside the policy's hours is switched off once",
            damaged);
    machine_take_policy(manager->machine, file->policy);
    watch_zones(manager);
    return 0;
}

static void reject(struct manager *manager, struct problems *problems)
{
    policy_journal_rejected(journal_of(manager), manager->options->policy, problems,
                            "; the old one stays in force");
    problems_done(&manager->rejected);
    manager->rejected = *problems;
    *problems = PROBLEMS_INIT;
    manager->rejected_utc = clock_utc();
}

static void accept_policy(struct manager *manager)
{
    problems_done(&manager->rejected);
    manager->rejected = PROBLEMS_INIT;
    manager->rejected_utc = STATUS_NEVER;
}

/* 0, CONTROL_RELOAD_REFUSED or a negative errno; the old policy stays in force but for 0. */
static int load_again(struct manager *manager)
{
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    int r;

    r = policy_file_load(manager->options->policy, &problems, &file);
    if (r == POLICY_FILE_REFUSED) {
        reject(manager, &problems);
        return CONTROL_RELOAD_REFUSED;
    }
    if (r == 0)
        r = put_in_force(manager, file, &problems);
    if (r == 0) {
        accept_policy(manager);
        policy_journal_loaded(journal_of(manager), manager->options->policy, file, &problems);
    } else {
        journal_say(journal_of(manager), REPORT_POLICY_REJECTED, NULL,
                    "policy %s could not be loaded: %s; the old one stays in force", manager->options->policy,
                    strerror(-r));
    }
    return r;
}

/* The policy in force, read again: its kept copy, or where that could not be kept the file itself, unless it
 * is another by now, which nobody has asked to load. 0, -ESTALE, or another negative errno. */
static int read_present_again(struct manager *manager, struct policy_file **ret_file)
{
    for (int from_copy = 1; from_copy >= 0; from_copy--) {
        _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
        _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
        int r = from_copy ? policy_file_load_kept(manager->options->ledger, &problems, &file)
                          : policy_file_load(manager->options->policy, &problems, &file);

        if (r == 0 && text_equal(file->sha256, manager->policy->sha256)) {
            *ret_file = steal_pointer(&file);
            return 0;
        }
        if (r < 0)
            return r;
    }
    return -ESTALE;
}

static void on_zones_changed(void *context)
{
    struct manager *manager = context;
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    int r;

    if (manager->stopping)
        return;
    r = read_present_again(manager, &file);
    if (r == 0) {
        file->loaded_utc = manager->policy->loaded_utc;
        r = put_in_force(manager, file, &problems);
    }
    if (r == 0)
        journal_say(journal_of(manager), REPORT_POLICY_LOADED, NULL,
                    "this system's time zones have changed; the policy is reckoned anew");
    else
        journal_say(
            journal_of(manager), REPORT_NOTICE, NULL,
            "This system's time zones have changed, and the policy in force still goes by the old ones: "
            "run 'adminkeyctl reload'");
    plan_status(manager);
}

static int reload(void *context)
{
    struct manager *manager = context;
    int r;

    if (manager->stopping)
        return -ESHUTDOWN;
    if (manager->ready)
        notify_reloading();
    r = load_again(manager);
    control_server_daemon_changed(manager->server);
    tell_status(manager);
    if (manager->ready)
        notify_ready();
    return r;
}

/* what the control interface may ask */

static void describe_daemon(void *context, struct daemon_status *ret_status)
{
    const struct manager *manager = context;
    size_t n_notices;
    const char *const *notices = machine_notices(manager->machine, &n_notices);

    *ret_status = (struct daemon_status){
        .version = PACKAGE_VERSION,
        .since_utc = manager->since_utc,
        .policy_path = manager->options->policy,
        .policy_loaded_utc = manager->policy->loaded_utc,
        .policy_sha256 = manager->policy->sha256,
        .rejected_utc = manager->rejected_utc,
        .rejected = manager->rejected_utc == STATUS_NEVER ? NULL : &manager->rejected,
        .notices = notices,
        .n_notices = n_notices,
    };
}

static size_t count_sites(void *context)
{
    const struct manager *manager = context;

    return fleet_size(manager->fleet);
}

static void describe_site(void *context, size_t index, struct site_status *ret_status)
{
    const struct manager *manager = context;

    fleet_status(manager->fleet, index, ret_status);
}

/* start and stop */

static void on_stop_time(void *context)
{
    struct manager *manager = context;

    loop_end(manager->surroundings.loop, 0);
}

static void stop(struct manager *manager, int signal)
{
    bool restart;

    if (manager->stopping)
        return;
    manager->stopping = true;
    notify_stopping(STOP_TIME);
    restart = signal == SIGTERM &&
              unit_job_is_restart(manager->options->of == PATHS_OF_USER ? UNIT_JOB_USER : UNIT_JOB_SYSTEM);
    journal_say(journal_of(manager), REPORT_DAEMON_STOPPING, NULL, "stopping on SIG%s%s",
                sigabbrev_np(signal),
                restart ? ", to be started again: keys that the policy wants now stay on" : "");
    loop_timer_set(manager->stop_timer, clock_boot() + STOP_TIME);
    fleet_stop(manager->fleet, restart);
    if (fleet_is_stopped(manager->fleet))
        loop_end(manager->surroundings.loop, 0);
}

static void on_signal(void *context, int signal)
{
    struct manager *manager = context;

    if (signal == SIGHUP)
        (void)reload(manager);
    else
        stop(manager, signal);
}

static void on_clock_set(void *context)
{
    struct manager *manager = context;

    fleet_wake(manager->fleet);
    plan_status(manager);
}

static void on_notices(void *context)
{
    struct manager *manager = context;

    control_server_daemon_changed(manager->server);
}

static int open_socket(struct manager *manager, struct error *ret_error)
{
    const char *path = manager->options->socket, *slash = strrchr(path, '/');
    _cleanup_free_ char *directory = NULL;
    int r;

    if (slash && slash != path) {
        directory = strndup(path, (size_t)(slash - path));
        if (!directory)
            return -ENOMEM;
        r = file_make_directory(directory, 0755, ret_error);
        if (r < 0)
            return r;
    }
    manager->source = (struct control_source){
        .context = manager,
        .daemon = describe_daemon,
        .n_sites = count_sites,
        .site = describe_site,
        .reload = reload,
    };
    manager->service.source = &manager->source;
    return control_server_new(loop_event(manager->surroundings.loop), path, &manager->service,
                              &manager->server, ret_error);
}

static int add_sources(struct manager *manager)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, 0};
    struct loop *loop = manager->surroundings.loop;
    int r;

    r = loop_on_signals(loop, signals, on_signal, manager);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_LAST, tell_status, manager, &manager->status_timer);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_USUAL, feed_watchdog, manager, &manager->watchdog_timer);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_USUAL, on_stop_time, manager, &manager->stop_timer);
    if (r == 0)
        r = loop_timer_new(loop, LOOP_USUAL, become_ready, manager, &manager->ready_timer);
    if (r == 0)
        r = clock_watch_new(loop_event(loop), on_clock_set, manager, &manager->clock_watch);
    if (r == 0)
        r = zone_watch_new(loop, on_zones_changed, manager, &manager->zone_watch);
    if (r == 0)
        r = fleet_new(&manager->surroundings, on_fleet, manager, &manager->fleet);
    if (r == 0)
        r = machine_new(loop, journal_of(manager), manager->options->of, manager->fleet, on_notices, manager,
                        &manager->machine);
    return r;
}

/* After the policy: ledger, socket, and then the sites' first reconciliation. */
static int start(struct manager *manager, struct journal journal, struct policy_file *file,
                 struct problems *problems, struct error *ret_error)
{
    int r;

    r = surroundings_init(&manager->surroundings, journal, manager->options->ledger, ret_error);
    if (r < 0)
        return r;
    r = add_sources(manager);
    if (r == 0)
        r = open_socket(manager, ret_error);
    if (r < 0)
        return r;
    manager->since_utc = clock_utc();
    manager->watchdog_interval = notify_watchdog_interval();
    if (manager->watchdog_interval != USEC_INFINITY)
        loop_timer_set(manager->watchdog_timer, 0);
    loop_timer_set(manager->ready_timer, clock_boot() + READY_TIME);
    r = put_in_force(manager, file, problems);
    if (r == 0)
        policy_journal_loaded(journal_of(manager), manager->options->policy, file, problems);
    return r;
}

static void manager_done(struct manager *manager)
{
    control_server_free(manager->server);
    machine_free(manager->machine);
    fleet_free(manager->fleet);
    clock_watch_free(manager->clock_watch);
    zone_watch_free(manager->zone_watch);
    loop_timer_free(manager->status_timer);
    loop_timer_free(manager->watchdog_timer);
    loop_timer_free(manager->stop_timer);
    loop_timer_free(manager->ready_timer);
    bouncer_free(manager->bouncer);
    policy_file_unref(manager->policy);
    problems_done(&manager->rejected);
    if (manager->surroundings.loop)
        surroundings_done(&manager->surroundings);
}

int manager_run(const struct options *options, struct journal journal, struct error *ret_error)
{
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    _cleanup_(manager_done) struct manager manager = {.options = options, .rejected_utc = STATUS_NEVER};
    int r;

    r = policy_file_load(options->policy, &problems, &file);
    if (r == POLICY_FILE_REFUSED) {
        policy_journal_rejected(&journal, options->policy, &problems, ": adminkeyd does not start");
        return MANAGER_POLICY_REFUSED;
    }
    if (r == 0)
        r = start(&manager, journal, file, &problems, ret_error);
    if (r == 0)
        r = loop_run(manager.surroundings.loop);
    if (r < 0 && !*ret_error->text)
        error_set(ret_error, "cannot run: %s", strerror(-r));
    return r;
}
