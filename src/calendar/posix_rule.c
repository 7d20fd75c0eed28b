// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/posix_rule.h"

#include <ctype.h>
#include <errno.h>

#define HOURS_OFFSET_MAX 24
#define HOURS_CHANGE_MAX 167
#define TIME_DEFAULT     (2 * 3600)

struct reader {
    const char *at, *end;
};

static bool reader_take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool reader_number(struct reader *reader, int32_t low, int32_t high, int32_t *ret_number)
{
    int32_t number = 0;
    const char *first = reader->at;

    while (reader->at < reader->end && isdigit((unsigned char)*reader->at)) {
        number = number * 10 + (*reader->at++ - '0');
        if (number > high)
            return false;
    }
    if (reader->at == first || number < low)
        return false;
    *ret_number = number;
    return true;
}

/* An abbreviation, which nobody here needs: three letters or more, or anything in angle brackets. */
static bool reader_skip_name(struct reader *reader)
{
    bool quoted = reader_take(reader, '<');
    const char *first = reader->at;

    while (reader->at < reader->end) {
        unsigned char c = (unsigned char)*reader->at;

        if (!isalpha(c) && !(quoted && (isdigit(c) || c == '+' || c == '-')))
            break;
        reader->at++;
    }
    if (reader->at - first < 3)
        return false;
    return !quoted || reader_take(reader, '>');
}

/* [+-]hh[:mm[:ss]] */
static bool reader_time(struct reader *reader, int32_t hours_max, int32_t *ret_seconds)
{
    int32_t hours, minutes = 0, seconds = 0, sign = 1;

    if (reader_take(reader, '-'))
        sign = -1;
    else
        reader_take(reader, '+');
    if (!reader_number(reader, 0, hours_max, &hours))
        return false;
    if (reader_take(reader, ':')) {
        if (!reader_number(reader, 0, 59, &minutes))
            return false;
        if (reader_take(reader, ':') && !reader_number(reader, 0, 59, &seconds))
            return false;
    }
    *ret_seconds = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool reader_change(struct reader *reader, struct posix_change *change)
{
    if (!reader_take(reader, ','))
        return false;
    if (reader_take(reader, 'M')) {
        change->kind = POSIX_DAY_WEEKDAY;
        if (!reader_number(reader, 1, 12, &change->month) || !reader_take(reader, '.') ||
            !reader_number(reader, 1, 5, &change->week) || !reader_take(reader, '.') ||
            !reader_number(reader, 0, 6, &change->day))
            return false;
    } else if (reader_take(reader, 'J')) {
        change->kind = POSIX_DAY_JULIAN;
        if (!reader_number(reader, 1, 365, &change->day))
            return false;
    } else {
        change->kind = POSIX_DAY_OF_YEAR;
        if (!reader_number(reader, 0, 365, &change->day))
            return false;
    }
    change->time = TIME_DEFAULT;
    return !reader_take(reader, '/') || reader_time(reader, HOURS_CHANGE_MAX, &change->time);
}

/* POSIX counts offsets west of Greenwich. Daylight saving is an hour where nothing else is said. */
static bool reader_rule(struct reader *reader, struct posix_rule *rule)
{
    int32_t west;

    if (!reader_skip_name(reader) || !reader_time(reader, HOURS_OFFSET_MAX, &west))
        return false;
    rule->standard = -west;
    if (reader->at == reader->end)
        return true;

    if (!reader_skip_name(reader))
        return false;
    west -= 3600;
    if (reader->at < reader->end && *reader->at != ',' && !reader_time(reader, HOURS_OFFSET_MAX, &west))
        return false;
    rule->daylight = -west;
    rule->changes = true;
    return reader_change(reader, &rule->start) && reader_change(reader, &rule->end) &&
           reader->at == reader->end;
}

int posix_rule_parse(const char *text, size_t size, struct posix_rule *ret_rule)
{
    struct reader reader = {text, text + size};
    struct posix_rule rule = {0};

    if (!reader_rule(&reader, &rule))
        return -EBADMSG;
    *ret_rule = rule;
    return 0;
}

static int32_t change_days(const struct posix_change *change, int32_t year)
{
    int32_t january = date_to_days((struct date){year, 1, 1}), first, days;

    switch (change->kind) {
    case POSIX_DAY_JULIAN:
        return january + change->day - 1 + (change->day >= 60 && date_days_in_month(year, 2) == 29);
    case POSIX_DAY_OF_YEAR: return january + change->day;
    case POSIX_DAY_WEEKDAY: break;
    }
    first = date_to_days((struct date){year, (uint8_t)change->month, 1});
    days = (change->day - (int32_t)date_weekday(first) + 7) % 7 + (change->week - 1) * 7;
    if (days >= (int32_t)date_days_in_month(year, (unsigned)change->month))
        days -= 7;
    return first + days;
}

static usec change_utc(const struct posix_change *change, int32_t year, int32_t offset_before)
{
    return change_days(change, year) * USEC_PER_DAY + (change->time - offset_before) * USEC_PER_SEC;
}

usec posix_rule_start(const struct posix_rule *rule, int32_t year)
{
    return change_utc(&rule->start, year, rule->standard);
}

usec posix_rule_end(const struct posix_rule *rule, int32_t year)
{
    return change_utc(&rule->end, year, rule->daylight);
}
