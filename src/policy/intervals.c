// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/intervals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "calendar/calendar.h"
#include "policy/dates.h"

#define SECONDS_PER_DAY 86400
#define WORD_SIZE       24 /* of one end of a range, with its NUL */
#define NAME_PART_MIN   3  /* letters that suffice of a weekday's or month's name */
#define YEAR_FIRST      1970

static const char *const weekday_names[] = {"sunday",   "monday", "tuesday",  "wednesday",
                                            "thursday", "friday", "saturday", NULL};
static const char *const month_names[] = {"january",  "february", "march",  "april",     "may",
                                          "june",     "july",     "august", "september", "october",
                                          "november", "december", NULL};

/* The number of the name that `word` begins, or -1. */
static int find_name(const char *word, const char *const *names)
{
    size_t size = strlen(word);

    for (int i = 0; size >= NAME_PART_MIN && names[i]; i++)
        if (strncasecmp(word, names[i], size) == 0)
            return i;
    return -1;
}

static bool parse_number(const char *word, int32_t *ret)
{
    const char *digits = *word == '-' ? word + 1 : word;
    size_t size = strlen(digits);

    if (size == 0 || size > 4 || strspn(digits, "0123456789") != size)
        return false;
    *ret = atoi(word);
    return true;
}

static bool parse_weekday(const char *word, int32_t *ret)
{
    return (*ret = find_name(word, weekday_names)) >= 0;
}

static bool parse_month(const char *word, int32_t *ret)
{
    int32_t number;

    if (parse_number(word, &number)) {
        *ret = number - 1;
        return number >= 1 && number <= 12;
    }
    return (*ret = find_name(word, month_names)) >= 0;
}

static bool parse_day_of_month(const char *word, int32_t *ret)
{
    return parse_number(word, ret) && *ret != 0 && *ret >= -31 && *ret <= 31;
}

static bool parse_year(const char *word, int32_t *ret)
{
    return parse_number(word, ret) && *ret >= YEAR_FIRST && *ret <= ZONE_YEAR_LAST;
}

struct range {
    int32_t first, last;
};

/* "A" or "A:B". */
static bool parse_range(const char *text, bool (*parse_end)(const char *, int32_t *), struct range *ret)
{
    const char *colon = strchr(text, ':');
    char first[WORD_SIZE];
    size_t size = colon ? (size_t)(colon - text) : strlen(text);

    if (size >= sizeof(first))
        return false;
    memcpy(first, text, size);
    first[size] = '\0';
    if (!parse_end(first, &ret->first))
        return false;
    ret->last = ret->first;
    return !colon || parse_end(colon + 1, &ret->last);
}

static int refuse_entry(struct reading *reading, const struct key *key, const struct node *node)
{
    char shown[NODE_SHOWN_MAX];

    return reading_refuse(reading, node, "'%s' is not known here: write %s", node_shown(shown, node->text),
                          key->expects);
}

static int refuse_backwards(struct reading *reading, const struct node *node)
{
    char shown[NODE_SHOWN_MAX];

    return reading_refuse(reading, node, "'%s' runs backwards: write its earlier end first",
                          node_shown(shown, node->text));
}

/* The bits from first to last of a circle of `n`; ranges may wrap. */
static unsigned circle_bits(struct range range, int32_t n)
{
    unsigned bits = 1u << range.first;

    for (int32_t i = range.first; i != range.last;) {
        i = (i + 1) % n;
        bits |= 1u << i;
    }
    return bits;
}

/* The next free element of a list that gets as many as the node's parent has entries. */
static void *grow(void *list, size_t size, const struct node *node)
{
    void **elements = list;

    if (!*elements)
        *elements = calloc(node->parent->n, size);
    return *elements;
}

static int read_weekdays(struct reading *reading, const struct key *key, const struct node *node,
                         void *target)
{
    struct interval *interval = target;
    struct range range;

    if (!parse_range(node->text, parse_weekday, &range))
        return refuse_entry(reading, key, node);
    interval->weekdays |= (uint8_t)circle_bits(range, 7);
    return 0;
}

