// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/status_text.h"

#include <string.h>

#include "base/text.h"

#define BAR_COLUMNS   24
#define ERRORS_SHOWN  5
#define TOKEN_WARNING (14 * USEC_PER_DAY)
#define LABEL         "%10s: "

/* The state in words, without times. */
static const char *state_words(const struct site_view *view)
{
    static const char *const words[] = {
        [SITE_OFF] = "off",
        [SITE_ENABLING] = "being switched on",
        [SITE_ON] = "on",
        [SITE_DISABLING] = "being switched off",
        [SITE_UNKNOWN] = "not known until the site answers",
        [SITE_BLOCKED] = "blocked by the site",
    };

    return words[view->state];
}

static bool has_life(const struct site_view *view, usec now_utc)
{
    return view->expires_utc != STATUS_NEVER && view->expires_utc > now_utc;
}

static void print_headline(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc)
{
    char span[PAINT_TIME_MAX];

    paint_dot(out, paint, view);
    fprintf(out, " %s%s%s: %s%s%s", paint_begin(paint, COLOUR_BOLD), view->site, paint_end(paint),
            paint_begin(paint, paint_colour_of(view)), state_words(view), paint_end(paint));
    if (view->state == SITE_ON && has_life(view, now_utc))
        fprintf(out, ", %s left", paint_span(span, view->expires_utc - now_utc));
    if (!view->agrees)
        fprintf(out, ", %sbut the policy wants it %s%s", paint_begin(paint, COLOUR_RED),
                view->goal_on ? "on" : "off", paint_end(paint));
    fprintf(out, "\n");
}

/* A whole life that fits what is left: the site grants up to an hour, and most policies ask for a round time.
 */
static usec guess_life(usec left)
{
    static const unsigned minutes[] = {1, 2, 5, 10, 15, 20, 30, 45, 60};

    for (size_t i = 0; i < ARRAY_SIZE(minutes); i++)
        if (left <= minutes[i] * USEC_PER_MINUTE)
            return minutes[i] * USEC_PER_MINUTE;
    return left;
}

static void print_key(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc,
                      usec life)
{
    char time[PAINT_TIME_MAX];

    if (has_life(view, now_utc)) {
        usec left = view->expires_utc - now_utc;

        fprintf(out, LABEL, "Key");
        if (paint->bars) {
            paint_bar(out, paint, BAR_COLUMNS, left, life > 0 ? life : guess_life(left));
            fprintf(out, " ");
        }
        fprintf(out, "until %s\n", paint_time(time, view->expires_utc, now_utc));
    } else if (view->proved_off_utc != STATUS_NEVER) {
        fprintf(out, LABEL "off, proved at %s\n", "Key", paint_time(time, view->proved_off_utc, now_utc));
    }
}

static const char *cause_words(const char *kind)
{
    static const char *const rows[][2] = {
        {"active_hours", "active hours"},
        {"maintenance_window", "maintenance window"},
        {"exclude", "excluded"},
        {"hold", "asked for"},
        {"run", "a command runs under it"},
        {"break_glass", "break-glass"},
        {"disable", "switched off by hand"},
        {"limit", "a limit is spent"},
        {"sleep", "the machine is about to sleep"},
        {"lock", "the session is locked"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (text_equal(rows[i][0], kind))
            return rows[i][1];
    return kind;
}

static void print_cause_words(FILE *out, const struct site_view *view)
{
    fprintf(out, "%s", cause_words(view->cause.kind));
    if (view->cause.name)
        fprintf(out, " '%s'", view->cause.name);
    if (view->cause.reason)
        fprintf(out, " (%s)", view->cause.reason);
}

static void print_cause(FILE *out, const struct site_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX];

    if (!view->cause.kind)
        return;
    fprintf(out, LABEL, "Because");
    print_cause_words(out, view);
    if (view->cause.line > 0)
        fprintf(out, ", line %u of the policy", view->cause.line);
    if (view->cause.until_utc != STATUS_NEVER)
        fprintf(out, ", until %s", paint_time(time, view->cause.until_utc, now_utc));
    fprintf(out, "\n");
}

/* "renewal at 14:03:05 CET, in 20m", with what joins it to the one before. */
static void print_step(FILE *out, const char *joint, const char *what, usec at_utc, usec now_utc)
{
    char time[PAINT_TIME_MAX], span[PAINT_TIME_MAX];

    fprintf(out, "%s%s at %s", joint, what, paint_time(time, at_utc, now_utc));
    if (at_utc > now_utc)
        fprintf(out, ", in %s", paint_span(span, at_utc - now_utc));
}

static void print_next(FILE *out, const struct site_view *view, usec now_utc)
{
    bool renews = view->renews_utc != STATUS_NEVER, changes = view->next_change_utc != STATUS_NEVER;

    fprintf(out, LABEL, "Next");
    if (renews)
        print_step(out, "", "renewal", view->renews_utc, now_utc);
    if (changes)
        print_step(out, renews ? "; " : "", view->next_change_on ? "on" : "off", view->next_change_utc,
                   now_utc);
    if (!renews && !changes)
        fprintf(out, view->failures > 0 ? "another try" : "nothing, as the policy stands");
    fprintf(out, "\n");
}

static void print_outage(FILE *out, const struct site_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX], span[PAINT_TIME_MAX];
    usec until = view->outage_tolerated_until_utc;

    if (until == STATUS_NEVER || until <= now_utc)
        return;
    fprintf(out, LABEL "the site may be out of reach until %s, %s from now\n", "Outage",
            paint_time(time, until, now_utc), paint_span(span, until - now_utc));
}

