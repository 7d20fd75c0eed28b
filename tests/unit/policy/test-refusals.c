// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/text.h"
#include "given.h"

struct refusal {
    const char *yaml;
    unsigned line, column;
    const char *key, *message; /* a part of the message */
};

static void check_refusals(const struct refusal *rows, size_t n, bool all_keys)
{
    bool failed = false;

    for (size_t i = 0; i < n; i++) {
        struct policy *policy = NULL;
        struct problems problems;
        int r = parse_policy(rows[i].yaml, strlen(rows[i].yaml), all_keys, &problems, &policy);

        if (r != POLICY_REFUSED || problems.n != 1 || problems.list[0].line != rows[i].line ||
            problems.list[0].column != rows[i].column || !text_equal(problems.list[0].key, rows[i].key) ||
            !strstr(problems.list[0].message, rows[i].message)) {
            print_problems(&problems);
            failed = true;
            print_error("row %zu: %d, expected %u:%u: %s: %s in\n%s", i, r, rows[i].line, rows[i].column,
                        rows[i].key, rows[i].message, rows[i].yaml);
        }
        assert_null(policy);
        problems_done(&problems);
    }
    assert_false(failed);
}

static void test_refuses_what_is_no_policy(void **state)
{
    static const struct refusal rows[] = {
        {"", 1, 1, "", "the file is empty"},
        {"# nothing\n", 1, 1, "", "the file is empty"},
        {"hello\n", 1, 1, "", "a single value stands where a policy is due"},
        {"- a\n", 1, 1, "", "a list stands where a policy is due"},
        {"a: [1\n", 2, 1, "a[1]", "not valid YAML"},
        {"a:\n\t- 1\n", 2, 1, "a", "indent with spaces"},
        {"version: 1\ncaf\xe9: 1\n", 2, 4, "", "not valid UTF-8"},
        {"\xc3\xa4\xc3\xb6: \xff", 1, 5, "", "not valid UTF-8"},
        {SITE "---\nversion: 1\n", 8, 1, "", "a second document"},
        {HEAD "sites: {[a]: 1}\n", 3, 9, "sites", "where a key is due"},
        {HEAD "sites: &here\n  acme:\n" URL USER TOKEN, 3, 8, "sites", "an anchor (&)"},
        {SITE "    enforce: !!bool yes\n", 8, 14, "sites.acme.enforce", "a tag (!)"},
        {SITE "    enforce: *yes\n", 8, 14, "sites.acme.enforce", "an alias (*)"},
        {SITE "    ca_file: \"/a\\0b\"\n", 8, 14, "sites.acme.ca_file", "a control character"},
        {SITE "    ca_file: \"/a\\e[1mb\"\n", 8, 14, "sites.acme.ca_file", "a control character"},
        {SITE "    ca_file: \"/a\\Nb\"\n", 8, 14, "sites.acme.ca_file", "a control character"},
        {SITE "    ca_file: |\n      /a\n", 8, 14, "sites.acme.ca_file", "a line break"},
        {"a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1, 35,
         "a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
         "nested deeper than 32"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_keys_by_name_and_place(void **state)
{
    static const struct refusal rows[] = {
        {"timezone: UTC\n" SITES URL USER TOKEN, 1, 1, "version", "'version' is missing"},
        {"version: 2\ntimezone: UTC\n" SITES URL USER TOKEN, 1, 10, "version", "reads version 1"},
        {"version: 1\n" SITES URL USER TOKEN, 1, 1, "timezone", "IANA zone"},
        {HEAD, 1, 1, "sites", "'sites' is missing"},
        {HEAD "sites: {}\n", 3, 8, "sites", "at least one"},
        {HEAD "sites: []\n", 3, 8, "sites", "a list stands where a map is due"},
        {HEAD "sites:\n", 3, 7, "sites", "nothing stands where a map is due"},
        {HEAD "sites: {acme: 1}\n", 3, 15, "sites.acme", "where a site's keys are due"},
        {HEAD SITES USER TOKEN, 4, 3, "sites.acme.url", "'url' is missing here: write the site's address"},
        {HEAD SITES URL TOKEN, 4, 3, "sites.acme.user", "e-mail"},
        {HEAD SITES URL USER, 4, 3, "sites.acme.token", "credential"},
        {HEAD "sites:\n  Acme:\n" URL USER TOKEN, 4, 3, "sites.Acme", "not a name for a site"},
        {HEAD "sites:\n  -a:\n" URL USER TOKEN, 4, 3, "sites.-a", "not a name for a site"},
        {SITE "  acme:\n" URL USER TOKEN, 8, 3, "sites.acme", "stands here twice, first on line 4"},
        {SITE "version: 1\n", 8, 1, "version", "stands here twice, first on line 1"},
        {SITE "    token: b\n", 8, 5, "sites.acme.token", "stands here twice, first on line 7"},
        {SITE "    durration: 60m\n", 8, 5, "sites.acme.durration", "did you mean 'duration'?"},
        {SITE "    xyzzy: 60m\n", 8, 5, "sites.acme.xyzzy", "unknown key"},
        {SITE "    renewal: {beforre: 1m}\n", 8, 15, "sites.acme.renewal.beforre", "did you mean 'before'?"},
        {SITE "axcess: {}\n", 8, 1, "axcess", "did you mean 'access'?"},
        {SITE "access: {operators: {}}\n", 8, 21, "access.operators", "names nobody"},
        {SITE "access: {operators: {users: joe}}\n", 8, 29, "access.operators.users", "where a list is due"},
        {SITE "access: {operators: {users: [joe, 'a b']}}\n", 8, 35, "access.operators.users[1]",
         "not a name"},
        {SITE "access: {viewers: adminkey}\n", 8, 19, "access.viewers", "where a map is due"},
        {SITE "access: {viewers: {groups: []}}\n", 8, 28, "access.viewers.groups", "an empty list"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_values(void **state)
{
    static const struct refusal rows[] = {
        {"version: 1\ntimezone: Mars/Base\n" SITES URL USER TOKEN, 2, 11, "timezone",
         "'Mars/Base' is not a time"},
        {"version: 1\ntimezone: ../etc/passwd\n" SITES URL USER TOKEN, 2, 11, "timezone", "not a time zone"},
        {"version: 1\ntimezone: Broken/Zone\n" SITES URL USER TOKEN, 2, 11, "timezone", "damaged"},
        {"version: 1\ntimezone:\n" SITES URL USER TOKEN, 2, 10, "timezone", "no value: write an IANA zone"},
        {IN_SITE("duration", "90m"), 8, 15, "sites.acme.duration",
         "90m is more than Confluence grants (1m to 60m)"},
        {IN_SITE("duration", "30s"), 8, 15, "sites.acme.duration", "30s is less than"},
        {IN_SITE("duration", "90s"), 8, 15, "sites.acme.duration", "whole minutes: write 1m or 2m"},
        {IN_SITE("duration", "60"), 8, 15, "sites.acme.duration", "no unit"},
        {IN_SITE("duration", "[60m]"), 8, 15, "sites.acme.duration", "a list stands where a duration"},
        {IN_SITE("duration", "~"), 8, 15, "sites.acme.duration", "no value"},
        {IN_SITE("verify", "30s"), 8, 13, "sites.acme.verify", "less than is allowed (1m to"},
        {IN_SITE("renewal", "{before: 31m}"), 8, 23, "sites.acme.renewal.before", "more than is allowed"},
        {IN_SITE("renewal", "{spread: 11m}"), 8, 23, "sites.acme.renewal.spread", "(0m to 10m)"},
        {IN_SITE("renewal", "5m"), 8, 14, "sites.acme.renewal", "where a map is due"},
        {IN_SITE("enforce", "on"), 8, 14, "sites.acme.enforce", "none of yes, no, true, false"},
        {IN_SITE("enforce", "Yes"), 8, 14, "sites.acme.enforce", "none of yes, no, true, false"},
        {IN_SITE("on_stop", "off"), 8, 14, "sites.acme.on_stop", "write disable or keep"},
        {IN_SITE("ca_file", "ca.pem"), 8, 14, "sites.acme.ca_file", "not an absolute path"},
        {IN_SITE("token_expires", "2027-02-29"), 8, 20, "sites.acme.token_expires", "is not a date"},
        {IN_SITE("token_expires", "2027-6-30"), 8, 20, "sites.acme.token_expires", "is not a date"},
        {IN_SITE("proxy", "proxy:3128"), 8, 12, "sites.acme.proxy", "begins with http://"},
        {IN_SITE("proxy", "http://me:secret@proxy:3128"), 8, 12, "sites.acme.proxy", "before the '@'"},
        {WITH_URL("acme.atlassian.net"), 5, 10, "sites.acme.url", "must begin with https://"},
        {WITH_URL("http://acme.atlassian.net"), 5, 10, "sites.acme.url", "in clear"},
        {WITH_URL("http://127.0.0.1.evil.example"), 5, 10, "sites.acme.url", "in clear"},
        {WITH_URL("https://acme.atlassian.net/wiki"), 5, 10, "sites.acme.url", "/wiki does not belong"},
        {WITH_URL("https://acme.atlassian.net/x"), 5, 10, "sites.acme.url", "must end behind the host"},
        {WITH_URL("https://acme.atlassian.net?x=1"), 5, 10, "sites.acme.url", "must end behind the host"},
        {WITH_URL("https://a:b@acme.atlassian.net"), 5, 10, "sites.acme.url", "before the '@'"},
        {WITH_URL("https://"), 5, 10, "sites.acme.url", "not the name of a host"},
        {WITH_URL("https://a..b"), 5, 10, "sites.acme.url", "not the name of a host"},
        {WITH_URL("https://-a.b"), 5, 10, "sites.acme.url", "not the name of a host"},
        {WITH_URL("https://\xc3\xa4.example"), 5, 10, "sites.acme.url", "xn--"},
        {WITH_URL("https://a:0"), 5, 10, "sites.acme.url", "not a port"},
        {WITH_URL("https://a:65536"), 5, 10, "sites.acme.url", "not a port"},
        {WITH_URL("https://[::1"), 5, 10, "sites.acme.url", "IPv6"},
        {WITH_USER("joe"), 6, 11, "sites.acme.user", "e-mail"},
        {WITH_USER("'a@b:c'"), 6, 11, "sites.acme.user", "e-mail"},
        {WITH_TOKEN("ATATT3xFfGF0aBcD"), 7, 12, "sites.acme.token", "looks like an API token"},
        {WITH_TOKEN("aB3dE6gH9jK2mN5pQ8sT1vW4"), 7, 12, "sites.acme.token", "looks like an API token"},
        {WITH_TOKEN("a/b"), 7, 12, "sites.acme.token", "neither a credential's name"},
        {WITH_URL("https://a:ATATT3x@acme.example"), 5, 10, "sites.acme.url", "looks like an API token"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_intervals(void **state)
{
    static const struct refusal rows[] = {
        {IN_SITE("active_hours", "[]"), 8, 19, "sites.acme.active_hours", "write 'never'"},
        {IN_SITE("active_hours", "always"), 8, 19, "sites.acme.active_hours", "or never"},
        {IN_SITE("active_hours", "{weekdays: [monday]}"), 8, 19, "sites.acme.active_hours", "not a list"},
        {IN_SITE("active_hours", "[monday]"), 8, 20, PATH(""), "not an interval"},
        {IN_SITE("maintenance_windows", "[]"), 8, 26, "sites.acme.maintenance_windows", "leave"},
        {IN_SITE("maintenance_windows", "never"), 8, 26, "sites.acme.maintenance_windows", "not a list"},
        {WINDOW "      - weekdays: [monday]\n", 9, 9, "sites.acme.maintenance_windows[0].name", "is missing"},
        {ENTRY("times: ['08:30-17:30']"), 9, 9, PATH(""), "every_day: true"},
        {ENTRY("{}"), 9, 9, PATH(""), "every_day: true"},
        {ENTRY("every_day: no"), 9, 9, PATH(""), "every_day: true"},
        {ENTRY("{weekdays: [monday], every_day: true}"), 9, 30, PATH(".every_day"),
         "cannot stand beside weekdays"},
        {ENTRY("weekdays: monday"), 9, 19, PATH(".weekdays"), "put it into [ ]"},
        {ENTRY("weekdays: []"), 9, 19, PATH(".weekdays"), "an empty list"},
        {ENTRY("weekdays: [mo]"), 9, 20, PATH(".weekdays[0]"), "'mo' is not known here: write a weekday"},
        {ENTRY("weekdays: [monday, 'mon:frx']"), 9, 28, PATH(".weekdays[1]"), "'mon:frx' is not known"},
        {ENTRY("weekdays: [[monday]]"), 9, 20, PATH(".weekdays[0]"), "a list stands where"},
        {ENTRY("weekdays: [monday: friday]"), 9, 20, PATH(".weekdays[0]"), "a map stands where"},
        {ENTRY("wekdays: [monday]\n        every_day: yes"), 9, 9, PATH(".wekdays"),
         "did you mean 'weekdays'"},
        {TIMES("1320"), 9, 34, TIME_PATH,
         "1320 is a number, not a time: YAML 1.1 tools make it of an unquoted 22:00; "
         "write '22:00' in quotes"},
        {TIMES("'8:30-17:30'"), 9, 34, TIME_PATH, "'08:30-17:30'"},
        {TIMES("'08:30 - 17:30'"), 9, 34, TIME_PATH, "'08:30-17:30'"},
        {TIMES("'08:60-17:30'"), 9, 34, TIME_PATH, "'08:30-17:30'"},
        {TIMES("'08:30-24:01'"), 9, 34, TIME_PATH, "'08:30-17:30'"},
        {TIMES("'24:00-08:00'"), 9, 34, TIME_PATH, "24:00 can only end"},
        {TIMES("'08:30-08:30'"), 9, 34, TIME_PATH, "a whole day is '00:00-24:00'"},
        {TIMES("{start_time: 510, end_time: '17:30'}"), 9, 47, TIME_PATH ".start_time", "'08:30' in quotes"},
        {TIMES("{start_time: '24:00', end_time: '17:30'}"), 9, 47, TIME_PATH ".start_time",
         "24:00 can only end"},
        {TIMES("{start_time: '08:30'}"), 9, 34, TIME_PATH ".end_time", "is missing"},
        {TIMES("{start_time: '08:30', end: '17:30', end_time: '09:00'}"), 9, 56, TIME_PATH ".end",
         "unknown key"},
        {DAYS_OR("times: '08:30-17:30'"), 9, 33, PATH(".times"), "put it into [ ]"},
        {ABSOLUTE("2027-03-05 18:00", "2027-03-05 18:00"), 9, 41, PATH(".until"), "until is not after from"},
        {ABSOLUTE("2027-03-05T18:00", "2027-03-06 18:00"), 9, 16, PATH(".from"), "not a local date and time"},
        {ABSOLUTE("2027-03-05 24:00", "2027-03-06 18:00"), 9, 16, PATH(".from"), "not a local date and time"},
        {ABSOLUTE("2027-03-28 02:00", "2027-03-28 02:59"), 9, 9, PATH(""), "can never open"},
        {ABSOLUTE("*alias", "2027-03-05 18:00"), 9, 16, PATH(".from"), "an alias"},
        {ENTRY("from: 2027-03-05 18:00"), 9, 9, PATH(".until"), "'until' is missing"},
        {ENTRY("until: 2027-03-05 18:00"), 9, 9, PATH(".from"), "'from' is missing"},
        {ENTRY("{from: 2027-03-05 18:00, until: 2027-03-06 18:00, weekdays: [monday]}"), 9, 59,
         PATH(".weekdays"), "cannot stand beside from and until"},
        {ENTRY("{from: 2027-03-05 18:00, until: 2027-03-06 18:00, every_day: yes}"), 9, 59,
         PATH(".every_day"), "cannot stand beside from and until"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_intervals_to_come(void **state)
{
    static const struct refusal rows[] = {
        {ENTRY("days_of_month: [32]"), 9, 25, PATH(".days_of_month[0]"), "'32' is not known"},
        {ENTRY("days_of_month: [0]"), 9, 25, PATH(".days_of_month[0]"), "'0' is not known"},
        {ENTRY("days_of_month: ['7:1']"), 9, 25, PATH(".days_of_month[0]"), "runs backwards"},
        {ENTRY("days_of_month: ['-1:-7']"), 9, 25, PATH(".days_of_month[0]"), "runs backwards"},
        {ENTRY("days_of_month: ['-1:7']"), 9, 25, PATH(".days_of_month[0]"), "month's end"},
        {ENTRY("months: [13]"), 9, 18, PATH(".months[0]"), "'13' is not known"},
        {ENTRY("years: [2026]"), 9, 9, PATH(""), "every_day: true"},
        {DAYS_OR("years: ['2027:2026']"), 9, 34, PATH(".years[0]"), "runs backwards"},
        {DAYS_OR("years: [1969]"), 9, 34, PATH(".years[0]"), "'1969' is not known"},
        {ENTRY("dates: ['2026-12-24:2026-12-23']"), 9, 17, PATH(".dates[0]"), "runs backwards"},
        {ENTRY("dates: [2026-11-31]"), 9, 17, PATH(".dates[0]"), "is not known here: write a date"},
        {DAYS_OR("location: Mars/Base"), 9, 36, PATH(".location"), "not a time zone"},
        {ENTRY("{months: [february], days_of_month: [30]}"), 9, 9, PATH(""), "can never open"},
        {IN_SITE("probe", "abc"), 8, 12, "sites.acme.probe", "number of a page"},
        {IN_SITE("foreign_keys", "kill"), 8, 19, "sites.acme.foreign_keys", "write leave, disable or adopt"},
        {IN_SITE("on_demand", "{limit: 25h}"), 8, 24, "sites.acme.on_demand.limit", "more than is allowed"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), true);
}

/* Known, and not obeyed yet: never accepted in silence. */
static void test_refuses_what_is_not_supported_yet(void **state)
{
    static const struct refusal rows[] = {
        {IN_SITE("on_demand", "{limit: 2h}"), 8, 5, "sites.acme.on_demand", "not supported yet"},
        {IN_SITE("probe", "1234"), 8, 5, "sites.acme.probe", "not supported yet"},
        {IN_SITE("on_sleep", "disable"), 8, 5, "sites.acme.on_sleep", "not supported yet"},
        {IN_SITE("on_lock", "disable"), 8, 14, "sites.acme.on_lock", "not supported yet"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        policy_free(accept_policy(rows[i].yaml, true));
}

/* Twenty faults, each on the line of its own number. */
static void test_names_all_faults_in_one_run(void **state)
{
    static const char yaml[] = "version: 2\n"
                               "timezone: Nowhere\n"
                               "sitez: {}\n"
                               "access: 1\n"
                               "sites: {a: {\n"
                               "url: ftp://x,\n"
                               "user: joe,\n"
                               "token: a b,\n"
                               "token_expires: never,\n"
                               "enforce: maybe,\n"
                               "ca_file: x,\n"
                               "proxy: x,\n"
                               "duration: 61m,\n"
                               "renewal: 1,\n"
                               "active_hours: [],\n"
                               "maintenance_windows: 1,\n"
                               "exclude: 1,\n"
                               "on_stop: x,\n"
                               "on_lock: disable,\n"
                               "verify: 25h,\n"
                               "duration: 1m,\n"
                               "}}\n";
    struct policy *policy = NULL;
    struct problems problems;

    (void)state;
    assert_int_equal(parse_policy(yaml, strlen(yaml), false, &problems, &policy), POLICY_REFUSED);
    assert_int_equal(problems.n_errors, 20);
    for (unsigned line = 1, at = 0; line <= 21; line++)
        if (line != 5)
            assert_int_equal(problems.list[at++].line, line);
    problems_done(&problems);
}

static void test_never_repeats_a_token(void **state)
{
    static const char *const rows[] = {
        WITH_TOKEN("aB3dE6gH9jK2mN5pQ8sT1vW4"),
        WITH_TOKEN("ATATT3xFfGF0_aB3dE6gH9jK2"),
        WITH_USER("a@b:aB3dE6gH9jK2mN5pQ8sT1vW4"),
        WITH_URL("https://joe:aB3dE6gH9jK2mN5pQ8sT1vW4@acme.example"),
        IN_SITE("proxy", "http://joe:aB3dE6gH9jK2mN5pQ8sT1vW4@proxy"),
        SITE "    ATATT3xFfGF0_aB3dE6gH9jK2: 1\n",
        IN_SITE("duration", "ATATT3xFfGF0_aB3dE6gH9jK2"),
        IN_SITE("password", "aB3dE6gH9jK2mN5pQ8sT1vW4"),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct policy *policy = NULL;
        struct problems problems;

        assert_int_equal(parse_policy(rows[i], strlen(rows[i]), false, &problems, &policy), POLICY_REFUSED);
        for (size_t j = 0; j < problems.n; j++) {
            assert_null(strstr(problems.list[j].message, "aB3dE6gH9jK2"));
            assert_null(strstr(problems.list[j].key, "aB3dE6gH9jK2"));
        }
        problems_done(&problems);
    }
}

static void test_sizes_have_caps(void **state)
{
    char *big = test_malloc(POLICY_BYTES_MAX + 1);
    struct policy *policy = NULL;
    struct problems problems;

    (void)state;
    memset(big, '\n', POLICY_BYTES_MAX + 1);
    assert_int_equal(parse_policy(big, POLICY_BYTES_MAX + 1, false, &problems, &policy), POLICY_REFUSED);
    assert_non_null(strstr(problems.list[0].message, "8 MiB"));
    problems_done(&problems);
    assert_int_equal(parse_policy("a\0b", 3, false, &problems, &policy), POLICY_REFUSED);
    assert_int_equal(problems.list[0].column, 2);
    assert_non_null(strstr(problems.list[0].message, "NUL byte"));
    problems_done(&problems);
    memset(big, ',', POLICY_BYTES_MAX);
    for (size_t i = 0; i + 1 < POLICY_BYTES_MAX; i += 2)
        big[i] = 'a';
    big[0] = '[';
    big[1] = ' ';
    assert_int_equal(parse_policy(big, POLICY_BYTES_MAX, false, &problems, &policy), POLICY_REFUSED);
    assert_non_null(strstr(problems.list[0].message, "more than a million values"));
    problems_done(&problems);
    test_free(big);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refuses_what_is_no_policy),
        cmocka_unit_test(test_refuses_keys_by_name_and_place),
        cmocka_unit_test(test_refuses_values),
        cmocka_unit_test(test_refuses_intervals),
        cmocka_unit_test(test_refuses_intervals_to_come),
        cmocka_unit_test(test_refuses_what_is_not_supported_yet),
        cmocka_unit_test(test_names_all_faults_in_one_run),
        cmocka_unit_test(test_never_repeats_a_token),
        cmocka_unit_test(test_sizes_have_caps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
