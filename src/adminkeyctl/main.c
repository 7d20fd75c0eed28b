// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl: asks adminkeyd what it does, and checks policies. Answers go to stdout, complaints to stderr,
 * each saying what to do next.
 */

#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "adminkeyctl/arguments.h"
#include "adminkeyctl/exit_status.h"
#include "base/cleanup.h"

int main(int argc, char **argv)
{
    _cleanup_(arguments_done) struct arguments complete = {0};
    struct arguments arguments;
    const struct verb *verb;
    int status;

    setlocale(LC_CTYPE, ""); /* whether the terminal knows more than ASCII */
    status = arguments_parse(argc, argv, &arguments, &verb);
    if (status != STATUS_DONE)
        return status;
    if (arguments.help || arguments.version || arguments.list_commands) {
        if (arguments.help)
            arguments_help(verb);
        else if (arguments.version)
            printf("adminkeyctl %s\n", PACKAGE_VERSION);
        else
            arguments_list();
    } else {
        complete = arguments;
        status = arguments_complete(&complete);
        if (status == STATUS_DONE)
            status = verb->run(&complete);
    }
    if (fflush(stdout) == EOF || ferror(stdout)) {
        perror("adminkeyctl: the answer cannot be written");
        return status == STATUS_DONE ? STATUS_NO : status;
    }
    return status;
}
