// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/picture.h"

#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/hours.h"
#include "adminkeyctl/when.h"

#define LABEL_COLUMNS 16 /* "Mon 2026-11-23  " */
#define NOTE_COLUMNS  6  /* "  25 h" */
#define LONGEST_DAY   25 /* hours, for which there is room */

/* How each kind of cell looks. */
enum look {
    LOOK_OFF,
    LOOK_ACTIVE,
    LOOK_MAINTENANCE,
    LOOK_EXCLUDED,
};

static const struct {
    char letter, letter_at_change;
    const char *block;
    enum colour colour;
    const char *words;
} looks[] = {
    [LOOK_OFF] = {'.', ':', "·", COLOUR_FAINT, "off"},
    [LOOK_ACTIVE] = {'a', 'A', "█", COLOUR_GREEN, "active hours"},
    [LOOK_MAINTENANCE] = {'m', 'M', "▓", COLOUR_YELLOW, "maintenance"},
    [LOOK_EXCLUDED] = {'x', 'X', "╳", COLOUR_RED, "excluded"},
};

static enum look look_of(uint8_t cell)
{
    if (!(cell & (HOURS_ACTIVE | HOURS_MAINTENANCE)))
        return LOOK_OFF;
    if (!(cell & HOURS_ON))
        return LOOK_EXCLUDED;
    return cell & HOURS_MAINTENANCE ? LOOK_MAINTENANCE : LOOK_ACTIVE;
}

/* The shortest cell that leaves room for the longest day. */
static usec cell_for(const struct paint *paint)
{
    static const int minutes[] = {15, 20};

    for (size_t i = 0; i < 2; i++)
        if (LABEL_COLUMNS + LONGEST_DAY * 60 / (unsigned)minutes[i] + NOTE_COLUMNS <= paint->width)
            return minutes[i] * USEC_PER_MINUTE;
    return 30 * USEC_PER_MINUTE;
}

static void draw_ruler(FILE *out, usec cell)
{
    unsigned hour_cells = (unsigned)(USEC_PER_HOUR / cell), step = hour_cells >= 4 ? 2 : 3;

    fprintf(out, "%*s", LABEL_COLUMNS, "");
    for (unsigned hour = 0; hour <= 24; hour += step)
        fprintf(out, hour < 24 ? "%02u%*s" : "%02u", hour, (int)(step * hour_cells) - 2, "");
    fprintf(out, "\n%*s", LABEL_COLUMNS, "");
    for (unsigned column = 0; column <= 24 * hour_cells; column++)
        fputc(column % (step * hour_cells) == 0 ? '|' : column % hour_cells == 0 ? '\'' : ' ', out);
    fputc('\n', out);
}

static void draw_cell(FILE *out, const struct paint *paint, uint8_t cell, bool now)
{
    enum look look = look_of(cell);
    bool change = cell & HOURS_CHANGE;
    char letter[2] = {change ? looks[look].letter_at_change : looks[look].letter};

    if (!paint->colour) {
        fputc(now ? '@' : letter[0], out);
        return;
    }
    fprintf(out, "%s%s%s%s", paint_begin(paint, looks[look].colour), change || now ? "\033[7m" : "",
            now              ? "@"
            : change         ? letter
            : paint->unicode ? looks[look].block
                             : letter,
            paint_end(paint));
}

static void draw_note(FILE *out, const struct hours_day *day)
{
    usec length = day->until_utc - day->from_utc, minutes = length / USEC_PER_MINUTE;

    if (length == 0)
        fprintf(out, "the clock skips this day");
    else if (length != USEC_PER_DAY)
        fprintf(out, minutes % 60 == 0 ? " %dh" : " %dh%02d", (int)(minutes / 60), (int)(minutes % 60));
}

static void draw_day(FILE *out, const struct paint *paint, const struct picture *picture, int32_t days,
                     usec cell)
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    usec now = picture->now_utc;
    struct hours_day day;
    bool today;

    hours_of_day(picture->site->calendar, picture->site->zone, days, cell, &day);
    today = now >= day.from_utc && now < day.until_utc;
    fprintf(out, "%s%s %04d-%02u-%02u%s  ", paint_begin(paint, today ? COLOUR_BOLD : COLOUR_PLAIN),
            weekdays[date_weekday(days)], (int)day.date.year, day.date.month, day.date.day, paint_end(paint));
    for (size_t i = 0; i < day.n_cells; i++) {
        usec from = day.from_utc + (usec)i * cell;

        draw_cell(out, paint, day.cells[i], now >= from && now < from + cell && today);
    }
    draw_note(out, &day);
    fputc('\n', out);
}

static void draw_key(FILE *out, const struct paint *paint, usec cell)
{
    char length[DURATION_TEXT_MAX];

    fprintf(out, "  ");
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        draw_cell(out, paint,
                  i == LOOK_ACTIVE        ? HOURS_ACTIVE | HOURS_ON
                  : i == LOOK_MAINTENANCE ? HOURS_MAINTENANCE | HOURS_ON
                  : i == LOOK_EXCLUDED    ? HOURS_ACTIVE
                                          : 0,
                  false);
        fprintf(out, " %s  ", looks[i].words);
    }
    fprintf(out, "@ now  a cell is %s\n", duration_format(length, cell));
}

