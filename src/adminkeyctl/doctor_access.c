// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor looks at the way to the daemon: the socket, its directory, and the users and groups of the
 * policy.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adminkeyctl/arguments.h"
#include "adminkeyctl/doctor.h"
#include "base/text.h"
#include "control/bouncer.h"
#include "os/user.h"

#define SERVICE_USER    "adminkeyd"
#define OPEN_MODE       0666
#define SOCKET_PATH_MAX 107 /* the kernel takes no longer one: unix(7) */

/* Whoever can write to the directory can answer in the daemon's place. */
static bool is_directory_safe(struct doctor *doctor, const char *socket)
{
    char directory[SOCKET_PATH_MAX + 1], todo[DOCTOR_WORDS_MAX];
    uid_t service = 0, owner = doctor->arguments->user ? getuid() : 0;
    const char *slash = strrchr(socket, '/');
    struct stat found;

    snprintf(directory, sizeof(directory), "%.*s", slash && slash != socket ? (int)(slash - socket) : 1,
             slash ? socket : ".");
    if (stat(directory, &found) < 0)
        return true; /* and no socket either */
    if (!doctor->arguments->user && user_find(SERVICE_USER, &service) < 0)
        service = 0;
    if ((found.st_uid == owner || found.st_uid == service || found.st_uid == 0) && (found.st_mode & 022) == 0)
        return true;
    snprintf(todo, sizeof(todo), "chmod go-w %s, and see that it is the daemon's or root's", directory);
    doctor_find(doctor, DOCTOR_WRONG, "socket", NULL, todo,
                "others can write to %s, and answer there in the daemon's place", directory);
    return false;
}

static void look_at_socket(struct doctor *doctor)
{
    const char *socket = doctor->arguments->socket;
    struct stat stat;

    if (!is_directory_safe(doctor, socket) || lstat(socket, &stat) < 0)
        return; /* that nobody answers is told elsewhere */
    if (!S_ISSOCK(stat.st_mode))
        doctor_find(doctor, DOCTOR_WRONG, "socket", NULL, "remove it, and restart adminkeyd",
                    "%s is no socket", socket);
    else if ((stat.st_mode & OPEN_MODE) != OPEN_MODE)
        doctor_find(doctor, DOCTOR_WARNING, "socket", NULL, "restart adminkeyd, which makes it anew",
                    "%s is not for everybody to knock at (mode %04o)", socket, stat.st_mode & 07777);
    else
        doctor_find(doctor, DOCTOR_OK, "socket", NULL, NULL,
                    "%s is the daemon's, and for everybody to knock at", socket);
}

/* Names that the policy lets in and this machine does not know. */
static bool are_names_known(struct doctor *doctor)
{
    static const struct principal_finder finder = {.user = user_find, .group = group_find};
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(bouncer_freep) struct bouncer *bouncer = NULL;

    if (!doctor->input.policy)
        return true;
    if (bouncer_new(doctor->input.policy, geteuid(), &finder, &problems, &bouncer) < 0) {
        doctor->failed = true;
        return false;
    }
    for (size_t i = 0; i < problems.n; i++)
        doctor_find(doctor, DOCTOR_WARNING, "groups", NULL,
                    "correct the name, or make it (useradd, groupadd)", "%s: %s", problems.list[i].key,
                    problems.list[i].message);
    return problems.n == 0;
}

static bool names(const struct policy_principals *principals, const char *group)
{
    for (size_t i = 0; !principals->by_default && i < principals->n_groups; i++)
        if (text_equal(principals->groups[i], group))
            return true;
    return false;
}

static void look_at_viewers(struct doctor *doctor, bool known)
{
    const struct policy *policy = doctor->input.policy;
    gid_t gid;

    if (group_find(POLICY_VIEWERS_GROUP, &gid) == 0) {
        if (known)
            doctor_find(doctor, DOCTOR_OK, "groups", NULL, NULL,
                        "the group " POLICY_VIEWERS_GROUP " is there%s",
                        policy ? ", and whoever the policy lets in" : "");
    } else if (!policy || !(names(&policy->operators, POLICY_VIEWERS_GROUP) ||
                            names(&policy->viewers, POLICY_VIEWERS_GROUP))) { /* else it was told */
        doctor_find(doctor, DOCTOR_WARNING, "groups", NULL, "systemd-sysusers",
                    "there is no group " POLICY_VIEWERS_GROUP ", whose members may look");
    }
}

void doctor_look_at_access(struct doctor *doctor)
{
    bool known;

    look_at_socket(doctor);
    known = are_names_known(doctor);
    if (!doctor->arguments->user) /* else it is its owner's alone */
        look_at_viewers(doctor, known);
}
