// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor looks at the policy: whether it can be used, and whether its tokens lie as they should.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adminkeyctl/doctor.h"
#include "adminkeyctl/paint.h"
#include "adminkeyctl/setup_store.h"
#include "os/clock.h"

#define CREDENTIALS           SYSCONFDIR "/adminkeyd/credentials/"
#define CREDENTIALS_ENCRYPTED SYSCONFDIR "/adminkeyd/credentials.encrypted/"
#define EXPIRES_SOON          (14 * USEC_PER_DAY)

/* The first error, or warning, and how many there are. */
static void tell_problems(struct doctor *doctor, bool warnings)
{
    const struct problems *problems = &doctor->input.problems;
    size_t n = warnings ? problems->n_warnings : problems->n_errors;
    char todo[DOCTOR_WORDS_MAX];

    for (size_t i = 0; i < problems->n; i++) {
        const struct problem *problem = &problems->list[i];

        if (problem->warning != warnings)
            continue;
        snprintf(todo, sizeof(todo), "adminkeyctl check %s", doctor->input.path);
        doctor_find(doctor, warnings ? DOCTOR_WARNING : DOCTOR_WRONG, "policy", NULL, todo,
                    "%s%s%s%s; %zu %s%s in all", *problem->key ? "" : "", problem->key,
                    *problem->key ? ": " : "", problem->message, n, warnings ? "warning" : "error",
                    n == 1 ? "" : "s");
        return;
    }
}

static void look_at_expiry(struct doctor *doctor, const struct policy_site *site)
{
    usec now_utc = clock_utc();
    char when[PAINT_TIME_MAX];
    const char *todo =
        "make a new API token, put it in the old one's place, restart adminkeyd, and write its "
        "date to token_expires";

    if (site->token_expires_utc == USEC_INFINITY)
        doctor_find(doctor, DOCTOR_NOTE, "token", site->name,
                    "write the token's last day to the policy: token_expires: 2027-06-30",
                    "when the token expires is not recorded: no token tells");
    else if (site->token_expires_utc <= now_utc)
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, todo, "the token has expired at %s",
                    paint_time(when, site->token_expires_utc, now_utc));
    else if (site->token_expires_utc - now_utc < EXPIRES_SOON)
        doctor_find(doctor, DOCTOR_WARNING, "token", site->name, todo, "the token expires at %s",
                    paint_time(when, site->token_expires_utc, now_utc));
}

/* A file that holds a token: it must be nobody else's to read. */
static void look_at_token_file(struct doctor *doctor, const struct policy_site *site, const char *path)
{
    char todo[DOCTOR_WORDS_MAX];
    struct stat stat;

    if (lstat(path, &stat) < 0) {
        if (errno == EACCES)
            doctor_find(doctor, DOCTOR_NOTE, "token", site->name, "run it once more with sudo",
                        "%s cannot be seen by this user", path);
        else
            doctor_find(doctor, DOCTOR_WRONG, "token", site->name,
                        "adminkeyctl setup, or put the API token there", "%s: %s", path, strerror(errno));
        return;
    }
    snprintf(todo, sizeof(todo), "chmod 600 %s, and make the token anew: others could read it", path);
    if (!S_ISREG(stat.st_mode))
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, "put the token into a file of its own",
                    "%s is not a regular file", path);
    else if ((stat.st_mode & 077) != 0)
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, todo, "%s is open to others (mode %04o)", path,
                    stat.st_mode & 07777);
    else
        doctor_find(doctor, DOCTOR_OK, "token", site->name, NULL, "%s is there, and nobody else's to read",
                    path);
}

/* An encrypted credential, of which systemd-creds tells more than its being there. */
static void look_at_encrypted(struct doctor *doctor, const struct policy_site *site, const char *path)
{
    bool user = doctor->arguments->user;
    int r = user ? setup_store_try_decrypt(true, site->token, path) : 0;

    if (r < 0)
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, "adminkeyctl --user setup",
                    "%s cannot be decrypted for this user: %s", path,
                    r == -EBADMSG ? "made for another, or on another machine" : strerror(-r));
    else
        doctor_find(doctor, DOCTOR_OK, "token", site->name, NULL, "%s is there, encrypted%s", path,
                    user ? " for this user" : "");
}

