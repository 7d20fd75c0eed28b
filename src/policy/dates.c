// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/dates.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "calendar/zone.h"

#define YEAR_FIRST 1970

/* Whether the text has exactly this form, where 9 stands for any digit. */
static bool has_form(const char *text, const char *form)
{
    for (; *form; form++, text++)
        if (*form == '9' ? !isdigit((unsigned char)*text) : *text != *form)
            return false;
    return !*text;
}

static int32_t number_at(const char *text, size_t digits)
{
    int32_t number = 0;

    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

/* Of ten characters that have the form of a date. */
static bool read_date(const char *text, int32_t *ret_days)
{
    int32_t month = number_at(text + 5, 2), day = number_at(text + 8, 2);
    struct date date = {number_at(text, 4), (uint8_t)month, (uint8_t)day};

    if (date.year < YEAR_FIRST || date.year > ZONE_YEAR_LAST || !date_is_valid(date))
        return false;
    *ret_days = date_to_days(date);
    return true;
}

bool date_parse(const char *text, int32_t *ret_days)
{
    return has_form(text, "9999-99-99") && read_date(text, ret_days);
}

bool wall_parse(const char *text, usec *ret_wall)
{
    bool with_seconds = has_form(text, "9999-99-99 99:99:99");
    int32_t days, hour, minute, second;

    if ((!with_seconds && !has_form(text, "9999-99-99 99:99")) || !read_date(text, &days))
        return false;
    hour = number_at(text + 11, 2);
    minute = number_at(text + 14, 2);
    second = with_seconds ? number_at(text + 17, 2) : 0;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_wall = days * USEC_PER_DAY + hour * USEC_PER_HOUR + minute * USEC_PER_MINUTE + second * USEC_PER_SEC;
    return true;
}

const char *wall_format(char buffer[static WALL_TEXT_MAX], usec wall)
{
    int32_t days = (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
    int32_t second = (int32_t)((wall - days * USEC_PER_DAY) / USEC_PER_SEC);
    struct date date = date_from_days(days);
    int n = snprintf(buffer, WALL_TEXT_MAX, "%04d-%02u-%02u %02d:%02d", (int)date.year, date.month, date.day,
                     (int)second / 3600, (int)second / 60 % 60);

    if (second % 60)
        snprintf(buffer + n, WALL_TEXT_MAX - (size_t)n, ":%02d", (int)second % 60);
    return buffer;
}

bool clock_parse(const char *text, int32_t *ret_seconds)
{
    int32_t seconds;

    if (!has_form(text, "99:99") || number_at(text + 3, 2) > 59)
        return false;
    seconds = number_at(text, 2) * 3600 + number_at(text + 3, 2) * 60;
    if (seconds > 86400)
        return false;
    *ret_seconds = seconds;
    return true;
}