static int read_months(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    struct interval *interval = target;
    struct range range;

    if (!parse_range(node->text, parse_month, &range))
        return refuse_entry(reading, key, node);
    interval->months |= (uint16_t)circle_bits(range, 12);
    return 0;
}

static int read_days_of_month(struct reading *reading, const struct key *key, const struct node *node,
                              void *target)
{
    struct interval *interval = target;
    struct range range;

    if (!parse_range(node->text, parse_day_of_month, &range))
        return refuse_entry(reading, key, node);
    if (range.first < 0 && range.last > 0)
        return reading_refuse(reading, node,
                              "a range that begins counted from the month's end must end so too: write "
                              "'-7:-1' or '1:7'");
    if ((range.first < 0) == (range.last < 0) && range.first > range.last)
        return refuse_backwards(reading, node);
    if (!grow(&interval->days_of_month, sizeof(*interval->days_of_month), node))
        return -ENOMEM;
    interval->days_of_month[interval->n_days_of_month++] =
        (struct interval_days){(int8_t)range.first, (int8_t)range.last};
    return 0;
}

static int read_years(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    struct interval *interval = target;
    struct range range;

    if (!parse_range(node->text, parse_year, &range))
        return refuse_entry(reading, key, node);
    if (range.first > range.last)
        return refuse_backwards(reading, node);
    if (!grow(&interval->years, sizeof(*interval->years), node))
        return -ENOMEM;
    interval->years[interval->n_years++] = (struct interval_years){(int16_t)range.first, (int16_t)range.last};
    return 0;
}

static int read_dates(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    struct interval *interval = target;
    struct range range;

    if (!parse_range(node->text, date_parse, &range))
        return refuse_entry(reading, key, node);
    if (range.first > range.last)
        return refuse_backwards(reading, node);
    if (!grow(&interval->dates, sizeof(*interval->dates), node))
        return -ENOMEM;
    interval->dates[interval->n_dates++] = (struct interval_dates){range.first, range.last};
    return 0;
}

/* Whether a bare number stands where a time is due, as a YAML 1.1 tool leaves it of an unquoted 22:00. */
static int refuse_number(struct reading *reading, const struct key *key, const struct node *node)
{
    int32_t number;

    if (!parse_number(node->text, &number) || number < 0 || number > 24 * 60)
        return refuse_entry(reading, key, node);
    return reading_refuse(reading, node,
                          "%d is a number, not a time: YAML 1.1 tools make it of an unquoted %02d:%02d; "
                          "write '%02d:%02d' in quotes",
                          (int)number, (int)number / 60, (int)number % 60, (int)number / 60,
                          (int)number % 60);
}

static int read_clock(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    int32_t seconds;

    if (!clock_parse(node->text, &seconds))
        return refuse_number(reading, key, node);
    if (seconds > key->high)
        return reading_refuse(reading, node,
                              "24:00 can only end a stretch: write '00:00', and the day on which it "
                              "starts");
    *(int32_t *)field = seconds;
    return 0;
}

/* The two ends of "08:30-17:30". */
static bool parse_stretch(const char *text, struct interval_times *ret)
{
    char start[sizeof("08:30")];

    if (strlen(text) != sizeof("08:30-17:30") - 1 || text[5] != '-')
        return false;
    memcpy(start, text, 5);
    start[5] = '\0';
    return clock_parse(start, &ret->start) && clock_parse(text + 6, &ret->end);
}

int intervals_add_times(struct reading *reading, const struct node *node, struct interval *interval,
                        struct interval_times times)
{
    if (times.start == SECONDS_PER_DAY)
        return reading_refuse(reading, node,
                              "24:00 can only end a stretch: write '00:00', and the day on which it "
                              "starts");
    if (times.start == times.end)
        return reading_refuse(reading, node,
                              "starts and ends at the same time: a whole day is '00:00-24:00'");
    if (times.end < times.start)
        times.end += SECONDS_PER_DAY;
    if (!grow(&interval->times, sizeof(*interval->times), node))
        return -ENOMEM;
    interval->times[interval->n_times++] = times;
    return 0;
}

static int read_times(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    struct interval_times times;

    if (!parse_stretch(node->text, &times))
        return refuse_number(reading, key, node);
    return intervals_add_times(reading, node, target, times);
}

