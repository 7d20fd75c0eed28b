// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/http_date.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool number(const char *text, unsigned digits, int *ret)
{
    *ret = 0;
    for (unsigned i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        *ret = *ret * 10 + (text[i] - '0');
    }
    return true;
}

static int month_of(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int month = 0; month < 12; month++)
        if (strncmp(text, months + month * 3, 3) == 0)
            return month + 1;
    return 0;
}

int http_date_parse(const char *text, usec *ret_utc)
{
    /*                            0123456789012345678901234567 */
    static const char pattern[] = "aaa, dd aaa dddd dd:dd:dd GMT";
    int day, year, hour, minute, second, month;
    struct date date;

    if (strlen(text) != sizeof(pattern) - 1)
        return -EINVAL;
    for (size_t i = 0; pattern[i]; i++) {
        bool fits = pattern[i] == 'a'   ? isalpha((unsigned char)text[i])
                    : pattern[i] == 'd' ? isdigit((unsigned char)text[i])
                                        : text[i] == pattern[i];

        if (!fits)
            return -EINVAL;
    }
    month = month_of(text + 8);
    if (month == 0 || !number(text + 5, 2, &day) || !number(text + 12, 4, &year) ||
        !number(text + 17, 2, &hour) || !number(text + 20, 2, &minute) || !number(text + 23, 2, &second))
        return -EINVAL;
    date = (struct date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (!date_is_valid(date) || hour > 23 || minute > 59 || second > 60)
        return -EINVAL;
    *ret_utc = date_to_days(date) * USEC_PER_DAY + hour * USEC_PER_HOUR + minute * USEC_PER_MINUTE +
               second * USEC_PER_SEC;
    return 0;
}
