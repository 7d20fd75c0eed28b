// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/time.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"

#define DAYS_PER_ERA     146097                /* 400 years */
#define DAYS_TO_1970     719468                /* from 0000-03-01 */
#define ERAS_BEFORE      82                    /* 32,800 years */
#define UTC_FIRST_SECOND INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define UTC_LAST_SECOND  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Years begin in March here, so that the leap day is the last of its year. */
int32_t date_to_days(struct date date)
{
    int32_t year = date.month <= 2 ? date.year - 1 : date.year;
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

/* C. Neri, L. Schneider, "Euclidean affine functions and their application to calendar algorithms", Software:
 * Practice and Experience 53 (2023): divisions by constants become products and shifts. Days count from the
 * first of an era far enough back that none is negative; year, day of year and month are each the whole part
 * of a product, and what is left of it gives the next. */
struct date date_from_days(int32_t days)
{
    uint32_t shifted = (uint32_t)days + DAYS_TO_1970 + ERAS_BEFORE * DAYS_PER_ERA;
    uint32_t quarter_of_century = 4 * shifted + 3, century = quarter_of_century / DAYS_PER_ERA;
    uint32_t quarter_of_year = quarter_of_century % DAYS_PER_ERA | 3;
    uint64_t year_product = UINT64_C(2939745) * quarter_of_year; /* 2^32 / 1461, rounded up */
    uint32_t day_of_year = (uint32_t)year_product / 2939745 / 4;
    uint32_t month_product = 2141 * day_of_year + 197913; /* 2^16 / 30.6, rounded; 3 is March */
    bool next_year = day_of_year >= 306;                  /* January and February */
    struct date date = {
        .year = (int32_t)(100 * century + (uint32_t)(year_product >> 32)) - 400 * ERAS_BEFORE + next_year,
        .month = (uint8_t)((month_product >> 16) - (next_year ? 12 : 0)),
        .day = (uint8_t)((month_product & 0xffff) / 2141 + 1),
    };

    return date;
}

unsigned date_weekday(int32_t days)
{
    int32_t weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */

    return (unsigned)(weekday < 0 ? weekday + 7 : weekday);
}

unsigned date_days_in_month(int32_t year, unsigned month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : lengths[month - 1];
}

bool date_is_valid(struct date date)
{
    return date.year >= TIME_YEAR_MIN && date.year <= TIME_YEAR_MAX && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= date_days_in_month(date.year, date.month);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

const char *time_format_rfc3339(char buffer[static TIME_TEXT_MAX], usec utc)
{
    int64_t seconds = floor_divide(utc, USEC_PER_SEC);
    int64_t milliseconds = (utc % USEC_PER_SEC + USEC_PER_SEC) % USEC_PER_SEC / USEC_PER_MSEC;
    int64_t days, second;
    struct date date;

    if (seconds < UTC_FIRST_SECOND) {
        seconds = UTC_FIRST_SECOND;
        milliseconds = 0;
    } else if (seconds > UTC_LAST_SECOND) {
        seconds = UTC_LAST_SECOND;
        milliseconds = 999;
    }
    days = floor_divide(seconds, 86400);
    second = seconds - days * 86400;
    date = date_from_days((int32_t)days);
    snprintf(buffer, TIME_TEXT_MAX, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", (int)date.year, date.month,
             date.day, (unsigned)(second / 3600) % 24, (unsigned)(second / 60 % 60), (unsigned)(second % 60),
             (unsigned)milliseconds % 1000);
    return buffer;
}

/* Reads exactly `digits` digits; moves *text behind them. */
static bool read_number(const char **text, unsigned digits, int32_t *ret)
{
    int32_t value = 0;

    for (unsigned i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*text)[i]))
            return false;
        value = value * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    *ret = value;
    return true;
}

static bool read_character(const char **text, const char *any_of)
{
    if (!**text || !strchr(any_of, **text))
        return false;
    (*text)++;
    return true;
}

static bool read_fraction(const char **text, usec *ret)
{
    usec value = 0, unit = USEC_PER_SEC;
    unsigned digits = 0;

    for (; isdigit((unsigned char)**text); (*text)++, digits++) {
        unit /= 10;
        value += unit * (**text - '0');
    }
    *ret = value;
    return digits >= 1 && digits <= 9;
}

