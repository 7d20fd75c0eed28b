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

/* Messages of several rows. */
#define NO_DAYS                                                                                              \
    "no days: name weekdays, days_of_month, months, dates or from and until, or write 'every_day: true' if " \
    "every day is meant (does the '-' belong to the entry before?)"
#define NOT_UTF8 "not valid UTF-8: save the file in UTF-8"
#define ONE_LINE "holds a control character or a line break: write it as one line of plain text"
#define NO_NAME_OF_SITE                                                                                      \
    "not a name for a site: write up to 63 lower-case letters, digits and '-', the first of them no '-'"
#define IN_CLEAR                                                                                             \
    "http:// would send the token in clear: write https:// (http:// is allowed to a loopback address only)"
#define NO_HOST     "not the name of a host: write it in ASCII (an international name in its xn-- form)"
#define IN_START    "24:00 can only end a stretch: write '00:00', and the day on which it starts"
#define NO_PASSWORD "a user or password must not stand in an address: take out what stands before the '@'"
#define END_AT_HOST "the address must end behind the host: take out the path or query"
#define A_TOKEN                                                                                              \
    "this looks like an API token, which must not stand in a policy: revoke it, and name a credential or a " \
    "file that holds the new one"
#define NOT_YET "not supported yet by this version of adminkeyd: take it out"