/* A credential of the service: in plain text, which counts first, or encrypted. */
static void look_at_credential(struct doctor *doctor, const struct policy_site *site)
{
    bool user = doctor->arguments->user;
    char plain[PATH_MAX], encrypted[PATH_MAX], todo[DOCTOR_WORDS_MAX];
    struct error error = {0};

    if (setup_store_encrypted(user, site->token, encrypted, &error) < 0) {
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, NULL, "%s", error.text);
        return;
    }
    if (!user && access(CREDENTIALS, X_OK) < 0 && errno == EACCES) {
        doctor_find(doctor, DOCTOR_NOTE, "token", site->name, "run it once more with sudo",
                    "credentials can be seen by root alone");
        return;
    }
    snprintf(plain, sizeof(plain), CREDENTIALS "%s", site->token);
    snprintf(todo, sizeof(todo), "systemd-creds encrypt --name=adminkeyd_%s - " CREDENTIALS_ENCRYPTED "%s",
             site->token, site->token);
    if (!user && access(plain, F_OK) == 0)
        look_at_token_file(doctor, site, plain);
    else if (access(encrypted, F_OK) == 0)
        look_at_encrypted(doctor, site, encrypted);
    else if (user)
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name,
                    "adminkeyctl --user setup, or name the absolute path of a file as token",
                    "there is no credential %s", encrypted);
    else
        doctor_find(doctor, DOCTOR_WRONG, "token", site->name, todo,
                    "there is no credential '%s' in %s or %s", site->token, CREDENTIALS_ENCRYPTED,
                    CREDENTIALS);
}

/* Whoever can write the policy can name a site of theirs in it, and has the token. (In a directory with the
 * sticky bit nobody replaces another's file.) */
static void look_at_writers(struct doctor *doctor, const char *path)
{
    char todo[DOCTOR_WORDS_MAX];
    struct stat found;

    if (stat(path, &found) < 0 || (found.st_mode & 022) == 0 ||
        (S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX)))
        return;
    snprintf(todo, sizeof(todo), "chmod go-w %s", path);
    doctor_find(doctor, DOCTOR_WRONG, "policy", NULL, todo,
                "others than its owner can write %s (mode %04o), and so have a token sent where they like",
                path, found.st_mode & 07777);
}

/* A policy is as safe as the directory whose entry it is. */
static void look_at_all_writers(struct doctor *doctor)
{
    const char *path = doctor->arguments->policy, *slash = strrchr(path, '/');
    _cleanup_free_ char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");

    look_at_writers(doctor, path);
    if (directory)
        look_at_writers(doctor, directory);
    else
        doctor->failed = true;
}

void doctor_look_at_policy(struct doctor *doctor)
{
    int r = policy_input_read(doctor->arguments->policy, &doctor->input);

    look_at_all_writers(doctor);
    if (r == 0 && doctor->input.policy)
        r = policy_warn(doctor->input.policy, clock_utc(), &doctor->input.problems);
    if (r < 0) {
        doctor_find(doctor, DOCTOR_WRONG, "policy", NULL, NULL, "%s cannot be read: %s",
                    doctor->arguments->policy, strerror(-r));
        return;
    }
    problems_sort(&doctor->input.problems);
    if (!doctor->input.policy) {
        tell_problems(doctor, false);
        return;
    }
    doctor_find(doctor, DOCTOR_OK, "policy", NULL, NULL, "%s can be used: %zu site%s", doctor->input.path,
                doctor->input.policy->n_sites, doctor->input.policy->n_sites == 1 ? "" : "s");
    tell_problems(doctor, true);
    for (size_t i = 0; i < doctor->input.policy->n_sites; i++) {
        const struct policy_site *site = &doctor->input.policy->sites[i];

        if (!site->enforce)
            doctor_find(doctor, DOCTOR_NOTE, "policy", site->name, "enforce: yes, once you trust it",
                        "nothing is switched: enforce is no");
        if (*site->token == '/')
            look_at_token_file(doctor, site, site->token);
        else
            look_at_credential(doctor, site);
        look_at_expiry(doctor, site);
    }
}
