// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl explain SITE [--at WHEN]
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/paint.h"
#include "adminkeyctl/policy_input.h"
#include "adminkeyctl/quote.h"
#include "adminkeyctl/when.h"
#include "control/json.h"
#include "engine/cause.h"
#include "os/clock.h"

#define REASONS_MAX 256 /* intervals that are named; the others have no further say */

/* All that there is to say of one instant. */
struct explanation {
    const struct policy_site *site;
    usec at_utc, since_utc; /* since: -USEC_INFINITY: for ever */
    struct calendar_answer answer;
    const struct interval *because[REASONS_MAX]; /* those that cover the instant: excludes first */
    size_t n;
};

static void add_those(struct explanation *explanation, bool excludes)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(explanation->site->calendar, &n);

    for (size_t i = 0; i < n && explanation->n < REASONS_MAX; i++)
        if ((intervals[i].kind == INTERVAL_EXCLUDE) == excludes &&
            interval_at(&intervals[i], explanation->at_utc, NULL, NULL))
            explanation->because[explanation->n++] = &intervals[i];
}

static void explain(const struct policy_site *site, usec at_utc, struct explanation *ret_explanation)
{
    *ret_explanation = (struct explanation){.site = site, .at_utc = at_utc};
    calendar_at(site->calendar, at_utc, &ret_explanation->answer);
    ret_explanation->since_utc = calendar_since(site->calendar, at_utc);
    if (!ret_explanation->answer.on && ret_explanation->answer.because)
        add_those(ret_explanation, true); /* they cut a window here, so they decide */
    add_those(ret_explanation, false);
}

static const char *kind_word(const struct interval *interval)
{
    switch (interval->kind) {
    case INTERVAL_MAINTENANCE_WINDOW: return cause_kind_name(CAUSE_MAINTENANCE_WINDOW);
    case INTERVAL_EXCLUDE: return cause_kind_name(CAUSE_EXCLUDE);
    case INTERVAL_ACTIVE_HOURS:
    case INTERVAL_RENEWAL_WINDOW: break;
    }
    return cause_kind_name(CAUSE_ACTIVE_HOURS);
}

static struct json_object *reason_json(const struct interval *interval)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "kind", kind_word(interval));
    json_add_text_or_null(&json, "name", interval->name);
    json_add_int(&json, "line", interval->line);
    json_add_bool(&json, "on", interval->kind != INTERVAL_EXCLUDE);
    return json_finish(&json);
}

