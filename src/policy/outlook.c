// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/outlook.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY_MAX  256
#define SAID_MAX 512
#define WEEK     (7 * USEC_PER_DAY)

static int add_cut(struct outlook *outlook, size_t *capacity, struct cut cut)
{
    if (outlook->n_cuts == *capacity) {
        size_t larger = *capacity ? 2 * *capacity : 16;
        struct cut *cuts = reallocarray(outlook->cuts, larger, sizeof(*cuts));

        if (!cuts)
            return -ENOMEM;
        outlook->cuts = cuts;
        *capacity = larger;
    }
    outlook->cuts[outlook->n_cuts++] = cut;
    return 0;
}

int outlook_init(struct outlook *outlook, const struct policy_site *site, usec now_utc, usec until_utc,
                 struct problems *problems)
{
    struct calendar_answer answer;
    size_t capacity = 0;
    int r = 0;

    *outlook =
        (struct outlook){.site = site, .now_utc = now_utc, .until_utc = until_utc, .problems = problems};
    for (usec utc = now_utc; utc < until_utc && outlook->n_cuts < OUTLOOK_CUTS_MAX && r == 0;
         utc = answer.until) {
        calendar_excluded_at(site->calendar, utc, &answer);
        if (answer.on)
            r = add_cut(outlook, &capacity, (struct cut){utc, answer.until});
    }
    if (r < 0)
        outlook_done(outlook);
    return r;
}

void outlook_done(struct outlook *outlook)
{
    free(outlook->cuts);
    *outlook = (struct outlook){.site = NULL};
}

usec outlook_skip_alike(const struct outlook *outlook, const struct calendar *other, usec utc)
{
    const struct zone *zone, *other_zone = NULL;
    usec from_utc = usec_max(calendar_weekly_from(outlook->site->calendar, &zone), outlook->now_utc);
    const struct zone_transition *change;

    if (other)
        from_utc = usec_max(from_utc, calendar_weekly_from(other, &other_zone));
    if (from_utc == USEC_INFINITY || utc < from_utc + 2 * WEEK || (zone && other_zone && zone != other_zone))
        return utc;
    zone = zone ? zone : other_zone;
    change = zone ? zone_next_transition(zone, utc - WEEK) : NULL;
    return change ? usec_max(change->utc - WEEK, utc) : outlook->until_utc;
}

const struct cut *outlook_cut_at(const struct outlook *outlook, usec utc)
{
    size_t low = 0,
           high = outlook->n_cuts; /* the first that ends behind the instant is among these, or none */

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (outlook->cuts[middle].until_utc <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    return low < outlook->n_cuts && outlook->cuts[low].from_utc <= utc ? &outlook->cuts[low] : NULL;
}

int outlook_warn(const struct outlook *outlook, const char *key, struct policy_place place,
                 const char *format, ...)
{
    char path[KEY_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    snprintf(path, sizeof(path), "sites.%s.%s", outlook->site->name, key);
    return problems_add(outlook->problems, true, place.line, place.column, path, "%s", said);
}

/* Its number in its list: intervals stand in their calendar in the order of the policy. */
static size_t interval_index(const struct policy_site *site, const struct interval *interval)
{
    size_t n, index = 0;
    const struct interval *at = calendar_intervals(
        interval->kind == INTERVAL_RENEWAL_WINDOW ? site->renewal_windows : site->calendar, &n);

    for (; at < interval; at++)
        index += at->kind == interval->kind;
    return index;
}

int outlook_warn_interval(const struct outlook *outlook, const struct interval *interval, const char *format,
                          ...)
{
    static const char *const lists[] = {
        [INTERVAL_ACTIVE_HOURS] = "active_hours",
        [INTERVAL_MAINTENANCE_WINDOW] = "maintenance_windows",
        [INTERVAL_EXCLUDE] = "exclude",
        [INTERVAL_RENEWAL_WINDOW] = "renewal.windows",
    };
    struct policy_place place = {interval->line, interval->column};
    char key[KEY_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    snprintf(key, sizeof(key), "%s[%zu]", lists[interval->kind], interval_index(outlook->site, interval));
    return outlook_warn(outlook, key, place, "%s", said);
}