/* "Z" or "+01:00"; the offset is local time minus UTC. */
static bool read_offset(const char **text, usec *ret)
{
    int32_t hours, minutes;
    int sign = **text == '-' ? -1 : 1;

    *ret = 0;
    if (read_character(text, "Zz"))
        return true;
    if (!read_character(text, "+-") || !read_number(text, 2, &hours) || !read_character(text, ":") ||
        !read_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret = sign * (hours * USEC_PER_HOUR + minutes * USEC_PER_MINUTE);
    return true;
}

int time_parse_rfc3339(const char *text, usec *ret_utc)
{
    int32_t year, month, day, hour, minute, second;
    usec fraction = 0, offset;
    struct date date;

    if (!read_number(&text, 4, &year) || !read_character(&text, "-") || !read_number(&text, 2, &month) ||
        !read_character(&text, "-") || !read_number(&text, 2, &day) || !read_character(&text, "Tt ") ||
        !read_number(&text, 2, &hour) || !read_character(&text, ":") || !read_number(&text, 2, &minute) ||
        !read_character(&text, ":") || !read_number(&text, 2, &second))
        return -EINVAL;
    if (read_character(&text, ".") && !read_fraction(&text, &fraction))
        return -EINVAL;
    if (!read_offset(&text, &offset) || *text)
        return -EINVAL;
    date = (struct date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (!date_is_valid(date) || hour > 23 || minute > 59 || second > 60)
        return -EINVAL;
    *ret_utc = date_to_days(date) * USEC_PER_DAY + hour * USEC_PER_HOUR + minute * USEC_PER_MINUTE +
               second * USEC_PER_SEC + fraction - offset;
    return 0;
}

static const struct {
    char letter;
    usec length;
} duration_units[] = {
    {'w', 7 * USEC_PER_DAY}, {'d', USEC_PER_DAY}, {'h', USEC_PER_HOUR},
    {'m', USEC_PER_MINUTE},  {'s', USEC_PER_SEC},
};

int duration_parse(const char *text, usec *ret, struct error *ret_error)
{
    const char *rest = text;
    size_t next_unit = 0;
    usec sum = 0;

    do {
        uint64_t number = 0;
        size_t unit = next_unit;

        if (!isdigit((unsigned char)*rest)) {
            error_set(ret_error,
                      "'%s' is not a duration: write numbers with units, such as 90s, 20m or 1h30m", text);
            return -EINVAL;
        }
        for (; isdigit((unsigned char)*rest); rest++)
            if ((number = number * 10 + (uint64_t)(*rest - '0')) > DURATION_MAX / USEC_PER_SEC) {
                error_set(ret_error, "'%s' is more than a hundred years", text);
                return -ERANGE;
            }
        if (!*rest) {
            error_set(ret_error, "'%s' has no unit: write %llus for seconds or %llum for minutes", text,
                      (unsigned long long)number, (unsigned long long)number);
            return -EINVAL;
        }
        while (unit < ARRAY_SIZE(duration_units) && duration_units[unit].letter != *rest)
            unit++;
        if (unit == ARRAY_SIZE(duration_units)) {
            error_set(ret_error,
                      "'%s' is not a duration: the units are w d h m s, each once and in that order", text);
            return -EINVAL;
        }
        if ((usec)number > (DURATION_MAX - sum) / duration_units[unit].length) {
            error_set(ret_error, "'%s' is more than a hundred years", text);
            return -ERANGE;
        }
        sum += (usec)number * duration_units[unit].length;
        next_unit = unit + 1;
        rest++;
    } while (*rest);
    *ret = sum;
    return 0;
}

const char *duration_format(char buffer[static DURATION_TEXT_MAX], usec duration)
{
    uint64_t rest = duration < 0 ? -(uint64_t)duration : (uint64_t)duration;
    size_t used = 0;

    if (rest < USEC_PER_SEC)
        return strcpy(buffer, "0s");
    if (duration < 0)
        buffer[used++] = '-';
    for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++) {
        uint64_t count = rest / (uint64_t)duration_units[i].length;

        rest %= (uint64_t)duration_units[i].length;
        if (count > 0)
            used += (size_t)snprintf(buffer + used, DURATION_TEXT_MAX - used, "%llu%c",
                                     (unsigned long long)count, duration_units[i].letter);
    }
    return buffer;
}
