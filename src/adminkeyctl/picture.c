// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/picture.h"

#include "adminkeyctl/hours.h"
#include "adminkeyctl/transitions.h"

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
    draw_cell(out, paint, 0, true);
    fprintf(out, " now  a cell is %s\n", duration_format(length, cell));
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
    transitions_tell_clock(out, paint, zone, shown);
    fputc('\n', out);
    transitions_tell(out, paint, picture->site, shown);
}
