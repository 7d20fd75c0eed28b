// SPDX-License-Identifier: GPL-3.0-or-later
#include "calendar/window.h"

#define SECONDS_PER_DAY 86400
#define WEEK            0x7fU
#define WEEKS_OF_MONTH  (1U | 1U << 7 | 1U << 14 | 1U << 21 | 1U << 28)
#define DAYS_NEVER      INT32_MAX

static int32_t floor_days(usec wall)
{
    return (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
}

void moment_init(struct moment *moment, const struct zone *zone, usec utc)
{
    moment->zone = zone;
    moment->utc = utc;
    moment->reached = zone_reached(zone, utc);
    moment->days = floor_days(moment->reached);
    moment->time = moment->reached - moment->days * USEC_PER_DAY;
    moment->date = date_from_days(moment->days);
}

/* Bits first..last of 1..length, bit 0 being day 1; what lies outside is cut off. */
static uint32_t days_mask(int32_t first, int32_t last, int32_t length)
{
    first = first < 1 ? 1 : first;
    last = last > length ? length : last;
    if (first > last)
        return 0;
    return (uint32_t)((UINT64_C(1) << last) - (UINT64_C(1) << (first - 1)));
}

static bool year_fits(const struct interval *interval, int32_t year)
{
    for (size_t i = 0; i < interval->n_years; i++)
        if (interval->years[i].first <= year && year <= interval->years[i].last)
            return true;
    return interval->n_years == 0;
}

static uint32_t days_of_month_mask(const struct interval *interval, int32_t length)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < interval->n_days_of_month; i++) {
        int32_t first = interval->days_of_month[i].first, last = interval->days_of_month[i].last;

        mask |=
            days_mask(first < 0 ? first + length + 1 : first, last < 0 ? last + length + 1 : last, length);
    }
    return mask;
}

static uint32_t dates_mask(const struct interval *interval, int32_t first_day, int32_t length)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < interval->n_dates; i++) {
        const struct interval_dates *dates = &interval->dates[i];

        if (dates->first < first_day + length && dates->last >= first_day)
            mask |= days_mask(dates->first - first_day + 1, dates->last - first_day + 1, length);
    }
    return mask;
}

/* The days of one month on which windows start: bit 0 is the 1st. */
static uint32_t month_mask(const struct interval *interval, int32_t year, unsigned month, int32_t first_day)
{
    int32_t length;
    uint32_t mask;

    if (interval->months && !(interval->months >> (month - 1) & 1))
        return 0;
    if (!year_fits(interval, year))
        return 0;
    length = (int32_t)date_days_in_month(year, month);
    mask = days_mask(1, length, length);
    if (interval->weekdays & WEEK) {
        unsigned week = interval->weekdays & WEEK, weekday = date_weekday(first_day);

        mask &= ((week >> weekday | week << (7 - weekday)) & WEEK) * WEEKS_OF_MONTH;
    }
    if (interval->n_days_of_month > 0)
        mask &= days_of_month_mask(interval, length);
    if (interval->n_dates > 0)
        mask &= dates_mask(interval, first_day, length);
    return mask;
}

/* A month, and the days in it on which windows start. */
struct month {
    int32_t year, first_day;
    unsigned month;
    uint32_t mask;
};

static void month_init(struct month *month, const struct interval *interval, int32_t days, struct date date)
{
    month->year = date.year;
    month->month = date.month;
    month->first_day = days - (date.day - 1);
    month->mask = month_mask(interval, month->year, month->month, month->first_day);
}

static bool month_next(struct month *month, const struct interval *interval)
{
    month->first_day += (int32_t)date_days_in_month(month->year, month->month);
    if (++month->month > 12) {
        month->month = 1;
        month->year++;
    }
    if (month->year > WINDOW_YEAR_LAST)
        return false;
    month->mask = month_mask(interval, month->year, month->month, month->first_day);
    return true;
}

/* Goes on to the first month that the years and dates of the interval leave possible. */
static bool month_jump(struct month *month, const struct interval *interval)
{
    int32_t year = DAYS_NEVER, days = DAYS_NEVER;

    for (size_t i = 0; i < interval->n_years; i++)
        if (interval->years[i].last >= month->year && interval->years[i].first < year)
            year = interval->years[i].first;
    for (size_t i = 0; i < interval->n_dates; i++)
        if (interval->dates[i].last >= month->first_day && interval->dates[i].first < days)
            days = interval->dates[i].first;
    if ((interval->n_years > 0 && year > WINDOW_YEAR_LAST) || (interval->n_dates > 0 && days == DAYS_NEVER))
        return false;
    if (interval->n_years > 0 && year > month->year) {
        int32_t january = date_to_days((struct date){year, 1, 1});

        if (interval->n_dates == 0 || days < january)
            days = january;
    }
    if (days == DAYS_NEVER || days <= month->first_day)
        return true;
    month_init(month, interval, days, date_from_days(days));
    return month->year <= WINDOW_YEAR_LAST;
}

/* The first date of the month's mask or of that of a later one that begins before `limit`. */
static int32_t month_first_match(struct month *month, const struct interval *interval, usec limit)
{
    while (!month->mask) {
        if (!month_next(month, interval) || month->first_day * USEC_PER_DAY >= limit)
            return DAYS_NEVER;
        if (!month->mask && (interval->n_years > 0 || interval->n_dates > 0) && !month_jump(month, interval))
            return DAYS_NEVER;
    }
    return month->first_day + __builtin_ctz(month->mask);
}

static bool starts_anywhere(const struct interval *interval)
{
    return !(interval->weekdays & WEEK) && !interval->months && interval->n_days_of_month == 0 &&
           interval->n_years == 0 && interval->n_dates == 0;
}