static void print_error(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX];
    enum verdict verdict;

    if (!view->error.verdict)
        return;
    fprintf(out, LABEL "%s%s%s", "Error", paint_begin(paint, paint_colour_of(view)),
            view->error.detail ? view->error.detail : view->error.verdict, paint_end(paint));
    if (view->error.at_utc != STATUS_NEVER)
        fprintf(out, " at %s", paint_time(time, view->error.at_utc, now_utc));
    if (view->failures > 1)
        fprintf(out, ", %u in a row", view->failures);
    if (view->error.request_id)
        fprintf(out, ", request %s", view->error.request_id);
    fprintf(out, "\n");
    if (verdict_parse(view->error.verdict, &verdict) == 0)
        fprintf(out, "%12s%s\n", "", verdict_words(verdict));
}

static void print_limit(FILE *out, const struct view_limit *limit, const char *label, const char *words,
                        usec now_utc)
{
    char used[PAINT_TIME_MAX], whole[PAINT_TIME_MAX], time[PAINT_TIME_MAX];

    if (limit->limit == 0)
        return;
    fprintf(out, LABEL "%s of %s %s", label, paint_span(used, limit->used), paint_span(whole, limit->limit),
            words);
    if (limit->until_utc != STATUS_NEVER)
        fprintf(out, ": spent until %s", paint_time(time, limit->until_utc, now_utc));
    fprintf(out, "\n");
}

static void print_limits(FILE *out, const struct site_view *view, usec now_utc)
{
    print_limit(out, &view->continuous, "Limit", "at a stretch", now_utc);
    print_limit(out, &view->per_day, view->continuous.limit > 0 ? "" : "Limit", "a day", now_utc);
}

static void print_remarks(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX];

    if (!view->enforce)
        fprintf(out, LABEL "enforce: no, so nothing is switched, only told\n", "Note");
    if (view->clock_offset_ms != 0)
        fprintf(out, LABEL "the site's is %lld.%03lld s %s this machine's\n", "Clock",
                llabs(view->clock_offset_ms) / 1000LL, llabs(view->clock_offset_ms) % 1000LL,
                view->clock_offset_ms > 0 ? "ahead of" : "behind");
    if (view->foreign_seen_utc != STATUS_NEVER || view->foreign_expires_utc != STATUS_NEVER) {
        fprintf(out, LABEL "%sa key that was not enabled here is on", "Foreign",
                paint_begin(paint, COLOUR_YELLOW));
        if (view->foreign_expires_utc != STATUS_NEVER)
            fprintf(out, " until %s", paint_time(time, view->foreign_expires_utc, now_utc));
        fprintf(out, "%s\n", paint_end(paint));
    }
    if (view->token_expires_utc != STATUS_NEVER && view->token_expires_utc - now_utc < TOKEN_WARNING)
        fprintf(out, LABEL "%s%s %s: make a new one%s\n", "Token", paint_begin(paint, COLOUR_YELLOW),
                view->token_expires_utc > now_utc ? "expires" : "has expired",
                paint_time(time, view->token_expires_utc, now_utc), paint_end(paint));
}

void status_text_site(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc,
                      usec life)
{
    print_headline(out, paint, view, now_utc);
    fprintf(out, LABEL "%s as %s\n", "Site", view->url, view->user);
    print_key(out, paint, view, now_utc, life);
    print_cause(out, view, now_utc);
    print_next(out, view, now_utc);
    print_limits(out, view, now_utc);
    print_outage(out, view, now_utc);
    print_error(out, paint, view, now_utc);
    print_remarks(out, paint, view, now_utc);
}

