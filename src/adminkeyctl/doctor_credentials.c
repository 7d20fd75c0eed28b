// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor looks at the directories of credentials. The daemon's unit loads them whole: whatever in them
 * cannot be loaded, be it of a site of the policy or not, keeps it from starting.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adminkeyctl/doctor.h"
#include "adminkeyctl/setup_store.h"
#include "base/text.h"

#define CREDENTIALS           SYSCONFDIR "/adminkeyd/credentials"
#define CREDENTIALS_ENCRYPTED SYSCONFDIR "/adminkeyd/credentials.encrypted"
#define NO_START              "adminkeyd does not start"

static bool is_named(const struct policy *policy, const char *file)
{
    for (size_t i = 0; i < policy->n_sites; i++)
        if (text_equal(policy->sites[i].token, file))
            return true;
    return false;
}

static void try_to_decrypt(struct doctor *doctor, const char *file, const char *path)
{
    int r = setup_store_try_decrypt(false, file, path);
    char todo[DOCTOR_WORDS_MAX];

    snprintf(todo, sizeof(todo), "remove it, or make it anew: systemd-creds encrypt --name=adminkeyd_%s - %s",
             file, path);
    if (r == -EBADMSG)
        doctor_find(doctor, DOCTOR_WRONG, "token", NULL, todo, "%s cannot be decrypted: " NO_START, path);
    else if (r < 0)
        doctor_find(doctor, DOCTOR_NOTE, "token", NULL, NULL, "systemd-creds cannot tell of %s: %s", path,
                    strerror(-r));
}

/* systemd loads regular files, those of directories below as well, and leaves symbolic links alone. */
static void look_at_entry(struct doctor *doctor, const char *directory, const char *file)
{
    char path[sizeof(CREDENTIALS_ENCRYPTED) + 1 + NAME_MAX];
    struct stat stat;

    snprintf(path, sizeof(path), "%s/%s", directory, file);
    if (lstat(path, &stat) < 0)
        return; /* it was on its way */
    if (S_ISDIR(stat.st_mode))
        doctor_find(doctor, DOCTOR_WARNING, "token", NULL, "move it elsewhere",
                    "%s is a directory, and systemd loads what lies in it, too", path);
    if (!S_ISREG(stat.st_mode))
        return;
    if (text_equal(directory, CREDENTIALS_ENCRYPTED))
        try_to_decrypt(doctor, file, path);
    if (doctor->input.policy && !is_named(doctor->input.policy, file))
        doctor_find(doctor, DOCTOR_NOTE, "token", NULL, "remove it, if nobody needs it",
                    "%s is loaded, and no site of the policy names it", path);
}

static void look_at_directory(struct doctor *doctor, const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;

    if (!directory && errno == ENOENT)
        doctor_find(doctor, DOCTOR_WRONG, "token", NULL, "systemd-tmpfiles --create",
                    "%s is missing: " NO_START, path);
    else if (!directory)
        doctor_find(doctor, DOCTOR_WRONG, "token", NULL,
                    "remove what is there, then systemd-tmpfiles --create", "%s cannot be looked through: %s",
                    path, strerror(errno));
    /* What begins with a dot is not loaded. */
    while (directory && (entry = readdir(directory)))
        if (*entry->d_name != '.')
            look_at_entry(doctor, path, entry->d_name);
    if (directory)
        closedir(directory);
}

void doctor_look_at_credentials(struct doctor *doctor)
{
    if (doctor->arguments->user || geteuid() != 0)
        return; /* a user's units load no directory, and the system's are for root to see */
    look_at_directory(doctor, CREDENTIALS_ENCRYPTED);
    look_at_directory(doctor, CREDENTIALS);
}
