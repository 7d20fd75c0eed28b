// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/keys.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/time.h"
#include "calendar/interval.h"
#include "policy/policy.h"

#define NAME_BYTES   256
#define REASON_BYTES 1024

#define IN_POLICY(field)     offsetof(struct policy, field)
#define IN_PRINCIPALS(field) offsetof(struct policy_principals, field)
#define IN_SITE(field)       offsetof(struct policy_site, field)
#define IN_INTERVAL(field)   offsetof(struct interval, field)
#define IN_TIMES(field)      offsetof(struct interval_times, field)

#define MINUTES(n) ((n)*USEC_PER_MINUTE)
#define HOURS(n)   ((n)*USEC_PER_HOUR)

static const char *const away[] = {"disable", "keep", NULL};              /* as enum policy_when_away */
static const char *const foreign[] = {"leave", "disable", "adopt", NULL}; /* as enum policy_foreign */
static const char *const renewal_modes[] = {"only", "prefer", NULL};      /* as enum policy_renewal_mode */
static const char *const reasons[] = {"optional", "required", NULL};      /* as enum policy_reason */

static const char a_zone[] = "an IANA zone such as Europe/Berlin";
static const char a_duration[] = "a duration such as 90s, 20m or 1h30m";
static const char yes_or_no[] = "yes or no";
static const char intervals[] = "a list of intervals";
static const char a_wall[] = "a local time such as 2027-03-05 18:00";
static const char disable_or_keep[] = "disable or keep";

