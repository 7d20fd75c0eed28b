// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An interval pasted from an Alertmanager configuration, its location written out, means the same as there,
 * or is refused with what to add. The expectations are Alertmanager's own: an instant is inside where its
 * local minute fits all fields (timeinterval/timeinterval.go, ContainsTime).
 */
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "given.h"

#define INSTANTS_MAX 6
#define YAML_SIZE    2048

/* As it is written there, behind a '-' and indented by eight columns. */
struct pasted {
    const char *yaml;
    const char *inside[INSTANTS_MAX], *outside[INSTANTS_MAX];
};

static struct policy *paste(const char *yaml, struct problems *problems)
{
    char text[YAML_SIZE];
    struct policy *policy = NULL;

    assert_in_range(snprintf(text, sizeof(text), HOURS "      - %s", yaml), 1, sizeof(text) - 1);
    parse_policy(text, strlen(text), false, problems, &policy);
    return policy;
}

static bool is_on(const struct policy *policy, const char *instant)
{
    struct calendar_answer answer;
    usec utc;

    assert_int_equal(time_parse_rfc3339(instant, &utc), 0);
    calendar_at(policy->sites[0].calendar, utc, &answer);
    return answer.on;
}

static void test_a_pasted_interval_means_the_same(void **state)
{
    static const struct pasted rows[] = {
        {"weekdays: ['monday:friday']\n"
         "        times:\n"
         "        - start_time: '09:00'\n"
         "          end_time: '17:00'\n"
         "        location: 'America/New_York'\n",
         {"2026-11-23T14:00:00Z", "2026-11-27T21:59:59Z", "2026-07-01T13:00:00Z"},
         {"2026-11-23T13:59:59Z", "2026-11-23T22:00:00Z", "2026-11-22T15:00:00Z"}},
        /* No range of weekdays wraps there; these are two. Letters of any case. */
        {"weekdays: ['Saturday', 'sunday']\n        location: UTC\n",
         {"2026-11-28T00:00:00Z", "2026-11-29T23:59:59Z"},
         {"2026-11-27T23:59:59Z", "2026-11-30T00:00:00Z"}},
        {"days_of_month: ['1:7']\n        location: UTC\n",
         {"2026-12-01T00:00:00Z", "2026-12-07T23:59:59Z"},
         {"2026-11-30T23:59:59Z", "2026-12-08T00:00:00Z"}},
        {"days_of_month: ['-7:-1']\n        location: UTC\n",
         {"2026-11-24T00:00:00Z", "2026-11-30T23:59:59Z", "2028-02-23T00:00:00Z"},
         {"2026-11-23T23:59:59Z", "2026-12-01T00:00:00Z", "2028-02-22T12:00:00Z"}},
        /* What lies beyond the end of a month is cut off, and never the next month's. */
        {"days_of_month: ['28:31']\n        location: UTC\n",
         {"2027-02-28T12:00:00Z", "2027-01-31T12:00:00Z"},
         {"2027-03-01T12:00:00Z", "2027-02-27T23:59:59Z"}},
        {"days_of_month: ['30:31']\n        location: UTC\n",
         {"2027-01-30T12:00:00Z", "2027-04-30T12:00:00Z"},
         {"2027-02-28T12:00:00Z", "2027-03-01T12:00:00Z"}},
        {"days_of_month: ['-31:-29']\n        location: UTC\n",
         {"2027-01-03T12:00:00Z", "2027-04-02T12:00:00Z"},
         {"2027-02-01T12:00:00Z", "2027-04-03T12:00:00Z"}},
        {"days_of_month: ['15:-1', '1']\n        location: UTC\n",
         {"2027-02-15T00:00:00Z", "2027-02-28T23:59:59Z", "2027-03-01T12:00:00Z"},
         {"2027-02-14T23:59:59Z", "2027-03-02T00:00:00Z"}},
        {"months: ['january:march', 'may', '12']\n        location: UTC\n",
         {"2027-01-01T00:00:00Z", "2027-03-31T23:59:59Z", "2027-05-15T00:00:00Z", "2026-12-01T00:00:00Z"},
         {"2027-04-01T00:00:00Z", "2026-11-30T23:59:59Z"}},
        {"months: ['1:3']\n        years: ['2026:2028', '2030']\n        location: UTC\n",
         {"2026-01-01T00:00:00Z", "2028-03-31T23:59:59Z", "2030-02-01T00:00:00Z"},
         {"2025-12-31T23:59:59Z", "2029-02-01T00:00:00Z", "2030-04-01T00:00:00Z"}},
        /* All fields at once, in its order and style. */
        {"times:\n"
         "          - start_time: 06:00\n"
         "            end_time: 23:59\n"
         "          - start_time: 00:00\n"
         "            end_time: 01:00\n"
         "        weekdays: ['monday:wednesday', 'saturday', 'sunday']\n"
         "        days_of_month: ['1:5', '-3:-1']\n"
         "        years: ['2020:2023', 2026]\n"
         "        months: ['november', 12]\n"
         "        location: 'Europe/Berlin'\n",
         {"2026-11-30T05:00:00Z", "2026-11-30T22:58:59Z", "2026-11-30T23:30:00Z"},
         {"2026-11-30T22:59:00Z", "2026-12-03T12:00:00Z", "2026-11-23T12:00:00Z"}},
        {"days_of_month: ['1']\n"
         "        times: [{start_time: '00:00', end_time: '24:00'}]\n        location: UTC\n",
         {"2026-12-01T00:00:00Z", "2026-12-01T23:59:59Z"},
         {"2026-12-02T00:00:00Z", "2026-11-30T23:59:59Z"}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct problems problems;
        struct policy *policy = paste(rows[i].yaml, &problems);

        print_problems(&problems);
        assert_non_null(policy);
        for (size_t j = 0; j < INSTANTS_MAX; j++) {
            if ((rows[i].inside[j] && !is_on(policy, rows[i].inside[j])) ||
                (rows[i].outside[j] && is_on(policy, rows[i].outside[j])))
                fail_msg("row %zu, instants %zu", i, j);
        }
        problems_done(&problems);
        policy_free(policy);
    }
}

/* What means every day there, never anything, or nothing that is known here. */
static void test_what_would_not_mean_the_same_is_refused(void **state)
{
    static const struct {
        const char *yaml, *message;
    } rows[] = {
        {"times: [{start_time: '09:00', end_time: '17:00'}]\n",
         "write 'every_day: true' if every day is meant"},
        {"years: ['2026']\n", "write 'every_day: true' if every day is meant"},
        {"location: UTC\n", "write 'every_day: true' if every day is meant"},
        {"months: ['13']\n", "'13' is not known here"},
        {"days_of_month: ['0']\n", "'0' is not known here"},
        {"days_of_month: ['-1:5']\n", "a range that begins counted from the month's end must end so too"},
        {"weekdays: ['monday']\n        location: Local\n", "'Local' is not a time zone of this system"},
        {"weekdays: ['monday']\n        time_zone: UTC\n", "unknown key"},
        {"weekdays: ['monday']\n        times: []\n", "an empty list"},
        {"weekdays: ['monday']\n        times: [{start_time: 540, end_time: 1020}]\n", "540 is a number"},
        {"weekdays: ['monday']\n        years: ['2026:9999']\n", "a year from 1970 to 2200"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct problems problems;
        struct policy *policy = paste(rows[i].yaml, &problems);

        assert_null(policy);
        print_problems(&problems);
        assert_non_null(strstr(problems.list[0].message, rows[i].message));
        problems_done(&problems);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pasted_interval_means_the_same),
        cmocka_unit_test(test_what_would_not_mean_the_same_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
