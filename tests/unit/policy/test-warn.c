// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/text.h"
#include "given.h"

#define SAID_MAX    4
#define SAID_SIZE   600
#define SITE_SIZE   1024
#define ACTIVE      "    active_hours:\n"
#define MAINTENANCE "    maintenance_windows:\n"
#define EXCLUDE     "    exclude:\n"
#define DAILY       ACTIVE "      - {every_day: yes, times: ['08:00-18:00']}\n"
#define RENEW(text) "    renewal: {windows: [" text "]}\n"

struct outlook_case {
    const char *site;           /* from line 8 on */
    const char *said[SAID_MAX]; /* "line:column: key below the site: message", in order; NULL: no more */
};

static usec instant(const char *text)
{
    usec utc;

    assert_int_equal(time_parse_rfc3339(text, &utc), 0);
    return utc;
}

static const char *said_of(char buffer[static SAID_SIZE], const struct problem *problem)
{
    static const char site[] = "sites.acme.";

    assert_true(problem->warning);
    assert_true(text_starts_with(problem->key, site));
    snprintf(buffer, SAID_SIZE, "%u:%u: %s: %s", problem->line, problem->column, problem->key + strlen(site),
             problem->message);
    return buffer;
}

static bool says(const struct problems *problems, const struct outlook_case *row)
{
    char said[SAID_SIZE];
    bool right = true;

    for (size_t i = 0; i < problems->n || (i < SAID_MAX && row->said[i]); i++) {
        const char *wanted = i < SAID_MAX ? row->said[i] : NULL;
        const char *found = i < problems->n ? said_of(said, &problems->list[i]) : NULL;

        if (wanted && found && text_equal(wanted, found))
            continue;
        right = false;
        print_error("found  %s\nwanted %s\n", found ? found : "-", wanted ? wanted : "-");
    }
    return right;
}

static void check_outlook(const char *now, const struct outlook_case *rows, size_t n)
{
    bool failed = false;

    for (size_t i = 0; i < n; i++) {
        struct problems problems = PROBLEMS_INIT;
        struct policy *policy;
        char yaml[SITE_SIZE];

        assert_in_range(snprintf(yaml, sizeof(yaml), SITE "%s", rows[i].site), 1, sizeof(yaml) - 1);
        policy = accept_policy(yaml, false);
        assert_int_equal(policy_warn(policy, instant(now), &problems), 0);
        if (!says(&problems, &rows[i])) {
            print_error("row %zu:\n%s\n", i, yaml);
            failed = true;
        }
        problems_done(&problems);
        policy_free(policy);
    }
    assert_false(failed);
}

