// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_service.h"

#include <stdio.h>
#include <string.h>

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/monitor.h"
#include "adminkeyctl/view.h"
#include "os/clock.h"
#include "os/process.h"

#define UNIT     "adminkeyd.service"
#define PATIENCE (10 * USEC_PER_SEC) /* for the site's first answers */

static int systemctl(const struct arguments *arguments, const char *what, bool quiet)
{
    const char *all[] = {"systemctl", "--user", what, UNIT, NULL},
               *system[] = {"systemctl", what, UNIT, NULL};
    const struct process_run run = {.arguments = arguments->user ? all : system, .quiet = quiet};
    int status = 0, r = process_run(&run, &status);

    if (r == 0 && status == 0)
        return STATUS_DONE;
    if (quiet)
        return STATUS_NO;
    fprintf(stderr,
            "adminkeyctl: 'systemctl%s %s " UNIT "' failed%s%s; policy and token are in their places\n",
            arguments->user ? " --user" : "", what, r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
    return STATUS_NO;
}

/* Until there is more to tell than that the daemon has just begun. STATUS_DONE, or an exit status where no
 * daemon is there. */
static int wait_for_first_answer(const struct arguments *arguments)
{
    _cleanup_(monitor_freep) struct monitor *monitor = NULL;
    usec due = clock_boot() + PATIENCE;
    bool is_settled = false;
    int r = monitor_open(arguments, true, &monitor);

    if (r != STATUS_DONE)
        return r;
    while (!is_settled) {
        _cleanup_(message_reply_done) struct message_reply reply = {0};
        struct site_view view;

        if (monitor_next(monitor, due, &reply) != STATUS_DONE || !view_site(reply.parameters, &view))
            break; /* the status says it */
        is_settled = view.state == SITE_ON || view.state == SITE_OFF || view.state == SITE_BLOCKED ||
                     view.error.verdict;
    }
    return STATUS_DONE;
}

int setup_service_start(const struct arguments *arguments, const char *site, bool changed)
{
    struct arguments of_site = *arguments;
    const char *start = changed ? "restart" : "start";
    int r;

    fflush(stdout);
    (void)systemctl(arguments, "reset-failed", true); /* earlier failures must not count against this start */
    r = systemctl(arguments, "enable", false);
    if (r == STATUS_DONE)
        r = systemctl(arguments, start, false);
    if (r != STATUS_DONE) {
        fprintf(stderr, "adminkeyctl: see 'journalctl %s " UNIT " -n 20', and run setup again\n",
                arguments->user ? "--user -u" : "-u");
        return r;
    }
    of_site.operand = site;
    of_site.json = false;
    printf("\n");
    fflush(stdout);
    r = wait_for_first_answer(&of_site);
    return r == STATUS_DONE ? verb_status(&of_site) : r;
}