/* Clock changes of the days that are shown, in words. */
static void tell_changes(FILE *out, const struct picture *picture, struct hours_window shown)
{
    const struct zone *zone = picture->site->zone;
    const struct zone_transition *change = zone_next_transition(zone, shown.from_utc - 1);
    char before[WHEN_TEXT_MAX], after[WHEN_TEXT_MAX];

    for (; change && change->utc < shown.until_utc; change = zone_next_transition(zone, change->utc)) {
        when_format_wall(before, change->utc + change->offset_before * USEC_PER_SEC, change->offset_before);
        when_format(after, zone, change->utc);
        fprintf(out, "  clock: %s becomes %s, at a capital or ':'\n", before,
                strchr(after, ' ') + sizeof("2026-11-23 "));
    }
}

static void format_cause(char *buffer, size_t size, const struct interval *interval)
{
    snprintf(buffer, size, "%s%s%s%s%s%s%s, line %u",
             interval->kind == INTERVAL_EXCLUDE              ? "exclude"
             : interval->kind == INTERVAL_MAINTENANCE_WINDOW ? "maintenance"
                                                             : "active hours",
             interval->name ? " '" : "", interval->name ? interval->name : "", interval->name ? "'" : "",
             interval->reason ? " (" : "", interval->reason ? interval->reason : "",
             interval->reason ? ")" : "", interval->line);
}

static void tell_causes(FILE *out, const struct picture *picture, const struct hours_window *window,
                        const char *separator)
{
    size_t n;
    const struct interval *intervals = calendar_intervals(picture->site->calendar, &n);
    char cause[1400];
    bool first = true;

    for (size_t i = 0; i < n; i++)
        if (hours_is_cause(&intervals[i], window->from_utc, window->until_utc)) {
            format_cause(cause, sizeof(cause), &intervals[i]);
            fprintf(out, "%s%s", first ? "" : separator, cause);
            first = false;
        }
    fputc('\n', out);
}

static void tell_transition(FILE *out, const struct paint *paint, const struct picture *picture, bool on,
                            usec utc, usec until_utc)
{
    char local[WHEN_TEXT_MAX], instant[TIME_TEXT_MAX], length[PAINT_TIME_MAX];
    char *milliseconds;

    time_format_rfc3339(instant, utc);
    milliseconds = strchr(instant, '.');
    if (milliseconds) /* calendars know whole seconds */
        strcpy(milliseconds, "Z");
    fprintf(out, "  %s%-3s%s  %-30s  %s  %s%s\n", paint_begin(paint, on ? COLOUR_GREEN : COLOUR_PLAIN),
            on ? "on" : "off", paint_end(paint), when_format(local, picture->site->zone, utc), instant,
            until_utc == USEC_INFINITY ? "for ever" : "for ",
            until_utc == USEC_INFINITY ? "" : paint_span(length, until_utc - utc));
}

static void tell_windows(FILE *out, const struct paint *paint, const struct picture *picture,
                         struct hours_window shown)
{
    usec from = shown.from_utc, until = shown.until_utc;
    struct hours_window window = {.until_utc = from};
    struct calendar_answer answer;

    fputc('\n', out);
    while (window.until_utc < until &&
           hours_next_window(picture->site->calendar, window.until_utc, until, &window)) {
        if (window.from_utc == from) /* it began before */
            window.from_utc = calendar_since(picture->site->calendar, from);
        if (window.from_utc == -USEC_INFINITY) {
            fprintf(out, "  %son%s   always\n       ", paint_begin(paint, COLOUR_GREEN), paint_end(paint));
            window.from_utc = from;
        } else {
            tell_transition(out, paint, picture, true, window.from_utc, window.until_utc);
            fprintf(out, "       ");
        }
        tell_causes(out, picture, &window, "\n       ");
        if (window.until_utc == USEC_INFINITY)
            return;
        calendar_at(picture->site->calendar, window.until_utc, &answer);
        tell_transition(out, paint, picture, false, window.until_utc, answer.until);
        if (answer.because) {
            char cause[1400];

            format_cause(cause, sizeof(cause), answer.because);
            fprintf(out, "       %s\n", cause);
        }
    }
    if (window.until_utc == from)
        fprintf(out, "  off in all of these days\n");
}

void picture_draw(FILE *out, const struct paint *paint, const struct picture *picture)
{
    const struct zone *zone = picture->site->zone;
    struct hours_window shown = {
        .from_utc = zone_first_reach(zone, picture->first_day * USEC_PER_DAY),
        .until_utc = zone_first_reach(zone, (picture->first_day + (int32_t)picture->days) * USEC_PER_DAY),
    };
    usec cell = cell_for(paint);

    fprintf(out, "%s%s%s, hours of %s\n\n", paint_begin(paint, COLOUR_BOLD), picture->site->name,
            paint_end(paint), zone_name(zone));
    draw_ruler(out, cell);
    for (unsigned i = 0; i < picture->days; i++)
        draw_day(out, paint, picture, picture->first_day + (int32_t)i, cell);
    fputc('\n', out);
    draw_key(out, paint, cell);
    tell_changes(out, picture, shown);
    tell_windows(out, paint, picture, shown);
}