static void test_nothing_doubtful_is_not_warned_of(void **state)
{
    static const struct outlook_case rows[] = {
        {"", {NULL}},
        {"    active_hours: never\n", {NULL}},
        {DAILY, {NULL}},
        {DAILY MAINTENANCE "      - {name: a, from: 2027-03-05 18:00, until: 2027-03-08 06:00}\n", {NULL}},
        {DAILY "    token_expires: 2026-12-31\n", {NULL}},
        {ACTIVE "      - {every_day: yes, years: [2050]}\n", {NULL}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

static void test_a_token_near_its_end(void **state)
{
    static const struct outlook_case
        early[] = {{"    token_expires: 2027-06-30\n", {NULL}}},
        near[] =
            {{"    token_expires: 2027-06-30\n",
              {"8:20: token_expires: the token expires within 14 days: create a new one soon, and set its "
               "date here"}}},
        past[] = {{"    token_expires: 2027-06-30\n",
                   {"8:20: token_expires: the token's last day is past: create a new one and set its date "
                    "here"}}};

    (void)state;
    check_outlook("2027-06-16T21:59:59Z", early, 1);
    check_outlook("2027-06-16T22:00:00Z", near, 1);
    check_outlook("2027-06-30T21:59:59Z",
                  (const struct outlook_case[]){{"    token_expires: 2027-06-30\n",
                                                 {"8:20: token_expires: the token expires within 1 days: "
                                                  "create a new one soon, and set its date here"}}},
                  1);
    check_outlook("2027-06-30T22:00:00Z", past, 1);
}

static void test_windows_that_are_past(void **state)
{
    static const struct outlook_case rows[] = {
        {MAINTENANCE "      - name: a\n        from: 2026-11-22 18:00\n        until: 2026-11-23 13:00\n",
         {"9:9: maintenance_windows[0]: nothing of this window is to come: take it out"}},
        {MAINTENANCE "      - name: a\n        from: 2026-11-22 18:00\n        until: 2026-11-23 13:01\n",
         {NULL}},
        {DAILY EXCLUDE "      - {dates: ['2025-12-24:2026-01-01']}\n      - {dates: [2026-12-24]}\n",
         {"11:9: exclude[0]: nothing of this exclude is to come: take it out"}},
        {DAILY "      - {every_day: yes, years: [2025], times: ['01:00-02:00']}\n",
         {"10:9: active_hours[1]: nothing of this window is to come: take it out"}},
        /* Today's is over; in New York it is yet to come. */
        {ACTIVE "      - {dates: [2026-11-23], times: ['08:00-13:00']}\n"
                "      - {dates: [2026-11-23], times: ['08:00-13:00'], location: America/New_York}\n",
         {"9:9: active_hours[0]: nothing of this window is to come: take it out"}},
        {DAILY RENEW("{every_day: yes}, {dates: [2026-01-01]}"),
         {"10:43: renewal.windows[1]: nothing of this window is to come: take it out"}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

#define LATER(text) "does not happen, for the clock skips all of it: let it end after " text " if it must"

static void test_windows_that_the_clock_skips(void **state)
{
    static const struct outlook_case rows[] = {
        {ACTIVE "      - {weekdays: [sunday], times: ['01:00-01:30', '02:00-03:00']}\n",
         {"9:9: active_hours[0]: the window of 2027-03-28 02:00 " LATER("2027-03-28 03:00")}},
        {ACTIVE "      - {every_day: yes}\n      - {weekdays: [sunday], times: ['02:10-02:50']}\n",
         {"10:9: active_hours[1]: the window of 2027-03-28 02:10 " LATER("2027-03-28 03:00")}},
        {ACTIVE "      - {weekdays: [sunday], times: ['02:00-03:01']}\n", {NULL}},
        {ACTIVE "      - {weekdays: [sunday], times: ['01:59-03:00']}\n", {NULL}},
        {ACTIVE "      - {weekdays: [monday], times: ['02:00-03:00']}\n", {NULL}},
        {ACTIVE "      - {every_day: yes}\n", {NULL}},
        {DAILY EXCLUDE "      - {every_day: yes, times: ['02:00-03:00']}\n", {NULL}},
        /* Found years ahead: that Sunday is the 25th of March in 2029 only. */
        {ACTIVE "      - {days_of_month: [25], months: [march], times: ['02:00-03:00']}\n",
         {"9:9: active_hours[0]: the window of 2029-03-25 02:00 " LATER("2029-03-25 03:00")}},
        {ACTIVE
         "      - {days_of_month: [25], months: [march], years: ['2026:2028'], times: ['02:00-03:00']}\n",
         {NULL}},
        {ACTIVE "      - {every_day: yes, times: ['02:00-02:30'], location: Australia/Lord_Howe}\n",
         {"9:9: active_hours[0]: the window of 2027-10-03 02:00 " LATER("2027-10-03 02:30")}},
        {ACTIVE "      - {every_day: yes, times: ['00:00-01:00'], location: Africa/Cairo}\n",
         {"9:9: active_hours[0]: the window of 2027-04-30 00:00 " LATER("2027-04-30 01:00")}},
        {ACTIVE "      - {every_day: yes, times: ['23:30-00:00'], location: Africa/Cairo}\n", {NULL}},
        {DAILY RENEW(
             "{every_day: yes}, {every_day: yes, times: ['02:00-03:00'], location: America/New_York}"),
         {"10:43: renewal.windows[1]: the window of 2027-03-14 02:00 " LATER("2027-03-14 03:00")}},
        {MAINTENANCE "      - {name: a, from: 2027-03-28 01:59:30, until: 2027-03-28 02:30}\n",
         {"9:9: maintenance_windows[0]: this window lasts 30s, and a key takes a minute: write a later "
          "until"}},
        {MAINTENANCE "      - {name: a, from: 2027-03-28 01:59:00, until: 2027-03-28 02:30}\n", {NULL}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

#define NOTHING_LEFT(line, opens)                                                                            \
    "the excludes leave nothing of this window for ten years: the one on line " line " covers " opens        \
    ", when it would be open next"

static void test_windows_that_excludes_leave_nothing_of(void **state)
{
    static const struct outlook_case rows[] = {
        {DAILY EXCLUDE "      - {every_day: yes}\n",
         {"9:9: active_hours[0]: " NOTHING_LEFT("11", "2026-11-23 13:00")}},
        {DAILY "      - {weekdays: [saturday], times: ['20:00-22:00']}\n" EXCLUDE
               "      - {weekdays: ['sat:sun']}\n",
         {"10:9: active_hours[1]: " NOTHING_LEFT("12", "2026-11-28 20:00")}},
        {DAILY "      - {weekdays: [saturday], times: ['20:00-22:00']}\n" EXCLUDE
               "      - {weekdays: ['sat:sun'], times: ['20:00-21:59']}\n",
         {NULL}},
        /* Two excludes together. */
        {DAILY MAINTENANCE "      - {name: a, dates: [2026-12-24], times: ['20:00-22:00']}\n" EXCLUDE
                           "      - {every_day: yes, times: ['20:00-21:00']}\n"
                           "      - {weekdays: [thursday], times: ['21:00-22:00']}\n",
         {"11:9: maintenance_windows[0]: " NOTHING_LEFT("13", "2026-12-24 20:00")}},
        {DAILY MAINTENANCE "      - {name: a, from: 2026-12-24 20:00, until: 2026-12-25 06:00}\n" EXCLUDE
                           "      - {name: b, from: 2026-12-24 20:00, until: 2026-12-25 06:00}\n",
         {"11:9: maintenance_windows[0]: " NOTHING_LEFT("13", "2026-12-24 20:00")}},
        /* Only for a while; only once in years. */
        {DAILY EXCLUDE "      - {every_day: yes, years: ['2026:2035']}\n", {NULL}},
        {DAILY EXCLUDE "      - {every_day: yes, years: ['2026:2037']}\n",
         {"9:9: active_hours[0]: " NOTHING_LEFT("11", "2026-11-23 13:00")}},
        {DAILY MAINTENANCE "      - {name: a, months: [2], days_of_month: [29]}\n" EXCLUDE
                           "      - {months: [2], days_of_month: [-1]}\n",
         {"11:9: maintenance_windows[0]: " NOTHING_LEFT("13", "2028-02-29 00:00")}},
        {ACTIVE "      - {every_day: yes, years: [2050]}\n" EXCLUDE "      - {every_day: yes}\n", {NULL}},
        /* The exclude's clock is another one. */
        {DAILY EXCLUDE "      - {every_day: yes, times: ['07:00-17:00'], location: UTC}\n", {NULL}},
        {DAILY EXCLUDE "      - {every_day: yes, times: ['06:00-17:00'], location: UTC}\n",
         {"9:9: active_hours[0]: " NOTHING_LEFT("11", "2026-11-23 13:00")}},
        /* Renewal windows are excluded by nothing. */
        {RENEW("{every_day: yes}") EXCLUDE "      - {every_day: yes}\n", {NULL}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

#define NIGHTS ACTIVE "      - {every_day: yes, times: ['22:00-06:00']}\n"
#define REST(line, from, rest, until)                                                                        \
    "this cuts the window of " from " (line " line "), and leaves its rest from " rest " to " until

static void test_excludes_that_leave_the_rest_of_a_night(void **state)
{
    static const struct outlook_case rows[] = {
        {NIGHTS EXCLUDE "      - {dates: [2026-12-24]}\n",
         {"11:9: exclude[0]: " REST("9", "2026-12-24 22:00", "2026-12-25 00:00",
                                    "2026-12-25 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'"}},
        {NIGHTS EXCLUDE "      - {dates: ['2026-12-24:2027-01-01']}\n",
         {"11:9: exclude[0]: " REST("9", "2027-01-01 22:00", "2027-01-02 00:00",
                                    "2027-01-02 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'"}},
        {NIGHTS EXCLUDE "      - {from: 2026-12-24 00:00, until: 2026-12-27 00:00}\n",
         {"11:9: exclude[0]: " REST("9", "2026-12-26 22:00", "2026-12-27 00:00",
                                    "2026-12-27 06:00") ": write a later until to cut that too"}},
        /* What it says to add ends it. */
        {NIGHTS EXCLUDE
         "      - {dates: [2026-12-24]}\n      - {dates: [2026-12-24], times: ['22:00-06:00']}\n",
         {NULL}},
        {NIGHTS EXCLUDE "      - {dates: [2026-12-24], times: ['00:00-24:00', '22:00-06:00']}\n", {NULL}},
        {NIGHTS EXCLUDE "      - {from: 2026-12-24 00:00, until: 2026-12-27 06:00}\n", {NULL}},
        /* Each exclude once; two that touch end with the later one. */
        {NIGHTS EXCLUDE "      - {dates: [2026-12-24]}\n      - {dates: [2026-12-25]}\n"
                        "      - {weekdays: ['sat:sun']}\n",
         {"13:9: exclude[2]: " REST("9", "2026-11-29 22:00", "2026-11-30 00:00",
                                    "2026-11-30 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'"}},
        {NIGHTS EXCLUDE "      - {dates: [2026-12-24]}\n      - {dates: [2026-12-28]}\n",
         {"11:9: exclude[0]: " REST("9", "2026-12-24 22:00", "2026-12-25 00:00",
                                    "2026-12-25 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'",
          "12:9: exclude[1]: " REST("9", "2026-12-28 22:00", "2026-12-29 00:00",
                                    "2026-12-29 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'"}},
        /* An end that is no midnight is meant; so is one that some other window passes anyway. */
        {NIGHTS EXCLUDE "      - {every_day: yes, times: ['20:00-02:00']}\n", {NULL}},
        {NIGHTS "      - {every_day: yes}\n" EXCLUDE "      - {dates: [2026-12-24]}\n", {NULL}},
        /* The night before is cut as wished, and what starts at midnight is another window. */
        {ACTIVE "      - {weekdays: [wednesday], times: ['22:00-06:00']}\n" EXCLUDE
                "      - {dates: [2026-12-24]}\n",
         {NULL}},
        {ACTIVE "      - {every_day: yes, times: ['22:00-24:00', '00:00-06:00']}\n" EXCLUDE
                "      - {dates: [2026-12-24]}\n",
         {NULL}},
        {ACTIVE "      - {every_day: yes, times: ['22:00-00:00']}\n" EXCLUDE
                "      - {dates: [2026-12-24]}\n",
         {NULL}},
        /* A midnight that the clock skips. */
        {"    timezone: Africa/Cairo\n" NIGHTS EXCLUDE "      - {dates: [2027-04-29]}\n",
         {"12:9: exclude[0]: " REST("10", "2027-04-29 22:00", "2027-04-30 01:00",
                                    "2027-04-30 06:00") ": to cut that too, add an exclude on the same days "
                                                        "with times '22:00-06:00'"}},
        {NIGHTS EXCLUDE "      - {every_day: yes}\n",
         {"9:9: active_hours[0]: " NOTHING_LEFT("11", "2026-11-23 22:00")}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

#define OR_PREFER ": let one open before, or choose mode: prefer"

static void test_renewal_windows_that_let_a_key_lapse(void **state)
{
    static const struct outlook_case rows[] = {
        {DAILY RENEW("{every_day: yes, times: ['08:30-09:00', '12:00-13:00']}"),
         /* It is 13:00: the stretch that is on counts from now, so the window of today is past. */
         {"10:24: renewal.windows: the key would lapse at 2026-11-23 14:00, for none of these windows opens "
          "before its hours end at 2026-11-23 18:00" OR_PREFER}},
        {DAILY RENEW("{every_day: yes, times: ['14:30-15:00']}"),
         {"10:24: renewal.windows: the key would lapse at 2026-11-23 14:00, for the next of these windows "
          "opens "
          "no earlier than 2026-11-23 14:30" OR_PREFER}},
        {ACTIVE "      - {every_day: yes}\n" RENEW("{dates: [2026-11-23]}"),
         {"10:24: renewal.windows: the key would lapse at 2026-11-24 00:59, for none of these windows comes "
          "after "
          "that" OR_PREFER}},
        {ACTIVE "      - {every_day: yes}\n" RENEW("{every_day: yes}"), {NULL}},
        /* The next one opens only as the key ends. */
        {ACTIVE "      - {every_day: yes}\n" RENEW("{every_day: yes, times: ['00:00-23:01']}"),
         {"10:24: renewal.windows: the key would lapse at 2026-11-24 00:00, for the next of these windows "
          "opens no "
          "earlier than 2026-11-24 00:00" OR_PREFER}},
        {ACTIVE "      - {every_day: yes}\n" RENEW("{every_day: yes, times: ['00:00-23:02']}"), {NULL}},
        {ACTIVE "      - {every_day: yes}\n" RENEW("{every_day: yes, times: ['00:00-23:00']}"),
         {"10:24: renewal.windows: the key would lapse at 2026-11-23 23:59, for the next of these windows "
          "opens "
          "no earlier than 2026-11-24 00:00" OR_PREFER}},
        /* Hours that one grant lasts through, and those that need no other. */
        {ACTIVE "      - {every_day: yes, times: ['08:00-09:00']}\n" RENEW(
             "{every_day: yes, times: ['12:00-13:00']}"),
         {NULL}},
        {ACTIVE "      - {every_day: yes, times: ['08:00-10:00']}\n" RENEW(
             "{every_day: yes, times: ['08:50-08:59']}"),
         {"10:24: renewal.windows: the key would lapse at 2026-11-24 09:58, for none of these windows opens "
          "before "
          "its hours end at 2026-11-24 10:00" OR_PREFER}},
        {ACTIVE "      - {every_day: yes, times: ['08:00-10:00']}\n" RENEW(
             "{every_day: yes, times: ['08:50-09:01']}"),
         {NULL}},
        /* A short life, a stretch that only a maintenance window makes long, and a window in the nick of
           time. */
        {DAILY "    duration: 10m\n" RENEW("{every_day: yes, times: ['08:00-18:00']}"), {NULL}},
        {ACTIVE "      - {every_day: yes, times: ['08:00-09:00']}\n" MAINTENANCE
                "      - {name: a, dates: [2031-05-05], times: ['09:00-10:30']}\n" RENEW(
                    "{every_day: yes, times: ['08:00-08:30']}"),
         {"12:24: renewal.windows: the key would lapse at 2031-05-05 09:29, for none of these windows opens "
          "before "
          "its hours end at 2031-05-05 10:30" OR_PREFER}},
        /* The gap is half an hour, and an hour and a half where clocks are turned back. */
        {ACTIVE "      - {weekdays: [sunday], times: ['00:30-04:00']}\n" RENEW(
             "{every_day: yes, times: ['00:30-02:31', '03:00-04:00']}"),
         {"10:24: renewal.windows: the key would lapse at 2027-10-31 02:30, for the next of these windows "
          "opens "
          "no earlier than 2027-10-31 03:00" OR_PREFER}},
        {"    active_hours: never\n" RENEW("{every_day: yes, times: ['12:00-13:00']}"), {NULL}},
        {DAILY "    renewal: {mode: prefer, windows: [{every_day: yes, times: ['08:30-09:00']}]}\n", {NULL}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

static void test_limits_that_cut_the_hours(void **state)
{
    static const struct outlook_case rows[] = {
        {DAILY "    limits: {continuous: 10h, per_day: 10h}\n", {NULL}},
        {DAILY "    limits: {continuous: 9h}\n",
         {"10:26: limits.continuous: this cuts the hours that begin at 2026-11-24 08:00: the key goes off at "
          "2026-11-24 17:00, before they end"}},
        {DAILY "    limits: {per_day: 9h59m}\n",
         {"10:23: limits.per_day: the hours of a day are longer: the key goes off at 2026-11-24 17:59, and "
          "stays "
          "off until midnight"}},
        {ACTIVE "      - {every_day: yes}\n    limits: {continuous: 24h}\n",
         {"10:26: limits.continuous: this cuts the hours that begin at 2026-11-23 13:00: the key goes off at "
          "2026-11-24 13:00, before they end"}},
        {ACTIVE "      - {every_day: yes}\n    limits: {per_day: 23h}\n",
         {"10:23: limits.per_day: the hours of a day are longer: the key goes off at 2026-11-24 23:00, and "
          "stays "
          "off until midnight"}},
        /* A night is two days; two windows of one day add up. */
        {NIGHTS "    limits: {continuous: 9h, per_day: 9h}\n", {NULL}},
        {ACTIVE "      - {weekdays: [friday], times: ['22:00-06:00']}\n"
                "      - {weekdays: [saturday], times: ['20:00-23:00']}\n    limits: {per_day: 8h}\n",
         {"11:23: limits.per_day: the hours of a day are longer: the key goes off at 2026-11-28 22:00, and "
          "stays "
          "off until midnight"}},
        /* Only where clocks are turned back; only once. */
        {ACTIVE "      - {weekdays: [sunday], times: ['00:00-06:00']}\n    limits: {continuous: 6h}\n",
         {"10:26: limits.continuous: this cuts the hours that begin at 2027-10-31 00:00: the key goes off at "
          "2027-10-31 05:00, before they end"}},
        {DAILY MAINTENANCE
         "      - {name: a, dates: [2033-03-03], times: ['18:00-20:00']}\n    limits: {per_day: 11h}\n",
         {"12:23: limits.per_day: the hours of a day are longer: the key goes off at 2033-03-03 19:00, and "
          "stays "
          "off until midnight"}},
        {"    limits: {continuous: 1m, per_day: 1m}\n", {NULL}},
    };

    (void)state;
    check_outlook("2026-11-23T12:00:00Z", rows, ARRAY_SIZE(rows));
}

/* A clock that was never set would make everything past. */
static void test_a_clock_that_is_far_off_judges_nothing(void **state)
{
    static const char *const clocks[] = {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"};
    static const struct outlook_case row = {
        NIGHTS EXCLUDE "      - {dates: [2026-12-24]}\n    token_expires: 2027-06-30\n", {NULL}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(clocks); i++)
        check_outlook(clocks[i], &row, 1);
}

static void test_warnings_survive_any_allocation_failure(void **state)
{
    struct policy *policy = accept_policy(
        SITE NIGHTS "      - {weekdays: [sunday], times: ['02:00-03:00']}\n" EXCLUDE
                    "      - {dates: [2026-12-24]}\n" RENEW(
                        "{every_day: yes, times: ['12:00-13:00']}") "    token_expires: 2026-11-30\n",
        false);

    (void)state;
    for (unsigned n = 1;; n++) {
        struct problems problems = PROBLEMS_INIT;
        int r;

        assert_in_range(n, 1, 100);
        allocation_fail_at(n);
        r = policy_warn(policy, instant("2026-11-23T12:00:00Z"), &problems);
        if (!allocation_failed()) {
            allocation_fail_at(0);
            assert_int_equal(r, 0);
            assert_int_equal(problems.n_warnings, 4);
            problems_done(&problems);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        problems_done(&problems);
    }
    policy_free(policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_doubtful_is_not_warned_of),
        cmocka_unit_test(test_a_token_near_its_end),
        cmocka_unit_test(test_windows_that_are_past),
        cmocka_unit_test(test_windows_that_the_clock_skips),
        cmocka_unit_test(test_windows_that_excludes_leave_nothing_of),
        cmocka_unit_test(test_excludes_that_leave_the_rest_of_a_night),
        cmocka_unit_test(test_limits_that_cut_the_hours),
        cmocka_unit_test(test_renewal_windows_that_let_a_key_lapse),
        cmocka_unit_test(test_a_clock_that_is_far_off_judges_nothing),
        cmocka_unit_test(test_warnings_survive_any_allocation_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
