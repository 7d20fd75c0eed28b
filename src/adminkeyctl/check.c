// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl check [FILE] [--strict]
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/policy_input.h"
#include "control/status_json.h"
#include "os/clock.h"

static int print_json(const struct problems *problems)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add(&json, "errors", status_json_problems(problems, false));
    json_add(&json, "warnings", status_json_problems(problems, true));
    if (json.failed)
        return -ENOMEM;
    printf("%s\n", json_object_to_json_string_ext(json.object,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return 0;
}

static void print_text(const char *path, const struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        policy_input_print_problem(stdout, path, &problems->list[i]);
    if (problems->n_dropped > 0)
        printf("%s: %zu more\n", path, problems->n_dropped);
    if (problems->n_errors + problems->n_warnings == 0)
        printf("%s: no error, no warning\n", path);
}

int verb_check(const struct arguments *arguments)
{
    const char *path = arguments->operand ? arguments->operand : arguments->policy;
    _cleanup_(policy_input_done) struct policy_input input = {0};
    struct problems *problems = &input.problems;
    int r;

    r = policy_input_read(path, &input);
    if (r == 0 && input.policy)
        r = policy_warn(input.policy, clock_utc(), problems);
    problems_sort(problems);
    if (r == 0 && arguments->json)
        r = print_json(problems);
    if (r < 0) {
        fprintf(stderr, "adminkeyctl: %s cannot be checked: %s\n", path, strerror(-r));
        return STATUS_NO;
    }
    if (!arguments->json)
        print_text(path, problems);
    return problems->n_errors > 0 || (arguments->strict && problems->n_warnings > 0) ? STATUS_NO
                                                                                     : STATUS_DONE;
}