value_function intervals_value_for(enum key_type type)
{
    static const value_function functions[KEY_TYPES_MAX] = {
        [KEY_CLOCK] = read_clock,   [KEY_TIMES] = read_times, [KEY_WEEKDAYS] = read_weekdays,
        [KEY_MONTHS] = read_months, [KEY_YEARS] = read_years, [KEY_DAYS_OF_MONTH] = read_days_of_month,
        [KEY_DATES] = read_dates,
    };

    return functions[type];
}

/* from and until: one stretch, with nothing beside it that would recur. */
static int check_absolute(struct reading *reading, const struct node *node, struct interval *interval)
{
    static const char *const beside[] = {"from", "until", "name", "reason", "location"};
    const struct node *from = node_child(node, "from"), *until = node_child(node, "until");
    int r = 0;

    if (!from || !until)
        return reading_refuse_missing(reading, node, from ? "until" : "from", "both ends, from and until");
    for (const struct node *child = node->first; child && r == 0; child = child->next) {
        size_t n;
        const struct key *rows = keys_of(MAP_INTERVAL, &n);
        bool allowed = false, known = false;

        for (size_t i = 0; i < ARRAY_SIZE(beside); i++)
            allowed = allowed || text_equal(child->key, beside[i]);
        for (size_t i = 0; i < n; i++)
            known = known || text_equal(child->key, rows[i].name);
        if (known && !allowed)
            r = reading_refuse_key(reading, child,
                                   "'%s' cannot stand beside from and until, which are one stretch: "
                                   "take one of them out",
                                   child->key);
    }
    interval->absolute = true;
    if (r == 0 && interval->from_wall != USEC_INFINITY && interval->until_wall != USEC_INFINITY &&
        interval->until_wall <= interval->from_wall)
        r = reading_refuse(reading, until, "until is not after from (line %u): write a later time",
                           from->line);
    return r;
}

/* An entry that was split in two by a stray '-' would otherwise hold on every day. */
static int check_recurring(struct reading *reading, const struct node *node)
{
    static const char *const day_fields[] = {"weekdays", "days_of_month", "months", "dates"};
    const struct node *every_day = node_child(node, "every_day");
    const char *day_field = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(day_fields) && !day_field; i++)
        if (node_child(node, day_fields[i]))
            day_field = day_fields[i];
    if (day_field && every_day)
        return reading_refuse_key(reading, every_day,
                                  "every_day cannot stand beside %s: take one of them out", day_field);
    if (day_field || (every_day && !text_equal(every_day->text ? every_day->text : "", "no") &&
                      !text_equal(every_day->text ? every_day->text : "", "false")))
        return 0;
    return reading_refuse(
        reading, node,
        "no days: name weekdays, days_of_month, months, dates or from and until, or "
        "write 'every_day: true' if every day is meant (does the '-' belong to the entry before?)");
}

static int check_opens(struct reading *reading, const struct node *node, const struct interval *interval)
{
    usec from, until;

    if (!interval->zone || (interval->absolute &&
                            (interval->from_wall == USEC_INFINITY || interval->until_wall == USEC_INFINITY)))
        return 0;
    if (interval_at(interval, 0, &from, &until) || from != USEC_INFINITY)
        return 0;
    return reading_refuse(reading, node,
                          interval->absolute
                              ? "this window can never open: its clock skips all of it"
                              : "this window can never open: no day until %d fits all of its fields",
                          ZONE_YEAR_LAST);
}

int intervals_check(struct reading *reading, const struct node *node, struct interval *interval,
                    size_t errors)
{
    int r = 0;

    if (interval->kind == INTERVAL_MAINTENANCE_WINDOW && !node_child(node, "name"))
        r = reading_refuse_missing(reading, node, "name", "what the window is for");
    if (r < 0)
        return r;
    if (node_child(node, "from") || node_child(node, "until"))
        r = check_absolute(reading, node, interval);
    else
        r = check_recurring(reading, node);
    if (r == 0 && reading->problems->n_errors == errors)
        r = check_opens(reading, node, interval);
    return r;
}
