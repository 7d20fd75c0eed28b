// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl doctor
 */
#include "adminkeyctl/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/paint.h"
#include "adminkeyctl/progress.h"
#include "base/text.h"
#include "control/json.h"

#define CHECK_COLUMNS 8

static const struct {
    const char *name, *mark;
    enum colour colour;
} levels[] = {
    [DOCTOR_OK] = {"ok", "ok", COLOUR_GREEN},
    [DOCTOR_NOTE] = {"note", "--", COLOUR_FAINT},
    [DOCTOR_WARNING] = {"warning", "!!", COLOUR_YELLOW},
    [DOCTOR_WRONG] = {"wrong", "XX", COLOUR_RED},
};

void doctor_find(struct doctor *doctor, enum doctor_level level, const char *check, const char *site,
                 const char *todo, const char *format, ...)
{
    struct doctor_finding *finding;
    va_list arguments;

    doctor->n_of[level]++;
    if (doctor->n == DOCTOR_FINDINGS_MAX)
        return;
    if (!doctor->findings)
        doctor->findings = calloc(DOCTOR_FINDINGS_MAX, sizeof(*doctor->findings));
    if (!doctor->findings) {
        doctor->failed = true;
        return;
    }
    finding = &doctor->findings[doctor->n++];
    finding->level = level;
    finding->check = check;
    text_copy(finding->site, sizeof(finding->site), site ? site : "");
    text_copy(finding->todo, sizeof(finding->todo), todo ? todo : "");
    va_start(arguments, format);
    vsnprintf(finding->finding, sizeof(finding->finding), format, arguments);
    va_end(arguments);
}

const char *doctor_user_option(const struct doctor *doctor)
{
    return doctor->arguments->user ? "--user " : "";
}

static void doctor_done(struct doctor *doctor)
{
    policy_input_done(&doctor->input);
    free(doctor->findings);
}

/* Prints words, broken where they say so and where the terminal ends, all but the first line indented. */
static void print_words(const char *words, unsigned indent, unsigned width)
{
    unsigned column = indent;

    while (*words) {
        size_t length = strcspn(words, " \n");

        if (column > indent && column + 1 + length > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            printf(" ");
            column++;
        }
        printf("%.*s", (int)length, words);
        column += (unsigned)length;
        words += length;
        words += strspn(words, " ");
        if (*words == '\n') {
            printf("\n%*s", (int)indent, "");
            column = indent;
            words += 1 + strspn(words + 1, " ");
        }
    }
    printf("\n");
}

static void print_finding(const struct paint *paint, const struct doctor_finding *finding)
{
    unsigned indent = 4 + CHECK_COLUMNS, width = paint->width > 40 ? paint->width : 80;
    char words[DOCTOR_WORDS_MAX + 80];

    printf("%s%s%s  %-*s", paint_begin(paint, levels[finding->level].colour), levels[finding->level].mark,
           paint_end(paint), CHECK_COLUMNS, finding->check);
    snprintf(words, sizeof(words), "%s%s%s", finding->site, *finding->site ? ": " : "", finding->finding);
    print_words(words, indent, width);
    if (!*finding->todo)
        return;
    printf("%*s-> ", (int)indent, "");
    print_words(finding->todo, indent + 3, width);
}

static void print_text(const struct doctor *doctor)
{
    struct paint paint = paint_for_stdout(doctor->arguments);

    for (size_t i = 0; i < doctor->n; i++)
        print_finding(&paint, &doctor->findings[i]);
    printf("\n%zu wrong, %zu to be looked after, %zu well\n", doctor->n_of[DOCTOR_WRONG],
           doctor->n_of[DOCTOR_WARNING], doctor->n_of[DOCTOR_OK]);
}

static struct json_object *finding_json(const struct doctor_finding *finding)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "check", finding->check);
    json_add_text(&json, "site", *finding->site ? finding->site : NULL);
    json_add_text(&json, "level", levels[finding->level].name);
    json_add_text(&json, "finding", finding->finding);
    json_add_text(&json, "todo", *finding->todo ? finding->todo : NULL);
    return json_finish(&json);
}

static void print_json(struct doctor *doctor)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();
    _cleanup_json_ struct json_builder json = json_begin();

    doctor->failed |= !array;
    for (size_t i = 0; !doctor->failed && i < doctor->n; i++)
        doctor->failed |= json_append(array, finding_json(&doctor->findings[i])) < 0;
    if (doctor->failed)
        return;
    json_add(&json, "findings", steal_pointer(&array));
    doctor->failed = json.failed;
    if (!json.failed)
        printf("%s\n", json_object_to_json_string_ext(json.object, JSON_C_TO_STRING_PLAIN |
                                                                       JSON_C_TO_STRING_NOSLASHESCAPE));
}

int verb_doctor(const struct arguments *arguments)
{
    static void (*const parts[])(struct doctor * doctor) = {
        doctor_look_at_policy, doctor_look_at_credentials, doctor_look_at_service, doctor_look_at_access,
        doctor_look_at_daemon, doctor_look_at_machine,     doctor_look_at_sites,
    };
    _cleanup_(doctor_done) struct doctor doctor = {.arguments = arguments};
    struct progress progress = progress_for_stderr("looking");

    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        progress_show(&progress, (usec)i, (usec)ARRAY_SIZE(parts));
        parts[i](&doctor);
    }
    progress_end(&progress);
    if (arguments->json)
        print_json(&doctor);
    else
        print_text(&doctor);
    if (doctor.failed) {
        fprintf(stderr, "adminkeyctl: out of memory\n");
        return STATUS_NO;
    }
    return doctor.n_of[DOCTOR_WRONG] > 0 ? STATUS_DEGRADED : STATUS_DONE;
}
