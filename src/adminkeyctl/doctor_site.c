// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor asks the daemon how it is, and the sites, by adminkeyd --test-site, whether they let it in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adminkeyctl/daemon_path.h"
#include "adminkeyctl/doctor.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/setup_store.h"
#include "adminkeyctl/setup_test.h"
#include "adminkeyctl/view.h"
#include "base/json_text.h"
#include "base/text.h"
#include "os/process.h"

#define OUTPUT_MAX (4 * 1024 * 1024)

/* The daemon */

static void tell_notices(struct doctor *doctor, const struct daemon_view *daemon)
{
    for (size_t i = 0; daemon->notices && i < json_object_array_length(daemon->notices); i++)
        doctor_find(doctor, DOCTOR_WARNING, "daemon", NULL, NULL, "%s",
                    json_object_get_string(json_object_array_get_idx(daemon->notices, i)));
    if (daemon->rejected_utc != STATUS_NEVER)
        doctor_find(doctor, DOCTOR_WRONG, "daemon", NULL, "adminkeyctl check, then adminkeyctl reload",
                    "the policy was refused at the last reload, and the one before it is in force");
}

static void tell_site(struct doctor *doctor, const struct site_view *site)
{
    if (site->state == SITE_BLOCKED)
        doctor_find(doctor, DOCTOR_WRONG, "daemon", site->site, "see the lines on this site below",
                    "the site does not let it in: %s", site->error.detail ? site->error.detail : "");
    else if (view_is_degraded(site))
        doctor_find(doctor, DOCTOR_WRONG, "daemon", site->site, "adminkeyctl status",
                    "the key is not as the policy wants it%s%s", site->error.detail ? ": " : "",
                    site->error.detail ? site->error.detail : "");
    else
        doctor_find(doctor, DOCTOR_OK, "daemon", site->site, NULL, "the key is as the policy wants it: %s",
                    view_is_on(site) ? "on" : "off");
}

/* A line a site, each with what the daemon says of itself. */
static void read_statuses(struct doctor *doctor, const char *lines)
{
    bool first = true;

    for (const char *at = lines; *at;) {
        size_t length = strcspn(at, "\n");
        _cleanup_(json_freep) struct json_object *object = NULL;
        struct daemon_view daemon;
        struct site_view site;

        if (json_text_parse(at, length, 16, &object) == 0 && view_site(object, &site)) {
            if (first && view_daemon(object, &daemon)) {
                doctor_find(doctor, DOCTOR_OK, "daemon", NULL, NULL, "adminkeyd %s answers", daemon.version);
                tell_notices(doctor, &daemon);
            }
            first = false;
            tell_site(doctor, &site);
        }
        at += length + (at[length] == '\n');
    }
}

void doctor_look_at_daemon(struct doctor *doctor)
{
    const char *arguments[] = {"/proc/self/exe",
                               "--json",
                               "--socket",
                               doctor->arguments->socket,
                               doctor->arguments->user ? "--user" : "status",
                               doctor->arguments->user ? "status" : NULL,
                               NULL};
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(OUTPUT_MAX);
    const struct process_run run = {.arguments = arguments, .output = &output, .quiet = true};
    int status = 0;

    if (process_run(&run, &status) < 0)
        status = STATUS_UNREACHABLE;
    if (status == STATUS_REFUSED)
        doctor_find(
            doctor, DOCTOR_WARNING, "daemon", NULL,
            "usermod --append --groups adminkey USER, and log in anew; or sudo",
            "this user may not look: neither a member of the group adminkey, nor named in the policy");
    else if (status == STATUS_UNREACHABLE)
        doctor_find(doctor, DOCTOR_WRONG, "daemon", NULL, "see the lines on the service",
                    "nobody answers at %s", doctor->arguments->socket);
    else
        read_statuses(doctor, bytes_text(&output));
}

/* The sites */

static void tell_way(struct doctor *doctor, const struct policy_site *site)
{
    if (!text_starts_with(site->url, "https:")) {
        doctor_find(doctor, DOCTOR_NOTE, "tls", site->name, NULL,
                    "it is asked without TLS, and without a proxy: it is on this machine");
        return;
    }
    doctor_find(doctor, DOCTOR_OK, "tls", site->name, NULL, "its certificate is trusted, by %s",
                site->ca_file ? site->ca_file : "this machine's authorities");
    if (site->proxy)
        doctor_find(doctor, DOCTOR_OK, "proxy", site->name, NULL, "reached by way of %s", site->proxy);
}

/* A read of no key says nothing: a site answers so, too, whoever may not have one. */
static void tell_account(struct doctor *doctor, const char *site, bool key_is_on)
{
    if (key_is_on)
        doctor_find(doctor, DOCTOR_OK, "account", site, NULL, "it may use admin keys: one is on");
    else
        doctor_find(doctor, DOCTOR_NOTE, "account", site,
                    "adminkeyctl setup tries one, with your consent; else the next window tells",
                    "no key is on, and whether the account may switch one, a read cannot tell");
}

