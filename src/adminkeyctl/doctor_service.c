// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor looks at the service, as the service manager knows it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/arguments.h"
#include "adminkeyctl/doctor.h"
#include "base/text.h"
#include "os/process.h"

#define UNIT        "adminkeyd.service"
#define OUTPUT_MAX  65536
#define EXPOSED_TOO 1.3 /* what the unit has as it is installed */

bool doctor_ask(const char *const *arguments, struct bytes *output)
{
    const struct process_run run = {.arguments = arguments, .output = output, .quiet = true};
    int status = 0;

    return process_run(&run, &status) == 0 && status == 0;
}

const char *doctor_value(const char *lines, const char *name, char *buffer, size_t size)
{
    size_t length = strlen(name);

    *buffer = '\0';
    for (const char *at = lines; at && *at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (strncmp(at, name, length) == 0 && at[length] == '=') {
            size_t n = strcspn(at + length + 1, "\n");

            snprintf(buffer, size, "%.*s", (int)n, at + length + 1);
            break;
        }
    return buffer;
}

static void look_at_state(struct doctor *doctor, const char *lines)
{
    const char *user = doctor_user_option(doctor);
    char active[64], enabled[64], result[64], todo[DOCTOR_WORDS_MAX];

    doctor_value(lines, "ActiveState", active, sizeof(active));
    doctor_value(lines, "UnitFileState", enabled, sizeof(enabled));
    doctor_value(lines, "Result", result, sizeof(result));
    if (text_equal(active, "active")) {
        doctor_find(doctor, DOCTOR_OK, "service", NULL, NULL, UNIT " runs");
    } else if (text_equal(active, "failed")) {
        snprintf(todo, sizeof(todo), "journalctl %s " UNIT " -n 20, then systemctl %srestart " UNIT,
                 *user ? "--user -u" : "-u", user);
        doctor_find(doctor, DOCTOR_WRONG, "service", NULL, todo, UNIT " has failed: %s", result);
    } else {
        snprintf(todo, sizeof(todo), "systemctl %senable --now " UNIT, user);
        doctor_find(doctor, DOCTOR_WRONG, "service", NULL, todo, UNIT " does not run: it is %s", active);
    }
    snprintf(todo, sizeof(todo), "systemctl %s%s " UNIT, user,
             text_equal(enabled, "masked") ? "unmask" : "enable");
    if (text_equal(enabled, "masked"))
        doctor_find(doctor, DOCTOR_WRONG, "service", NULL, todo, UNIT " is masked: nobody can start it");
    else if (text_equal(enabled, "disabled"))
        doctor_find(doctor, DOCTOR_WARNING, "service", NULL, todo, UNIT " does not start %s",
                    *user ? "with your session" : "with the machine");
}

static void look_at_changes(struct doctor *doctor, const char *lines)
{
    const char *user = doctor_user_option(doctor);
    char restarts[64], stale[64], drop_ins[512], todo[DOCTOR_WORDS_MAX];

    doctor_value(lines, "NRestarts", restarts, sizeof(restarts));
    doctor_value(lines, "NeedDaemonReload", stale, sizeof(stale));
    doctor_value(lines, "DropInPaths", drop_ins, sizeof(drop_ins));
    snprintf(todo, sizeof(todo), "journalctl %s " UNIT " -p err", *user ? "--user -u" : "-u");
    if (*restarts && !text_equal(restarts, "0"))
        doctor_find(doctor, DOCTOR_WARNING, "service", NULL, todo, "it was restarted %s times after a crash",
                    restarts);
    snprintf(todo, sizeof(todo), "systemctl %sdaemon-reload", user);
    if (text_equal(stale, "yes"))
        doctor_find(doctor, DOCTOR_WARNING, "service", NULL, todo,
                    "the unit's files have changed since systemd read them");
    if (*drop_ins)
        doctor_find(doctor, DOCTOR_NOTE, "service", NULL, NULL, "drop-ins change the unit: %s", drop_ins);
}

static void look_at_sandbox(struct doctor *doctor)
{
    static const char *const analyze[] = {"systemd-analyze", "security", "--no-pager", UNIT, NULL};
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(OUTPUT_MAX);
    const char *at;
    double exposure;

    if (doctor->arguments->user)
        return; /* a user's manager can wall off little */
    if (!doctor_ask(analyze, &output) || !(at = strstr(bytes_text(&output), "Overall exposure level"))) {
        doctor_find(doctor, DOCTOR_NOTE, "sandbox", NULL, NULL, "systemd-analyze security cannot tell");
        return;
    }
    at = strchr(at, ':');
    exposure = at ? strtod(at + 1, NULL) : 10;
    if (exposure > EXPOSED_TOO)
        doctor_find(doctor, DOCTOR_WARNING, "sandbox", NULL, "systemctl cat " UNIT,
                    "the service is exposed more than it need be: %.1f, and %.1f as it is installed",
                    exposure, EXPOSED_TOO);
    else
        doctor_find(doctor, DOCTOR_OK, "sandbox", NULL, NULL, "exposure is %.1f of 10", exposure);
}

void doctor_look_at_service(struct doctor *doctor)
{
    static const char *const properties =
        "--property=LoadState,ActiveState,UnitFileState,Result,NRestarts,NeedDaemonReload,DropInPaths";
    const char *of_user[] = {"systemctl", "--user", "show", UNIT, properties, NULL};
    const char *of_system[] = {"systemctl", "show", UNIT, properties, NULL};
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(OUTPUT_MAX);
    char loaded[64];

    if (!doctor_ask(doctor->arguments->user ? of_user : of_system, &output)) {
        doctor_find(doctor, DOCTOR_NOTE, "service", NULL, NULL,
                    "systemctl cannot tell of the service: systemd does not run here, or lets nobody ask");
        return;
    }
    doctor_value(bytes_text(&output), "LoadState", loaded, sizeof(loaded));
    if (text_equal(loaded, "not-found")) {
        doctor_find(doctor, DOCTOR_WRONG, "service", NULL, "install the package, or run make install",
                    "there is no " UNIT);
        return;
    }
    look_at_state(doctor, bytes_text(&output));
    look_at_changes(doctor, bytes_text(&output));
    look_at_sandbox(doctor);
}