/* The first date after `days`, on which a window starts, on which none does. */
static int32_t run_end(const struct interval *interval, int32_t days, struct date date)
{
    struct month month;
    uint32_t missing;

    if (starts_anywhere(interval))
        return DAYS_NEVER;
    month_init(&month, interval, days, date);
    missing = ~month.mask & days_mask(date.day, 31, (int32_t)date_days_in_month(date.year, date.month));
    while (!missing) {
        if (!month_next(&month, interval))
            return DAYS_NEVER;
        missing = ~month.mask & days_mask(1, 31, (int32_t)date_days_in_month(month.year, month.month));
    }
    return month.first_day + __builtin_ctz(missing);
}

static bool is_whole_days(const struct interval *interval)
{
    for (size_t i = 0; i < interval->n_times; i++)
        if (interval->times[i].start == 0 && interval->times[i].end >= SECONDS_PER_DAY)
            return true;
    return interval->n_times == 0;
}

static bool starts_on(const struct interval *interval, int32_t days, struct date date)
{
    return month_mask(interval, date.year, date.month, days - (date.day - 1)) >> (date.day - 1) & 1;
}

bool window_starts_on(const struct interval *interval, int32_t days)
{
    return starts_on(interval, days, date_from_days(days));
}

/* The latest end of a date's windows that hold the time, both counted from its midnight; 0: none does. */
static usec times_end(const struct interval *interval, usec time)
{
    usec end = 0;

    if (interval->n_times == 0)
        return time < USEC_PER_DAY ? USEC_PER_DAY : 0;
    for (size_t i = 0; i < interval->n_times; i++) {
        usec first = interval->times[i].start * USEC_PER_SEC, last = interval->times[i].end * USEC_PER_SEC;

        if (first <= time && time < last && last > end)
            end = last;
    }
    return end;
}

static struct date date_before(const struct moment *moment)
{
    if (moment->date.day > 1)
        return (struct date){moment->date.year, moment->date.month, (uint8_t)(moment->date.day - 1)};
    return date_from_days(moment->days - 1);
}

/* Times come first: they are cheaper than dates, and tell most intervals away. */
usec window_end(const struct interval *interval, const struct moment *moment)
{
    usec wall = moment->reached, midnight = moment->days * USEC_PER_DAY, end = -USEC_INFINITY, today,
         yesterday;

    if (interval->absolute)
        return interval->from_wall <= wall && wall < interval->until_wall ? interval->until_wall
                                                                          : -USEC_INFINITY;
    today = times_end(interval, moment->time);
    if (today > 0 && starts_on(interval, moment->days, moment->date)) {
        if (is_whole_days(interval)) {
            int32_t days = run_end(interval, moment->days, moment->date);

            return days == DAYS_NEVER ? USEC_INFINITY : days * USEC_PER_DAY;
        }
        end = midnight + today;
    }
    yesterday = times_end(interval, moment->time + USEC_PER_DAY);
    if (yesterday > 0 && midnight - USEC_PER_DAY + yesterday > end &&
        starts_on(interval, moment->days - 1, date_before(moment)))
        end = midnight - USEC_PER_DAY + yesterday;
    return end;
}

/* Whether the window happens: one that lies wholly in a skipped time does not. */
static bool is_real(const struct zone *zone, usec start, usec end)
{
    return zone_first_reach(zone, start) < zone_first_reach(zone, end);
}

/* The first start of a date's windows after `wall` and before `limit` that clock changes leave; else `limit`.
 */
static usec times_next(const struct interval *interval, const struct zone *zone, int32_t days, usec wall,
                       usec limit)
{
    static const struct interval_times whole_day = {0, SECONDS_PER_DAY};
    const struct interval_times *times = interval->n_times > 0 ? interval->times : &whole_day;
    size_t n = interval->n_times > 0 ? interval->n_times : 1;

    for (size_t i = 0; i < n; i++) {
        usec start = days * USEC_PER_DAY + times[i].start * USEC_PER_SEC;
        usec end = days * USEC_PER_DAY + times[i].end * USEC_PER_SEC;

        if (start > wall && start < limit && is_real(zone, start, end))
            limit = start;
    }
    return limit;
}

/* Whether a window may start after the moment and before `limit`, as far as the times alone tell. */
static bool may_start(const struct interval *interval, const struct moment *moment, usec limit)
{
    usec until = limit - moment->days * USEC_PER_DAY;

    if (until > USEC_PER_DAY)
        return true;
    for (size_t i = 0; i < interval->n_times; i++) {
        usec start = interval->times[i].start * USEC_PER_SEC;

        if (start > moment->time && start < until)
            return true;
    }
    return false;
}

usec window_next(const struct interval *interval, const struct moment *moment, usec limit)
{
    usec wall = moment->reached, from = interval->from_wall;
    struct month month;
    int32_t days;

    if (interval->absolute)
        return from > wall && from < limit && is_real(moment->zone, from, interval->until_wall)
                   ? from
                   : USEC_INFINITY;
    if (!may_start(interval, moment, limit))
        return USEC_INFINITY;

    month_init(&month, interval, moment->days, moment->date);
    month.mask &= ~days_mask(1, moment->date.day - 1, 31);
    while ((days = month_first_match(&month, interval, limit)) != DAYS_NEVER && days * USEC_PER_DAY < limit) {
        usec next = times_next(interval, moment->zone, days, wall, limit);

        if (next < limit)
            return next;
        month.mask &= month.mask - 1;
    }
    return USEC_INFINITY;
}