static void tell_clock(struct doctor *doctor, const char *site, const struct setup_finding *finding)
{
    char duration[DURATION_TEXT_MAX];

    if (*finding->warning.text)
        doctor_find(doctor, DOCTOR_WARNING, "clock", site, NULL, "%s", finding->warning.text);
    else if (finding->has_clock_offset && finding->clock_offset_ms == 0)
        doctor_find(doctor, DOCTOR_OK, "clock", site, NULL, "this machine's clock is as the site's");
    else if (finding->has_clock_offset)
        doctor_find(doctor, DOCTOR_OK, "clock", site, NULL, "this machine's clock is %s %s the site's",
                    duration_format(duration, llabs(finding->clock_offset_ms) * USEC_PER_MSEC),
                    finding->clock_offset_ms > 0 ? "behind" : "ahead of");
}

static void tell_finding(struct doctor *doctor, const struct policy_site *site,
                         const struct setup_finding *finding)
{
    if (finding->answered)
        tell_way(doctor, site);
    if (finding->done)
        doctor_find(doctor, DOCTOR_OK, "site", site->name, NULL, "it answers, and accepts user and token");
    else
        doctor_find(doctor, DOCTOR_WRONG, "site", site->name, finding->words, "%s", finding->detail.text);
    if (finding->done)
        tell_account(doctor, site->name, finding->key_is_on);
    tell_clock(doctor, site->name, finding);
}

/* A credential of the service is handed out by systemd alone: so it is asked to run the test as it runs the
 * service, with the same user and the same lines. */
static void test_as_service(struct doctor *doctor, const char *path, const char *site, struct bytes *output,
                            int *ret_status)
{
    const char *arguments[] = {
        "systemd-run",
        "--quiet",
        "--pipe",
        "--wait",
        "--collect",
        "--property=User=adminkeyd",
        "--property=LoadCredentialEncrypted=adminkeyd:" SYSCONFDIR "/adminkeyd/credentials.encrypted",
        "--property=LoadCredential=adminkeyd-plain:" SYSCONFDIR "/adminkeyd/credentials",
        path,
        "--policy",
        doctor->arguments->policy,
        "--test-site",
        site,
        "--json",
        NULL};
    const struct process_run run = {.arguments = arguments, .output = output, .quiet = true};

    if (process_run(&run, ret_status) < 0)
        *ret_status = -1;
}

/* A user's units decrypt what they need below their runtime directory, and so does this. */
static void test_as_user(struct doctor *doctor, const char *path, const struct policy_site *site,
                         struct bytes *output, int *ret_status)
{
    static const char script[] =
        "systemd-creds decrypt --user \"--name=adminkeyd_$1\" \"$2\" \"$RUNTIME_DIRECTORY/adminkeyd_$1\" && "
        "CREDENTIALS_DIRECTORY=\"$RUNTIME_DIRECTORY\" exec \"$3\" --policy \"$4\" --test-site \"$5\" --json";
    char encrypted[PATH_MAX];
    struct error error = {0};
    const char *arguments[] = {"systemd-run",
                               "--user",
                               "--quiet",
                               "--pipe",
                               "--wait",
                               "--collect",
                               "--property=RuntimeDirectory=adminkeyd-doctor",
                               "--property=RuntimeDirectoryMode=0700",
                               "--property=UMask=0077",
                               "/bin/sh",
                               "-c",
                               script,
                               "sh",
                               site->token,
                               encrypted,
                               path,
                               doctor->arguments->policy,
                               site->name,
                               NULL};
    const struct process_run run = {.arguments = arguments, .output = output, .quiet = true};

    if (setup_store_encrypted(true, site->token, encrypted, &error) < 0 || process_run(&run, ret_status) < 0)
        *ret_status = -1;
}

static void test_directly(struct doctor *doctor, const char *path, const char *site, struct bytes *output,
                          int *ret_status)
{
    const char *arguments[] = {path,     "--policy", doctor->arguments->policy, "--test-site", site,
                               "--json", NULL};
    const struct process_run run = {.arguments = arguments, .output = output, .quiet = true};

    if (process_run(&run, ret_status) < 0)
        *ret_status = -1;
}

static void look_at_site(struct doctor *doctor, const char *path, const struct policy_site *site)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(OUTPUT_MAX);
    struct setup_finding finding;
    bool credential = *site->token != '/', user = doctor->arguments->user;
    bool may_see = user || geteuid() == 0;
    int status = -1;

    if (credential && !may_see) {
        doctor_find(doctor, DOCTOR_NOTE, "site", site->name, "run it once more with sudo",
                    "the site was not asked: the token is for root to hand out");
        return;
    }
    if (credential && user)
        test_as_user(doctor, path, site, &output, &status);
    else if (credential)
        test_as_service(doctor, path, site->name, &output, &status);
    else
        test_directly(doctor, path, site->name, &output, &status);
    if (setup_test_judge(bytes_text(&output), output.size, &finding) == 0)
        tell_finding(doctor, site, &finding);
    else
        doctor_find(doctor, may_see ? DOCTOR_WRONG : DOCTOR_NOTE, "site", site->name,
                    may_see ? "see the lines on token and service above, then journalctl -n 20"
                            : "run it once more with sudo",
                    "the site could not be asked: %s ended with %d", path, status);
}

void doctor_look_at_sites(struct doctor *doctor)
{
    const struct policy *policy = doctor->input.policy;
    char path[PATH_MAX];

    daemon_path_find(path);
    for (size_t i = 0; policy && i < policy->n_sites; i++)
        look_at_site(doctor, path, &policy->sites[i]);
}