static int print_json(const struct explanation *explanation)
{
    _cleanup_json_ struct json_builder json = json_begin();
    struct json_object *because = json_object_new_array();

    json_add_text(&json, "site", explanation->site->name);
    json_add_instant(&json, "at", explanation->at_utc);
    json_add_bool(&json, "on", explanation->answer.on);
    json_add_instant(&json, "since", explanation->since_utc);
    json_add_instant(&json, "until", explanation->answer.until);
    for (size_t i = 0; because && i < explanation->n; i++)
        if (json_append(because, reason_json(explanation->because[i])) < 0)
            json.failed = true;
    json_add(&json, "because", because);
    if (json.failed)
        return -ENOMEM;
    printf("%s\n", json_object_to_json_string_ext(json.object,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return 0;
}

static void print_end(const char *word, const struct explanation *explanation, usec utc)
{
    const struct zone *zone = explanation->site->zone;
    char local[WHEN_TEXT_MAX], span[PAINT_TIME_MAX];
    bool before = utc < explanation->at_utc;

    if (utc == USEC_INFINITY || utc == -USEC_INFINITY)
        printf("  %s  %s\n", word, before ? "always" : "for ever");
    else
        printf("  %s  %s  (%s %s)\n", word, when_format(local, zone, utc),
               paint_span(span, before ? explanation->at_utc - utc : utc - explanation->at_utc),
               before ? "before" : "later");
}

static void print_reason(const struct policy_input *input, const struct paint *paint,
                         const struct explanation *explanation, const struct interval *interval)
{
    bool exclude = interval->kind == INTERVAL_EXCLUDE;
    bool beaten = !exclude && !explanation->answer.on;

    printf("\n  %s%s%s: %s%s%s\n", paint_begin(paint, COLOUR_BOLD),
           exclude                                         ? "exclude"
           : interval->kind == INTERVAL_MAINTENANCE_WINDOW ? "maintenance window"
                                                           : "active hours",
           paint_end(paint), exclude ? "off" : "on", exclude && explanation->n > 1 ? ", and wins" : "",
           beaten ? ", but an exclude wins" : "");
    quote_interval(stdout, paint, input, interval, beaten ? COLOUR_FAINT : COLOUR_PLAIN);
}

/* Nothing covers the instant: what comes next, then. */
static void print_next(const struct policy_input *input, const struct paint *paint,
                       const struct explanation *explanation)
{
    struct calendar_answer next;

    if (explanation->answer.until == USEC_INFINITY) {
        printf("\n  no window of the policy covers this instant, nor any later one\n");
        return;
    }
    calendar_at(explanation->site->calendar, explanation->answer.until, &next);
    printf("\n  no window of the policy covers this instant; the next is of\n");
    quote_interval(stdout, paint, input, next.because, COLOUR_PLAIN);
}

static void print_text(const struct policy_input *input, const struct paint *paint,
                       const struct explanation *explanation)
{
    bool on = explanation->answer.on;
    char local[WHEN_TEXT_MAX], utc[TIME_TEXT_MAX];

    printf("%s: %s%s%s at %s (%s; %s)\n", explanation->site->name,
           paint_begin(paint, on ? COLOUR_GREEN : COLOUR_BOLD), on ? "on" : "off", paint_end(paint),
           when_format(local, explanation->site->zone, explanation->at_utc),
           zone_name(explanation->site->zone), time_format_rfc3339(utc, explanation->at_utc));
    print_end("since", explanation, explanation->since_utc);
    print_end("until", explanation, explanation->answer.until);
    for (size_t i = 0; i < explanation->n; i++)
        print_reason(input, paint, explanation, explanation->because[i]);
    if (explanation->n == 0)
        print_next(input, paint, explanation);
}

/* What is odd about the time that was asked for. */
static void print_oddity(const struct arguments *arguments, const struct policy_site *site,
                         const struct when *when)
{
    char local[WHEN_TEXT_MAX];

    if (when->skipped)
        printf("The clock of %s skips %s; from the change on, at %s:\n\n", zone_name(site->zone),
               arguments->at, when_format(local, site->zone, when->utc[0]));
    else if (when->n > 1)
        printf("The clock of %s reads %s twice.\n\n", zone_name(site->zone), arguments->at);
}

int verb_explain(const struct arguments *arguments)
{
    _cleanup_(policy_input_done) struct policy_input input = {0};
    struct paint paint = paint_for_stdout(arguments);
    const struct policy_site *site;
    struct error error = {0};
    struct when when;
    int status;

    status = policy_input_open(arguments, &input);
    if (status == STATUS_DONE)
        status = policy_input_find_site(&input, arguments->operand, &site);
    if (status != STATUS_DONE)
        return status;
    if (when_parse(arguments->at ? arguments->at : "now", site->zone, clock_utc(), &when, &error) < 0) {
        fprintf(stderr, "adminkeyctl: --at: %s\n", error.text);
        return STATUS_USAGE;
    }
    if (!arguments->json)
        print_oddity(arguments, site, &when);
    for (size_t i = 0; i < when.n; i++) {
        struct explanation explanation;

        explain(site, when.utc[i], &explanation);
        if (arguments->json && print_json(&explanation) < 0) {
            fprintf(stderr, "adminkeyctl: out of memory\n");
            return STATUS_NO;
        }
        if (!arguments->json && i > 0)
            printf("\n");
        if (!arguments->json)
            print_text(&input, &paint, &explanation);
    }
    return STATUS_DONE;
}