/* clang-format off */
static const struct key keys[] = {
    {MAP_POLICY, "version", KEY_VERSION, .required = true, .offset = KEY_NOWHERE, .expects = "1"},
    {MAP_POLICY, "timezone", KEY_ZONE, .required = true, .offset = IN_POLICY(zone), .expects = a_zone},
    {MAP_POLICY, "access", KEY_MAP, .inner = MAP_ACCESS, .expects = "operators and viewers"},
    {MAP_POLICY, "sites", KEY_SITES, .required = true, .expects = "a site's name, with its keys below it"},

    {MAP_ACCESS, "operators", KEY_PRINCIPALS, .inner = MAP_PRINCIPALS, .offset = IN_POLICY(operators),
     .expects = "users or groups"},
    {MAP_ACCESS, "viewers", KEY_PRINCIPALS, .inner = MAP_PRINCIPALS, .offset = IN_POLICY(viewers),
     .fallback = POLICY_VIEWERS_GROUP, .expects = "users or groups"},

    {MAP_PRINCIPALS, "users", KEY_NAMES, .offset = IN_PRINCIPALS(users), .expects = "the name of a user"},
    {MAP_PRINCIPALS, "groups", KEY_NAMES, .offset = IN_PRINCIPALS(groups), .expects = "the name of a group"},

    {MAP_SITE, "url", KEY_URL, .required = true, .offset = IN_SITE(url),
     .expects = "the site's address, such as https://acme.atlassian.net"},
    {MAP_SITE, "user", KEY_USER, .required = true, .offset = IN_SITE(user),
     .expects = "the e-mail address of the account whose key it is"},
    {MAP_SITE, "token", KEY_TOKEN, .required = true, .offset = IN_SITE(token),
     .expects = "the name of a credential, or the absolute path of a file that holds the token"},
    {MAP_SITE, "timezone", KEY_ZONE, .offset = IN_SITE(zone), .expects = a_zone},
    {MAP_SITE, "token_expires", KEY_LAST_DAY, .offset = IN_SITE(token_expires_utc),
     .place = IN_SITE(token_expires_place),
     .expects = "a date such as 2027-06-30"},
    {MAP_SITE, "enforce", KEY_BOOLEAN, .fallback = "yes", .offset = IN_SITE(enforce), .expects = yes_or_no},
    {MAP_SITE, "ca_file", KEY_PATH, .offset = IN_SITE(ca_file), .expects = "the absolute path of a file"},
    {MAP_SITE, "proxy", KEY_PROXY, .offset = IN_SITE(proxy),
     .expects = "a proxy's address, such as http://proxy.example:3128"},
    {MAP_SITE, "duration", KEY_MINUTES, .fallback = "60m", .low = MINUTES(1), .high = MINUTES(60),
     .allowed_by = "Confluence grants", .offset = IN_SITE(duration_minutes), .expects = a_duration},
    {MAP_SITE, "renewal", KEY_MAP, .inner = MAP_RENEWAL, .expects = "before, spread, windows and mode"},
    {MAP_SITE, "active_hours", KEY_INTERVALS, .fallback = "never", .kind = INTERVAL_ACTIVE_HOURS,
     .expects = "a list of intervals, or never"},
    {MAP_SITE, "maintenance_windows", KEY_INTERVALS, .kind = INTERVAL_MAINTENANCE_WINDOW, .expects = intervals},
    {MAP_SITE, "exclude", KEY_INTERVALS, .kind = INTERVAL_EXCLUDE, .expects = intervals},
    {MAP_SITE, "on_demand", KEY_MAP, .later = true, .inner = MAP_ON_DEMAND,
     .expects = "limit, reason and outside_hours"},
    {MAP_SITE, "limits", KEY_MAP, .inner = MAP_LIMITS, .expects = "continuous and per_day"},
    {MAP_SITE, "foreign_keys", KEY_CHOICE, .fallback = "leave", .choices = foreign,
     .offset = IN_SITE(foreign_keys), .expects = "leave, disable or adopt"},
    {MAP_SITE, "on_stop", KEY_CHOICE, .fallback = "disable", .choices = away, .offset = IN_SITE(on_stop),
     .expects = disable_or_keep},
    {MAP_SITE, "on_sleep", KEY_CHOICE, .fallback = "disable", .choices = away,
     .offset = IN_SITE(on_sleep), .expects = disable_or_keep},
    {MAP_SITE, "on_lock", KEY_CHOICE, .fallback = "keep", .choices = away,
     .offset = IN_SITE(on_lock), .expects = disable_or_keep},
    {MAP_SITE, "verify", KEY_DURATION, .fallback = "15m", .low = MINUTES(1), .high = HOURS(24),
     .offset = IN_SITE(verify), .expects = a_duration},
    {MAP_SITE, "probe", KEY_PAGE, .later = true, .offset = KEY_NOWHERE, .expects = "the number of a page"},

    {MAP_RENEWAL, "before", KEY_DURATION, .fallback = "20m", .low = MINUTES(1), .high = MINUTES(30),
     .offset = IN_SITE(renewal_before), .expects = a_duration},
    {MAP_RENEWAL, "spread", KEY_DURATION, .fallback = "2m", .high = MINUTES(10),
     .offset = IN_SITE(renewal_spread), .expects = a_duration},
    {MAP_RENEWAL, "windows", KEY_INTERVALS, .kind = INTERVAL_RENEWAL_WINDOW,
     .place = IN_SITE(renewal_windows_place), .expects = intervals},
    {MAP_RENEWAL, "mode", KEY_CHOICE, .fallback = "only", .choices = renewal_modes,
     .offset = IN_SITE(renewal_mode), .expects = "only or prefer"},

    {MAP_ON_DEMAND, "limit", KEY_DURATION, .later = true, .fallback = "0s", .high = HOURS(24),
     .offset = IN_SITE(on_demand_limit), .expects = a_duration},
    {MAP_ON_DEMAND, "reason", KEY_CHOICE, .later = true, .fallback = "optional", .choices = reasons,
     .offset = IN_SITE(on_demand_reason),
     .expects = "required or optional"},
    {MAP_ON_DEMAND, "outside_hours", KEY_BOOLEAN, .later = true, .fallback = "no",
     .offset = IN_SITE(on_demand_outside_hours),
     .expects = yes_or_no},

    {MAP_LIMITS, "continuous", KEY_DURATION, .low = MINUTES(1), .high = DURATION_MAX, .offset = IN_SITE(limit_continuous), .place = IN_SITE(limit_continuous_place),
     .expects = a_duration},
    {MAP_LIMITS, "per_day", KEY_DURATION, .low = MINUTES(1), .high = HOURS(24), .offset = IN_SITE(limit_per_day), .place = IN_SITE(limit_per_day_place),
     .expects = a_duration},

    {MAP_INTERVAL, "name", KEY_TEXT, .high = NAME_BYTES, .offset = IN_INTERVAL(name), .expects = "a name"},
    {MAP_INTERVAL, "reason", KEY_TEXT, .high = REASON_BYTES, .offset = IN_INTERVAL(reason), .expects = "a reason"},
    {MAP_INTERVAL, "location", KEY_ZONE, .offset = IN_INTERVAL(zone), .expects = a_zone},
    {MAP_INTERVAL, "from", KEY_WALL, .offset = IN_INTERVAL(from_wall), .expects = a_wall},
    {MAP_INTERVAL, "until", KEY_WALL, .offset = IN_INTERVAL(until_wall), .expects = a_wall},
    {MAP_INTERVAL, "every_day", KEY_BOOLEAN, .offset = IN_INTERVAL(every_day), .expects = "true"},
    {MAP_INTERVAL, "weekdays", KEY_WEEKDAYS, .expects = "a weekday or a range such as 'monday:friday'"},
    {MAP_INTERVAL, "days_of_month", KEY_DAYS_OF_MONTH,
     .expects = "a day from 1 to 31, or -1 to -31 from the month's end, or a range such as '1:7'"},
    {MAP_INTERVAL, "months", KEY_MONTHS, .expects = "a month or a range such as 'may:august'"},
    {MAP_INTERVAL, "years", KEY_YEARS, .expects = "a year from 1970 to 2200 or a range such as '2026:2028'"},
    {MAP_INTERVAL, "dates", KEY_DATES,
     .expects = "a date or a range such as '2026-12-24:2027-01-01'"},
    {MAP_INTERVAL, "times", KEY_TIMES, .expects = "a stretch of the day such as '08:30-17:30'"},

    {MAP_TIMES, "start_time", KEY_CLOCK, .required = true, .high = 86400 - 60, .offset = IN_TIMES(start),
     .expects = "a time of day such as '08:30'"},
    {MAP_TIMES, "end_time", KEY_CLOCK, .required = true, .high = 86400, .offset = IN_TIMES(end),
     .expects = "a time of day such as '17:30'"},
};
/* clang-format on */

const struct key *keys_of(enum key_map map, size_t *ret_n)
{
    size_t first = 0, n = 0;

    while (keys[first].in != map)
        first++;
    while (first + n < ARRAY_SIZE(keys) && keys[first + n].in == map)
        n++;
    *ret_n = n;
    return &keys[first];
}

const char *keys_nearest(enum key_map map, const char *name)
{
    const char *names[KEYS_IN_MAP_MAX + 1] = {NULL};
    size_t n;
    const struct key *rows = keys_of(map, &n);

    for (size_t i = 0; i < n; i++)
        names[i] = rows[i].name;
    return text_nearest(name, names);
}