void status_text_change(FILE *out, const struct site_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX];

    fprintf(out, "%s %s", view->site, state_words(view));
    if (view->expires_utc != STATUS_NEVER)
        fprintf(out, " until %s", paint_time(time, view->expires_utc, now_utc));
    if (!view->agrees)
        fprintf(out, ", but the policy wants it %s", view->goal_on ? "on" : "off");
    if (view->cause.kind) {
        fprintf(out, ", ");
        print_cause_words(out, view);
    }
    if (view->error.verdict)
        fprintf(out, ", %s", view->error.detail ? view->error.detail : view->error.verdict);
}

void status_text_line(FILE *out, const struct paint *paint, const struct site_view *view, usec now_utc,
                      usec life)
{
    char span[PAINT_TIME_MAX];

    paint_dot(out, paint, view);
    fprintf(out, " %s%-20s%s ", paint_begin(paint, COLOUR_BOLD), view->site, paint_end(paint));
    if (view->state == SITE_ON && has_life(view, now_utc)) {
        usec left = view->expires_utc - now_utc;

        fprintf(out, "%son%s, ", paint_begin(paint, paint_colour_of(view)), paint_end(paint));
        if (paint->bars) {
            paint_bar(out, paint, BAR_COLUMNS, left, life > 0 ? life : guess_life(left));
            fprintf(out, " ");
        }
        fprintf(out, "%s left", paint_span(span, left));
    } else {
        fprintf(out, "%s%s%s", paint_begin(paint, paint_colour_of(view)), state_words(view),
                paint_end(paint));
    }
    if (!view->agrees)
        fprintf(out, ", but the policy wants it %s", view->goal_on ? "on" : "off");
    if (view->error.verdict)
        fprintf(out, ", %s", view->error.detail ? view->error.detail : view->error.verdict);
    else if (view->next_change_utc > now_utc)
        fprintf(out, ", %s in %s", view->next_change_on ? "on" : "off",
                paint_span(span, view->next_change_utc - now_utc));
    fprintf(out, "\n");
}

static void print_rejected(FILE *out, const struct paint *paint, const struct daemon_view *view, usec now_utc)
{
    size_t n = view->rejected ? json_object_array_length(view->rejected) : 0;
    char time[PAINT_TIME_MAX];

    fprintf(out, "%12s%sthe file as of %s was refused, and the one before it stays in force:%s\n", "",
            paint_begin(paint, COLOUR_RED), paint_time(time, view->rejected_utc, now_utc), paint_end(paint));
    for (size_t i = 0; i < n && i < ERRORS_SHOWN; i++) {
        struct json_object *problem = json_object_array_get_idx(view->rejected, i);
        struct json_object *line = view_member(problem, "line", json_type_int);
        const char *key = view_text(problem, "key"), *message = view_text(problem, "message");

        fprintf(out, "%12s", "");
        if (line)
            fprintf(out, "line %d: ", json_object_get_int(line));
        fprintf(out, "%s%s%s\n", key ? key : "", key && *key ? ": " : "", message ? message : "?");
    }
    if (n > ERRORS_SHOWN)
        fprintf(out, "%12sand %zu more: 'adminkeyctl check' tells them all\n", "", n - ERRORS_SHOWN);
}

void status_text_daemon(FILE *out, const struct paint *paint, const struct daemon_view *view, usec now_utc)
{
    char time[PAINT_TIME_MAX];

    fprintf(out, LABEL "adminkeyd %s", "Daemon", view->version);
    if (view->since_utc != STATUS_NEVER)
        fprintf(out, ", since %s", paint_time(time, view->since_utc, now_utc));
    fprintf(out, "\n" LABEL "%s", "Policy", view->policy_path);
    if (view->policy_loaded_utc != STATUS_NEVER)
        fprintf(out, ", loaded %s", paint_time(time, view->policy_loaded_utc, now_utc));
    fprintf(out, "\n");
    if (view->rejected_utc != STATUS_NEVER)
        print_rejected(out, paint, view, now_utc);
    for (size_t i = 0; view->notices && i < json_object_array_length(view->notices); i++) {
        struct json_object *notice = json_object_array_get_idx(view->notices, i);

        if (json_object_is_type(notice, json_type_string))
            fprintf(out, LABEL "%s\n", "Notice", json_object_get_string(notice));
    }
}
