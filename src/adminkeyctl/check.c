// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl check [FILE] [--strict]
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/verb.h"
#include "control/status_json.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/zone_file.h"
#include "policy/policy.h"

/* Reads and checks the file; what is wrong about it, also that it cannot be read, goes to `problems`. 0, or a
 * negative errno that has nothing to do with the file. */
static int find_problems(const char *path, struct problems *problems)
{
    const struct zone_reader zones = {.read = zone_file_read};
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(POLICY_BYTES_MAX);
    _cleanup_(policy_freep) struct policy *policy = NULL;
    struct error error = {0};
    int r;

    r = file_read(path, POLICY_BYTES_MAX, &bytes, &error);
    if (r < 0)
        return r == -ENOMEM ? r : problems_add(problems, false, 0, 0, "", "%s", error.text);
    r = policy_parse(bytes.data, bytes.size, &zones, problems, &policy);
    if (r == 0)
        r = policy_warn(policy, clock_utc(), problems);
    problems_sort(problems);
    return r < 0 ? r : 0;
}

static void print_problem(const char *path, const struct problem *problem)
{
    /* Where the file cannot be read, the message is a sentence that names it. */
    if (problem->line > 0)
        printf("%s:%u:%u: ", path, problem->line, problem->column);
    printf("%s%s%s%s\n", problem->warning ? "warning: " : "", problem->key, *problem->key ? ": " : "",
           problem->message);
}

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
        print_problem(path, &problems->list[i]);
    if (problems->n_dropped > 0)
        printf("%s: %zu more\n", path, problems->n_dropped);
    if (problems->n_errors + problems->n_warnings == 0)
        printf("%s: no error, no warning\n", path);
}

int verb_check(const struct arguments *arguments)
{
    const char *path = arguments->operand ? arguments->operand : arguments->policy;
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    int r;

    r = find_problems(path, &problems);
    if (r == 0 && arguments->json)
        r = print_json(&problems);
    if (r < 0) {
        fprintf(stderr, "adminkeyctl: %s cannot be checked: %s\n", path, strerror(-r));
        return STATUS_NO;
    }
    if (!arguments->json)
        print_text(path, &problems);
    return problems.n_errors > 0 || (arguments->strict && problems.n_warnings > 0) ? STATUS_NO : STATUS_DONE;
}
