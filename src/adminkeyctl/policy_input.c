// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/policy_input.h"

#include <errno.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "os/file.h"
#include "os/zone_file.h"

int policy_input_read(const char *path, struct policy_input *ret_input)
{
    const struct zone_reader zones = {.read = zone_file_read};
    struct policy_input *input = ret_input;
    struct error error = {0};
    int r;

    *input = (struct policy_input){.path = path, .text = BYTES_INIT(POLICY_BYTES_MAX)};
    r = file_read(path, POLICY_BYTES_MAX, &input->text, &error);
    if (r < 0)
        return r == -ENOMEM ? r : problems_add(&input->problems, false, 0, 0, "", "%s", error.text);
    r = policy_parse(input->text.data, input->text.size, &zones, &input->problems, &input->policy);
    return r < 0 ? r : 0;
}

void policy_input_done(struct policy_input *input)
{
    input->policy = policy_free(input->policy);
    problems_done(&input->problems);
    bytes_done(&input->text);
}

void policy_input_print_problem(FILE *out, const char *path, const struct problem *problem)
{
    /* Where the file cannot be read, the message is a sentence that names it. */
    if (problem->line > 0)
        fprintf(out, "%s:%u:%u: ", path, problem->line, problem->column);
    fprintf(out, "%s%s%s%s\n", problem->warning ? "warning: " : "", problem->key, *problem->key ? ": " : "",
            problem->message);
}

static void complain(const struct policy_input *input)
{
    for (size_t i = 0; i < input->problems.n; i++)
        if (!input->problems.list[i].warning)
            policy_input_print_problem(stderr, input->path, &input->problems.list[i]);
    if (input->text.size > 0)
        fprintf(stderr, "adminkeyctl: %s is refused; mend it, and try 'adminkeyctl check %s'\n", input->path,
                input->path);
    else
        fprintf(stderr,
                "adminkeyctl: name the policy with --policy FILE, or --user for your own service's\n");
}

int policy_input_open(const struct arguments *arguments, struct policy_input *ret_input)
{
    int r = policy_input_read(arguments->policy, ret_input);

    if (r < 0) {
        fprintf(stderr, "adminkeyctl: %s cannot be read: %s\n", arguments->policy, strerror(-r));
        return STATUS_NO;
    }
    if (ret_input->policy)
        return STATUS_DONE;
    complain(ret_input);
    return STATUS_NO;
}

int policy_input_find_site(const struct policy_input *input, const char *name,
                           const struct policy_site **ret_site)
{
    const struct policy_site *site = policy_find_site(input->policy, name);

    if (site) {
        *ret_site = site;
        return STATUS_DONE;
    }
    fprintf(stderr, "adminkeyctl: %s has no site '%s'; it has", input->path, name);
    for (size_t i = 0; i < input->policy->n_sites; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", input->policy->sites[i].name);
    fprintf(stderr, "\n");
    return STATUS_NO_SITE;
}

bool policy_input_line(const struct policy_input *input, unsigned line, const char **ret_text,
                       size_t *ret_size)
{
    const char *text = bytes_text(&input->text), *end = text + input->text.size, *stop;

    for (unsigned i = 1; i < line && text < end; i++) {
        stop = memchr(text, '\n', (size_t)(end - text));
        text = stop ? stop + 1 : end;
    }
    if (line == 0 || text >= end)
        return false;
    stop = memchr(text, '\n', (size_t)(end - text));
    stop = stop ? stop : end;
    if (stop > text && stop[-1] == '\r')
        stop--;
    *ret_text = text;
    *ret_size = (size_t)(stop - text);
    return true;
}
