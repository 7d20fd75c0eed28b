// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adminkeyctl/daemon_path.h"
#include "adminkeyctl/setup_policy.h"
#include "os/file.h"
#include "os/process.h"

#define ANSWER_BYTES_MAX 65536

struct room {
    char directory[PATH_MAX], policy[PATH_MAX + 16], token[PATH_MAX + 16];
};

/* Not somebody else's, whose it is after a "sudo -E". */
static bool is_own(const char *directory)
{
    struct stat stat;

    return directory && lstat(directory, &stat) == 0 && stat.st_uid == geteuid();
}

/* In memory where there is such a place, on the disk else. */
static int open_room(struct room *room, struct error *ret_error)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *places[] = {is_own(runtime) ? runtime : NULL, geteuid() == 0 ? RUNSTATEDIR : NULL, "/tmp"};
    int r;

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        if (!places[i] || *places[i] != '/')
            continue;
        snprintf(room->directory, sizeof(room->directory), "%s/adminkeyd-setup.XXXXXX", places[i]);
        if (mkdtemp(room->directory)) {
            snprintf(room->policy, sizeof(room->policy), "%s/policy.yaml", room->directory);
            snprintf(room->token, sizeof(room->token), "%s/token", room->directory);
            return 0;
        }
    }
    r = -errno;
    *room->directory = '\0';
    error_set(ret_error, "no directory for the test can be made in /tmp: %s", strerror(-r));
    return r;
}

static void close_room(struct room *room)
{
    if (!*room->directory)
        return;
    unlink(room->policy);
    unlink(room->token);
    rmdir(room->directory);
}

static int furnish(const struct room *room, const struct setup_answers *answers, struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes policy = BYTES_INIT(ANSWER_BYTES_MAX);
    struct setup_answers plain = *answers;
    int r;

    plain.text[ANSWER_ENFORCE] = NULL; /* whoever consents to a trial consents to it */
    r = setup_policy_write_new(&plain, room->token, &policy);
    if (r == 0)
        r = setup_policy_check(&policy, ret_error);
    if (r > 0)
        return -EINVAL;
    if (r == 0)
        r = file_write(room->policy, bytes_text(&policy), policy.size, 0600, ret_error);
    if (r == 0)
        r = file_write(room->token, answers->token->bytes, answers->token->size, 0600, ret_error);
    return r;
}

static int ask_daemon(const struct room *room, const struct setup_answers *answers, struct bytes *output,
                      struct error *ret_error)
{
    const char *trial = answers->text[ANSWER_TEST_ENABLE];
    char path[PATH_MAX];
    const char *arguments[] = {path,
                               "--policy",
                               room->policy,
                               "--test-site",
                               answers->text[ANSWER_SITE_NAME],
                               "--json",
                               trial && *trial == 'y' ? "--enable" : NULL,
                               NULL};
    const struct process_run run = {.arguments = arguments, .output = output};
    int status = 0, r;

    daemon_path_find(path);
    r = process_run(&run, &status);
    if (r < 0) {
        error_set(ret_error, "%s cannot be run: %s", path, strerror(-r));
        return r;
    }
    if (status == 0 || status == 1)
        return 0;
    error_set(ret_error, "%s could not test the site, and ended with %d", path, status);
    return -EIO;
}

static int test(const struct setup_answers *answers, struct setup_finding *ret_finding,
                struct error *ret_error)
{
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(ANSWER_BYTES_MAX);
    _cleanup_(close_room) struct room room = {0};
    int r;

    r = open_room(&room, ret_error);
    if (r == 0)
        r = furnish(&room, answers, ret_error);
    if (r == 0)
        r = ask_daemon(&room, answers, &output, ret_error);
    if (r < 0)
        return r;
    r = setup_test_judge(bytes_text(&output), output.size, ret_finding);
    if (r < 0)
        error_set(ret_error, "what adminkeyd says of the site cannot be understood");
    return r;
}

/* A signal that would end the program waits until the token is gone from the disk; the daemon's program,
 * which gets it too, ends at once. */
int setup_test(const struct setup_answers *answers, struct setup_finding *ret_finding,
               struct error *ret_error)
{
    sigset_t ending, before;
    int r;

    sigemptyset(&ending);
    sigaddset(&ending, SIGHUP);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGQUIT);
    sigaddset(&ending, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &ending, &before) < 0)
        return -errno;
    r = test(answers, ret_finding, ret_error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return r;
}