struct refusal {
    const char *yaml;
    unsigned line, column;
    const char *key, *message;
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
            !text_equal(problems.list[0].message, rows[i].message)) {
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
        {"", 1, 1, "", "the file is empty: a policy begins with 'version: 1'"},
        {"# nothing\n", 1, 1, "", "the file is empty: a policy begins with 'version: 1'"},
        {"hello\n", 1, 1, "", "a single value stands where a policy is due: it begins with 'version: 1'"},
        {"- a\n", 1, 1, "", "a list stands where a policy is due: it begins with 'version: 1'"},
        {"a: [1\n", 2, 1, "a[1]",
         "not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence from line 1)"},
        {"a:\n\t- 1\n", 2, 1, "a",
         "not valid YAML: a tab, @, ` or % cannot begin a value: indent with spaces, quote such text"},
        {"version: 1\ncaf\xe9: 1\n", 2, 4, "", NOT_UTF8},
        {"\xc3\xa4\xc3\xb6: \xff", 1, 5, "", NOT_UTF8},
        {SITE "---\nversion: 1\n", 8, 1, "", "a second document (---) begins here: a policy is one document"},
        {HEAD "sites: {[a]: 1}\n", 3, 9, "sites", "a list or map stands where a key is due"},
        {HEAD "sites: &here\n  acme:\n" URL USER TOKEN, 3, 8, "sites",
         "an anchor (&) is not allowed in a policy: take it out"},
        {SITE "    enforce: !!bool yes\n", 8, 14, "sites.acme.enforce",
         "a tag (!) is not allowed in a policy: take it out"},
        {SITE "    enforce: *yes\n", 8, 14, "sites.acme.enforce",
         "an alias (*) is not allowed in a policy: write the value out"},
        {SITE "    ca_file: \"/a\\0b\"\n", 8, 14, "sites.acme.ca_file", ONE_LINE},
        {SITE "    ca_file: \"/a\\e[1mb\"\n", 8, 14, "sites.acme.ca_file", ONE_LINE},
        {SITE "    ca_file: \"/a\\Nb\"\n", 8, 14, "sites.acme.ca_file", ONE_LINE},
        {SITE "    ca_file: |\n      /a\n", 8, 14, "sites.acme.ca_file", ONE_LINE},
        {"a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1, 35,
         "a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
         "nested deeper than 32 levels, which no policy needs"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_keys_by_name_and_place(void **state)
{
    static const struct refusal rows[] = {
        {"timezone: UTC\n" SITES URL USER TOKEN, 1, 1, "version", "'version' is missing here: write 1"},
        {"version: 2\ntimezone: UTC\n" SITES URL USER TOKEN, 1, 10, "version",
         "version '2' is not known: this adminkeyd reads version 1"},
        {"version: 1\n" SITES URL USER TOKEN, 1, 1, "timezone",
         "'timezone' is missing here: write an IANA zone such as Europe/Berlin"},
        {HEAD, 1, 1, "sites", "'sites' is missing here: write a site's name, with its keys below it"},
        {HEAD "sites: {}\n", 3, 8, "sites", "no site: write at least one, a name with its keys below it"},
        {HEAD "sites: []\n", 3, 8, "sites",
         "a list stands where a map is due: write a site's name, with its keys below it, each on a line "
         "below it"},
        {HEAD "sites:\n", 3, 7, "sites",
         "nothing stands where a map is due: write a site's name, with its keys below it, each on a line "
         "below it"},
        {HEAD "sites: {acme: 1}\n", 3, 15, "sites.acme",
         "a single value stands where a site's keys are due: write url, user and token below it"},
        {HEAD SITES USER TOKEN, 4, 3, "sites.acme.url",
         "'url' is missing here: write the site's address, such as https://acme.atlassian.net"},
        {HEAD SITES URL TOKEN, 4, 3, "sites.acme.user",
         "'user' is missing here: write the e-mail address of the account whose key it is"},
        {HEAD SITES URL USER, 4, 3, "sites.acme.token",
         "'token' is missing here: write the name of a credential, or the absolute path of a file that holds "
         "the token"},
        {HEAD "sites:\n  Acme:\n" URL USER TOKEN, 4, 3, "sites.Acme", NO_NAME_OF_SITE},
        {HEAD "sites:\n  -a:\n" URL USER TOKEN, 4, 3, "sites.-a", NO_NAME_OF_SITE},
        {SITE "  acme:\n" URL USER TOKEN, 8, 3, "sites.acme",
         "this site stands here twice, first on line 4: drop one of them"},
        {SITE "version: 1\n", 8, 1, "version",
         "this key stands here twice, first on line 1: drop one of them"},
        {SITE "    token: b\n", 8, 5, "sites.acme.token",
         "this key stands here twice, first on line 7: drop one of them"},
        {SITE "    durration: 60m\n", 8, 5, "sites.acme.durration", "unknown key: did you mean 'duration'?"},
        {SITE "    xyzzy: 60m\n", 8, 5, "sites.acme.xyzzy",
         "unknown key: adminkeyd-policy(5) lists those that there are"},
        {SITE "    renewal: {beforre: 1m}\n", 8, 15, "sites.acme.renewal.beforre",
         "unknown key: did you mean 'before'?"},
        {SITE "axcess: {}\n", 8, 1, "axcess", "unknown key: did you mean 'access'?"},
        {SITE "access: {operators: {}}\n", 8, 21, "access.operators",
         "an empty map names nobody: write users or groups, or leave 'operators' out"},
        {SITE "access: {operators: {users: joe}}\n", 8, 29, "access.operators.users",
         "a single value stands where a list is due: put it into [ ]"},
        {SITE "access: {operators: {users: [joe, 'a b']}}\n", 8, 35, "access.operators.users[1]",
         "not a name that the system could know: write the name of a user"},
        {SITE "access: {viewers: adminkey}\n", 8, 19, "access.viewers",
         "a single value stands where a map is due: write users or groups, each on a line below it"},
        {SITE "access: {viewers: {groups: []}}\n", 8, 28, "access.viewers.groups",
         "an empty list: write the name of a group into it, or leave 'groups' out"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_values(void **state)
{
    static const struct refusal rows[] = {
        {"version: 1\ntimezone: Mars/Base\n" SITES URL USER TOKEN, 2, 11, "timezone",
         "'Mars/Base' is not a time zone of this system: write an IANA name such as Europe/Berlin, or "
         "install tzdata if it is missing"},
        {"version: 1\ntimezone: ../etc/passwd\n" SITES URL USER TOKEN, 2, 11, "timezone",
         "'../etc/passwd' is not a time zone of this system: write an IANA name such as Europe/Berlin, or "
         "install tzdata if it is missing"},
        {"version: 1\ntimezone: Broken/Zone\n" SITES URL USER TOKEN, 2, 11, "timezone",
         "this system's table of the zone 'Broken/Zone' is damaged: install tzdata anew"},
        {"version: 1\ntimezone:\n" SITES URL USER TOKEN, 2, 10, "timezone",
         "no value: write an IANA zone such as Europe/Berlin"},
        {IN_SITE("duration", "90m"), 8, 15, "sites.acme.duration",
         "90m is more than Confluence grants (1m to 60m)"},
        {IN_SITE("duration", "30s"), 8, 15, "sites.acme.duration",
         "30s is less than Confluence grants (1m to 60m)"},
        {IN_SITE("duration", "90s"), 8, 15, "sites.acme.duration",
         "90s is not a number of whole minutes: write 1m or 2m"},
        {IN_SITE("duration", "60"), 8, 15, "sites.acme.duration",
         "'60' has no unit: write 60s for seconds or 60m for minutes"},
        {IN_SITE("duration", "[60m]"), 8, 15, "sites.acme.duration",
         "a list stands where a duration such as 90s, 20m or 1h30m is due"},
        {IN_SITE("duration", "~"), 8, 15, "sites.acme.duration",
         "no value: write a duration such as 90s, 20m or 1h30m"},
        {IN_SITE("verify", "30s"), 8, 13, "sites.acme.verify", "30s is less than is allowed (1m to 24h)"},
        {IN_SITE("renewal", "{before: 31m}"), 8, 23, "sites.acme.renewal.before",
         "31m is more than is allowed (1m to 30m)"},
        {IN_SITE("renewal", "{spread: 11m}"), 8, 23, "sites.acme.renewal.spread",
         "11m is more than is allowed (0m to 10m)"},
        {IN_SITE("renewal", "5m"), 8, 14, "sites.acme.renewal",
         "a single value stands where a map is due: write before, spread, windows and mode, each on a line "
         "below it"},
        {IN_SITE("enforce", "on"), 8, 14, "sites.acme.enforce", "'on' is none of yes, no, true, false"},
        {IN_SITE("enforce", "Yes"), 8, 14, "sites.acme.enforce", "'Yes' is none of yes, no, true, false"},
        {IN_SITE("on_stop", "off"), 8, 14, "sites.acme.on_stop",
         "'off' is not known here: write disable or keep"},
        {IN_SITE("foreign_keys", "kill"), 8, 19, "sites.acme.foreign_keys",
         "'kill' is not known here: write leave, disable or adopt"},
        {IN_SITE("renewal", "{mode: never}"), 8, 21, "sites.acme.renewal.mode",
         "'never' is not known here: write only or prefer"},
        {IN_SITE("renewal", "{windows: never}"), 8, 24, "sites.acme.renewal.windows",
         "not a list: write a list of intervals, each entry behind a '-'"},
        {IN_SITE("renewal", "{windows: []}"), 8, 24, "sites.acme.renewal.windows",
         "an empty list: leave 'windows' out if none is meant"},
        {IN_SITE("limits", "{continuous: 30s}"), 8, 26, "sites.acme.limits.continuous",
         "30s is less than is allowed (1m at least)"},
        {IN_SITE("limits", "{per_day: 25h}"), 8, 23, "sites.acme.limits.per_day",
         "25h is more than is allowed (1m to 24h)"},
        {SITE "    timezone: Mars/Base\n", 8, 15, "sites.acme.timezone",
         "'Mars/Base' is not a time zone of this system: write an IANA name such as Europe/Berlin, or "
         "install tzdata if it is missing"},
        {IN_SITE("ca_file", "ca.pem"), 8, 14, "sites.acme.ca_file",
         "not an absolute path: write the absolute path of a file"},
        {IN_SITE("token_expires", "2027-02-29"), 8, 20, "sites.acme.token_expires",
         "'2027-02-29' is not a date: write a date such as 2027-06-30"},
        {IN_SITE("token_expires", "2027-6-30"), 8, 20, "sites.acme.token_expires",
         "'2027-6-30' is not a date: write a date such as 2027-06-30"},
        {IN_SITE("proxy", "proxy:3128"), 8, 12, "sites.acme.proxy",
         "a proxy's address begins with http://, https://, socks5:// or socks5h://: write a proxy's address, "
         "such as http://proxy.example:3128"},
        {IN_SITE("proxy", "http://me:secret@proxy:3128"), 8, 12, "sites.acme.proxy", NO_PASSWORD},
        {WITH_URL("acme.atlassian.net"), 5, 10, "sites.acme.url",
         "the address must begin with https://: write the site's address, such as "
         "https://acme.atlassian.net"},
        {WITH_URL("http://acme.atlassian.net"), 5, 10, "sites.acme.url", IN_CLEAR},
        {WITH_URL("http://127.0.0.1.evil.example"), 5, 10, "sites.acme.url", IN_CLEAR},
        {WITH_URL("https://acme.atlassian.net/wiki"), 5, 10, "sites.acme.url",
         "/wiki does not belong into the address: end it behind the host, adminkeyd adds what is needed"},
        {WITH_URL("https://acme.atlassian.net/x"), 5, 10, "sites.acme.url", END_AT_HOST},
        {WITH_URL("https://acme.atlassian.net?x=1"), 5, 10, "sites.acme.url", END_AT_HOST},
        {WITH_URL("https://a:b@acme.atlassian.net"), 5, 10, "sites.acme.url", NO_PASSWORD},
        {WITH_URL("https://"), 5, 10, "sites.acme.url", NO_HOST},
        {WITH_URL("https://a..b"), 5, 10, "sites.acme.url", NO_HOST},
        {WITH_URL("https://-a.b"), 5, 10, "sites.acme.url", NO_HOST},
        {WITH_URL("https://\xc3\xa4.example"), 5, 10, "sites.acme.url", NO_HOST},
        {WITH_URL("https://a:0"), 5, 10, "sites.acme.url",
         "not a port: write a number from 1 to 65535 behind the ':'"},
        {WITH_URL("https://a:65536"), 5, 10, "sites.acme.url",
         "not a port: write a number from 1 to 65535 behind the ':'"},
        {WITH_URL("https://[::1"), 5, 10, "sites.acme.url",
         "not an IPv6 address in brackets: write it as in https://[2001:db8::1]"},
        {WITH_USER("joe"), 6, 11, "sites.acme.user",
         "not an e-mail address: write the e-mail address of the account whose key it is"},
        {WITH_USER("'a@b:c'"), 6, 11, "sites.acme.user",
         "not an e-mail address: write the e-mail address of the account whose key it is"},
        {WITH_TOKEN("ATATT3xFfGF0aBcD"), 7, 12, "sites.acme.token", A_TOKEN},
        {WITH_TOKEN("aB3dE6gH9jK2mN5pQ8sT1vW4"), 7, 12, "sites.acme.token",
         "this looks like an API token, which must not stand in a policy: revoke it, and write the name of a "
         "credential, or the absolute path of a file that holds the token"},
        {WITH_TOKEN("a/b"), 7, 12, "sites.acme.token",
         "neither a credential's name (letters, digits, '.', '_' and '-') nor an absolute path: write the "
         "name of a credential, or the absolute path of a file that holds the token"},
        {WITH_URL("https://a:ATATT3x@acme.example"), 5, 10, "sites.acme.url", A_TOKEN},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_intervals(void **state)
{
    static const struct refusal rows[] = {
        {IN_SITE("active_hours", "[]"), 8, 19, "sites.acme.active_hours",
         "an empty list: write 'never' if that is meant"},
        {IN_SITE("active_hours", "always"), 8, 19, "sites.acme.active_hours",
         "not a list: write a list of intervals, or never, each entry behind a '-'"},
        {IN_SITE("active_hours", "{weekdays: [monday]}"), 8, 19, "sites.acme.active_hours",
         "not a list: write a list of intervals, or never, each entry behind a '-'"},
        {IN_SITE("active_hours", "[monday]"), 8, 20, PATH(""),
         "this is not an interval: write keys such as weekdays and times behind the '-', all of them of the "
         "same depth"},
        {IN_SITE("maintenance_windows", "[]"), 8, 26, "sites.acme.maintenance_windows",
         "an empty list: leave 'maintenance_windows' out if none is meant"},
        {IN_SITE("maintenance_windows", "never"), 8, 26, "sites.acme.maintenance_windows",
         "not a list: write a list of intervals, each entry behind a '-'"},
        {WINDOW "      - weekdays: [monday]\n", 9, 9, "sites.acme.maintenance_windows[0].name",
         "'name' is missing here: write what the window is for"},
        {ENTRY("times: ['08:30-17:30']"), 9, 9, PATH(""), NO_DAYS},
        {ENTRY("{}"), 9, 9, PATH(""), NO_DAYS},
        {ENTRY("every_day: no"), 9, 9, PATH(""), NO_DAYS},
        {ENTRY("{weekdays: [monday], every_day: true}"), 9, 30, PATH(".every_day"),
         "every_day cannot stand beside weekdays: take one of them out"},
        {ENTRY("weekdays: monday"), 9, 19, PATH(".weekdays"),
         "a single value stands where a list is due: put it into [ ]"},
        {ENTRY("weekdays: []"), 9, 19, PATH(".weekdays"),
         "an empty list: write a weekday or a range such as 'monday:friday' into it, or leave 'weekdays' "
         "out"},
        {ENTRY("weekdays: [mo]"), 9, 20, PATH(".weekdays[0]"),
         "'mo' is not known here: write a weekday or a range such as 'monday:friday'"},
        {ENTRY("weekdays: [monday, 'mon:frx']"), 9, 28, PATH(".weekdays[1]"),
         "'mon:frx' is not known here: write a weekday or a range such as 'monday:friday'"},
        {ENTRY("weekdays: [[monday]]"), 9, 20, PATH(".weekdays[0]"),
         "a list stands where a weekday or a range such as 'monday:friday' is due"},
        {ENTRY("weekdays: [monday: friday]"), 9, 20, PATH(".weekdays[0]"),
         "a map stands where a weekday or a range such as 'monday:friday' is due"},
        {ENTRY("wekdays: [monday]\n        every_day: yes"), 9, 9, PATH(".wekdays"),
         "unknown key: did you mean 'weekdays'?"},
        {TIMES("1320"), 9, 34, TIME_PATH,
         "1320 is a number, not a time: YAML 1.1 tools make it of an unquoted 22:00; "
         "write '22:00' in quotes"},
        {TIMES("'8:30-17:30'"), 9, 34, TIME_PATH,
         "'8:30-17:30' is not known here: write a stretch of the day such as '08:30-17:30'"},
        {TIMES("'08:30 - 17:30'"), 9, 34, TIME_PATH,
         "'08:30 - 17:30' is not known here: write a stretch of the day such as '08:30-17:30'"},
        {TIMES("'08:60-17:30'"), 9, 34, TIME_PATH,
         "'08:60-17:30' is not known here: write a stretch of the day such as '08:30-17:30'"},
        {TIMES("'08:30-24:01'"), 9, 34, TIME_PATH,
         "'08:30-24:01' is not known here: write a stretch of the day such as '08:30-17:30'"},
        {TIMES("'24:00-08:00'"), 9, 34, TIME_PATH, IN_START},
        {TIMES("'08:30-08:30'"), 9, 34, TIME_PATH,
         "starts and ends at the same time: a whole day is '00:00-24:00'"},
        {TIMES("{start_time: 510, end_time: '17:30'}"), 9, 47, TIME_PATH ".start_time",
         "510 is a number, not a time: YAML 1.1 tools make it of an unquoted 08:30; write '08:30' in quotes"},
        {TIMES("{start_time: '24:00', end_time: '17:30'}"), 9, 47, TIME_PATH ".start_time", IN_START},
        {TIMES("{start_time: '08:30'}"), 9, 34, TIME_PATH ".end_time",
         "'end_time' is missing here: write a time of day such as '17:30'"},
        {TIMES("{start_time: '08:30', end: '17:30', end_time: '09:00'}"), 9, 56, TIME_PATH ".end",
         "unknown key: adminkeyd-policy(5) lists those that there are"},
        {DAYS_OR("times: '08:30-17:30'"), 9, 33, PATH(".times"),
         "a single value stands where a list is due: put it into [ ]"},
        {ABSOLUTE("2027-03-05 18:00", "2027-03-05 18:00"), 9, 41, PATH(".until"),
         "until is not after from (line 9): write a later time"},
        {ABSOLUTE("2027-03-05T18:00", "2027-03-06 18:00"), 9, 16, PATH(".from"),
         "'2027-03-05T18:00' is not a local date and time: write a local time such as 2027-03-05 18:00, "
         "between 1970 and 2200"},
        {ABSOLUTE("2027-03-05 24:00", "2027-03-06 18:00"), 9, 16, PATH(".from"),
         "'2027-03-05 24:00' is not a local date and time: write a local time such as 2027-03-05 18:00, "
         "between 1970 and 2200"},
        {ABSOLUTE("2027-03-28 02:00", "2027-03-28 02:59"), 9, 9, PATH(""),
         "this window can never open: its clock skips all of it"},
        {ABSOLUTE("*alias", "2027-03-05 18:00"), 9, 16, PATH(".from"),
         "an alias (*) is not allowed in a policy: write the value out"},
        {ENTRY("from: 2027-03-05 18:00"), 9, 9, PATH(".until"),
         "'until' is missing here: write both ends, from and until"},
        {ENTRY("until: 2027-03-05 18:00"), 9, 9, PATH(".from"),
         "'from' is missing here: write both ends, from and until"},
        {ENTRY("{from: 2027-03-05 18:00, until: 2027-03-06 18:00, weekdays: [monday]}"), 9, 59,
         PATH(".weekdays"),
         "'weekdays' cannot stand beside from and until, which are one stretch: take one of them out"},
        {ENTRY("{from: 2027-03-05 18:00, until: 2027-03-06 18:00, every_day: yes}"), 9, 59,
         PATH(".every_day"),
         "'every_day' cannot stand beside from and until, which are one stretch: take one of them out"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_days(void **state)
{
    static const struct refusal rows[] = {
        {ENTRY("days_of_month: [32]"), 9, 25, PATH(".days_of_month[0]"),
         "'32' is not known here: write a day from 1 to 31, or -1 to -31 from the month's end, or a range "
         "such as '1:7'"},
        {ENTRY("days_of_month: [0]"), 9, 25, PATH(".days_of_month[0]"),
         "'0' is not known here: write a day from 1 to 31, or -1 to -31 from the month's end, or a range "
         "such as '1:7'"},
        {ENTRY("days_of_month: ['7:1']"), 9, 25, PATH(".days_of_month[0]"),
         "'7:1' runs backwards: write its earlier end first"},
        {ENTRY("days_of_month: ['-1:-7']"), 9, 25, PATH(".days_of_month[0]"),
         "'-1:-7' runs backwards: write its earlier end first"},
        {ENTRY("days_of_month: ['-1:7']"), 9, 25, PATH(".days_of_month[0]"),
         "a range that begins counted from the month's end must end so too: write '-7:-1' or '1:7'"},
        {ENTRY("months: [13]"), 9, 18, PATH(".months[0]"),
         "'13' is not known here: write a month or a range such as 'may:august'"},
        {ENTRY("years: [2026]"), 9, 9, PATH(""), NO_DAYS},
        {DAYS_OR("years: ['2027:2026']"), 9, 34, PATH(".years[0]"),
         "'2027:2026' runs backwards: write its earlier end first"},
        {DAYS_OR("years: [1969]"), 9, 34, PATH(".years[0]"),
         "'1969' is not known here: write a year from 1970 to 2200 or a range such as '2026:2028'"},
        {ENTRY("dates: ['2026-12-24:2026-12-23']"), 9, 17, PATH(".dates[0]"),
         "'2026-12-24:2026-12-23' runs backwards: write its earlier end first"},
        {ENTRY("dates: [2026-11-31]"), 9, 17, PATH(".dates[0]"),
         "'2026-11-31' is not known here: write a date or a range such as '2026-12-24:2027-01-01'"},
        {DAYS_OR("location: Mars/Base"), 9, 36, PATH(".location"),
         "'Mars/Base' is not a time zone of this system: write an IANA name such as Europe/Berlin, or "
         "install tzdata if it is missing"},
        {ENTRY("{months: [february], days_of_month: [30]}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{months: [february], days_of_month: ['-31:-30'], weekdays: [monday], years: [2026]}"), 9, 9,
         PATH(""), "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{dates: ['2026-12-24:2027-01-01'], years: [2028]}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{dates: [2026-11-23], weekdays: [tuesday]}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{months: [february], days_of_month: [29], years: ['2025:2027', 2100]}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{days_of_month: ['5:-28']}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{dates: [2027-03-28], times: ['02:15-02:45']}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {ENTRY("{dates: [2027-03-14], times: ['02:15-02:45'], location: America/New_York}"), 9, 9, PATH(""),
         "this window can never open: no day until 2200 fits all of its fields"},
        {IN_SITE("exclude", "[{dates: [2026-11-23], weekdays: [tuesday]}]"), 8, 15, "sites.acme.exclude[0]",
         "this window can never open: no day until 2200 fits all of its fields"},
        {IN_SITE("renewal", "{windows: [{months: [2], days_of_month: [30]}]}"), 8, 25,
         "sites.acme.renewal.windows[0]",
         "this window can never open: no day until 2200 fits all of its fields"},
        {DAYS_OR("years: ['2026:9999']"), 9, 34, PATH(".years[0]"),
         "'2026:9999' is not known here: write a year from 1970 to 2200 or a range such as '2026:2028'"},
        {ENTRY("dates: [2201-01-01]"), 9, 17, PATH(".dates[0]"),
         "'2201-01-01' is not known here: write a date or a range such as '2026-12-24:2027-01-01'"},
        {ENTRY("dates: [2027-02-29]"), 9, 17, PATH(".dates[0]"),
         "'2027-02-29' is not known here: write a date or a range such as '2026-12-24:2027-01-01'"},
        {ENTRY("weekdays: ['monday:tuesday:friday']"), 9, 20, PATH(".weekdays[0]"),
         "'monday:tuesday:friday' is not known here: write a weekday or a range such as 'monday:friday'"},
        {ENTRY("days_of_month: ['1:2:3']"), 9, 25, PATH(".days_of_month[0]"),
         "'1:2:3' is not known here: write a day from 1 to 31, or -1 to -31 from the month's end, or a range "
         "such as '1:7'"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), false);
}

static void test_refuses_values_of_keys_to_come(void **state)
{
    static const struct refusal rows[] = {
        {IN_SITE("probe", "abc"), 8, 12, "sites.acme.probe",
         "not the number of a page: write the number of a page, as in the page's address"},
        {IN_SITE("on_demand", "{limit: 25h}"), 8, 24, "sites.acme.on_demand.limit",
         "25h is more than is allowed (0m to 24h)"},
    };

    (void)state;
    check_refusals(rows, ARRAY_SIZE(rows), true);
}

/* Known, and not obeyed yet: never accepted in silence. */
static void test_refuses_what_is_not_supported_yet(void **state)
{
    static const struct refusal rows[] = {
        {IN_SITE("on_demand", "{limit: 2h}"), 8, 5, "sites.acme.on_demand", NOT_YET},
        {IN_SITE("probe", "1234"), 8, 5, "sites.acme.probe", NOT_YET},
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
                               "on_lock: x,\n"
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
        cmocka_unit_test(test_refuses_days),
        cmocka_unit_test(test_refuses_values_of_keys_to_come),
        cmocka_unit_test(test_refuses_what_is_not_supported_yet),
        cmocka_unit_test(test_names_all_faults_in_one_run),
        cmocka_unit_test(test_never_repeats_a_token),
        cmocka_unit_test(test_sizes_have_caps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
