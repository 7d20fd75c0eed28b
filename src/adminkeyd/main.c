// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyd(8): keeps the admin keys of Confluence Cloud sites as a policy says.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "adminkeyd/manager.h"
#include "adminkeyd/options.h"
#include "adminkeyd/revoke.h"
#include "adminkeyd/test_site.h"

enum exit_status {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_POLICY = 78, /* EX_CONFIG; the unit does not restart then */
};

/* The token passes through this process: neither a core dump nor another process of the user may see it. */
static void close_to_others(void)
{
    static const struct rlimit none = {0};

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)unsetenv("SSLKEYLOGFILE"); /* the TLS library would write the keys of each connection there */
    (void)umask(022);
    (void)signal(SIGPIPE, SIG_IGN);
}

static enum exit_status finish(int r, struct journal journal, const struct error *error)
{
    if (r < 0)
        journal_say(&journal, REPORT_DAEMON_FAILED, NULL, "%s", error->text);
    return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static enum exit_status test(const struct options *options, struct journal journal)
{
    struct error error = {0};
    int r = test_site_run(options, journal, &error);

    switch (r) {
    case 0: return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
    case TEST_SITE_POLICY_REFUSED: return EXIT_POLICY;
    case TEST_SITE_WRONG: return EXIT_USAGE;
    case TEST_SITE_FAILED: return EXIT_FAILED;
    default: return finish(r, journal, &error);
    }
}

static enum exit_status run(const struct options *options)
{
    struct journal journal = journal_find();
    struct error error = {0};
    int r;

    if (options->test_site)
        return test(options, journal);
    if (options->revoke_only) {
        r = revoke_run(options, journal, &error);
        if (r > 0)
            return r == REVOKE_POLICY_REFUSED ? EXIT_POLICY : EXIT_FAILED;
    } else {
        r = manager_run(options, journal, &error);
        if (r == MANAGER_POLICY_REFUSED)
            return EXIT_POLICY;
    }
    return finish(r, journal, &error);
}

int main(int argc, char **argv)
{
    _cleanup_(options_donep) struct options options = {0};
    int r;

    close_to_others();
    r = options_read(argc, argv, &options);
    switch (r) {
    case 0: return run(&options);
    case OPTIONS_ANSWERED: return fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
    case OPTIONS_WRONG: return EXIT_USAGE;
    default: fprintf(stderr, "adminkeyd: cannot start: %s\n", strerror(-r)); return EXIT_FAILED;
    }
}
