// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/transitions.h"

#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/when.h"

#define CAUSE_INDENT   7
#define CAUSE_TEXT_MAX 1600 /* name and reason at their longest, and what stands around them */

/* Words of at most paint->width columns, all lines indented; a word that is longer stands alone. */
static void put_wrapped(FILE *out, const struct paint *paint, const char *text)
{
    size_t column = 0;

    for (const char *word = text; *word; word += strspn(word, " ")) {
        size_t size = strcspn(word, " "), columns = 0;

        for (size_t i = 0; i < size; i++) /* characters, not bytes */
            columns += ((unsigned char)word[i] & 0xc0) != 0x80;
        if (column > 0 && column + 1 + columns <= paint->width) {
            fputc(' ', out);
            column += 1 + columns;
        } else {
            fprintf(out, "%s%*s", column > 0 ? "\n" : "", CAUSE_INDENT, "");
            column = CAUSE_INDENT + columns;
        }
        fwrite(word, 1, size, out);
        word += size;
    }
    fputc('\n', out);
}

static void tell_cause(FILE *out, const struct paint *paint, const struct interval *interval)
{
    char text[CAUSE_TEXT_MAX];

    snprintf(text, sizeof(text), "%s%s%s%s%s%s%s, line %u",
             interval->kind == INTERVAL_EXCLUDE              ? "exclude"
             : interval->kind == INTERVAL_MAINTENANCE_WINDOW ? "maintenance"
                                                             : "active hours",
             interval->name ? " '" : "", interval->name ? interval->name : "", interval->name ? "'" : "",
             interval->reason ? " (" : "", interval->reason ? interval->reason : "",
             interval->reason ? ")" : "", interval->line);
    put_wrapped(out, paint, text);
}

static bool has_window(const struct calendar *calendar, struct hours_window stretch)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(calendar, &n);

    for (size_t i = 0; i < n; i++)
        if (hours_is_cause(&intervals[i], stretch.from_utc, stretch.until_utc))
            return true;
    return false;
}

static void tell_windows(FILE *out, const struct paint *paint, const struct calendar *calendar,
                         struct hours_window stretch)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(calendar, &n);

    for (size_t i = 0; i < n; i++)
        if (hours_is_cause(&intervals[i], stretch.from_utc, stretch.until_utc))
            tell_cause(out, paint, &intervals[i]);
}

/* The excludes but for which the key would be on somewhere in the stretch. */
static void tell_excludes(FILE *out, const struct paint *paint, const struct calendar *calendar,
                          struct hours_window stretch)
{
    const struct interval *told = NULL;
    struct calendar_answer answer;
    usec until_utc;

    for (usec utc = stretch.from_utc; utc < stretch.until_utc; utc = until_utc) {
        calendar_excluded_at(calendar, utc, &answer);
        until_utc = answer.until;
        if (!answer.on)
            continue;
        interval_at(answer.because, utc, NULL, &until_utc);
        until_utc = usec_min(until_utc, stretch.until_utc);
        if (answer.because == told || !has_window(calendar, (struct hours_window){utc, until_utc}))
            continue;
        told = answer.because;
        tell_cause(out, paint, told);
    }
}

static void tell_stretch(FILE *out, const struct paint *paint, const struct zone *zone, bool on,
                         struct hours_window stretch)
{
    char local[WHEN_TEXT_MAX], utc[TIME_TEXT_MAX], length[PAINT_TIME_MAX];

    fprintf(out, "  %s%-3s%s  ", paint_begin(paint, on ? COLOUR_GREEN : COLOUR_PLAIN), on ? "on" : "off",
            paint_end(paint));
    if (stretch.from_utc == -USEC_INFINITY) {
        fprintf(out, "%s\n", stretch.until_utc == USEC_INFINITY ? "always" : "from the first");
        return;
    }
    fprintf(out, "%-30s  %.19sZ  %s%s\n", when_format(local, zone, stretch.from_utc),
            time_format_rfc3339(utc, stretch.from_utc), /* calendars know whole seconds */
            stretch.until_utc == USEC_INFINITY ? "for ever" : "for ",
            stretch.until_utc == USEC_INFINITY ? ""
                                               : paint_span(length, stretch.until_utc - stretch.from_utc));
}

void transitions_tell(FILE *out, const struct paint *paint, const struct policy_site *site,
                      struct hours_window shown)
{
    struct hours_window stretch = {.from_utc = calendar_since(site->calendar, shown.from_utc)};
    struct calendar_answer answer;

    for (usec utc = shown.from_utc; utc < shown.until_utc; utc = stretch.from_utc = stretch.until_utc) {
        calendar_at(site->calendar, utc, &answer);
        stretch.until_utc = answer.until;
        tell_stretch(out, paint, site->zone, answer.on, stretch);
        if (answer.on && stretch.from_utc != -USEC_INFINITY)
            tell_windows(out, paint, site->calendar, stretch);
        else if (answer.on)
            tell_windows(out, paint, site->calendar, (struct hours_window){utc, answer.until});
        else
            tell_excludes(out, paint, site->calendar,
                          (struct hours_window){utc, usec_min(answer.until, shown.until_utc)});
    }
}

static void tell_change(FILE *out, const struct paint *paint, const struct zone *zone,
                        const struct zone_transition *change)
{
    char before[WHEN_TEXT_MAX], after[WHEN_TEXT_MAX], length[DURATION_TEXT_MAX];
    usec shift = (change->offset - change->offset_before) * USEC_PER_SEC;
    size_t date = sizeof("Mon 2026-11-23 ") - 1;

    when_format_wall(before, change->utc + change->offset_before * USEC_PER_SEC, change->offset_before);
    when_format(after, zone, change->utc);
    fprintf(out, "  %sclock%s  %s becomes %s\n", paint_begin(paint, COLOUR_BOLD), paint_end(paint), before,
            strncmp(before, after, date) == 0 ? after + date : after);
    if (llabs(shift) < USEC_PER_DAY)
        fprintf(out, "         at the capital or ':'; from there the ruler is %s %s the clock\n",
                duration_format(length, llabs(shift)), shift < 0 ? "ahead of" : "behind");
}

void transitions_tell_clock(FILE *out, const struct paint *paint, const struct zone *zone,
                            struct hours_window shown)
{
    const struct zone_transition *change = zone_next_transition(zone, shown.from_utc - 1);

    for (; change && change->utc < shown.until_utc; change = zone_next_transition(zone, change->utc))
        tell_change(out, paint, zone, change);
}
