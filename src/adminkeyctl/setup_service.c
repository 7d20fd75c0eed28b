// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_service.h"

#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "os/process.h"

#define UNIT "adminkeyd.service"

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
    return verb_status(&of_site);
}
