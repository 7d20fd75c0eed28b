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
#include "policy/keys.h"

/* All that a policy can say, as it is meant to be written. */
static const char whole_policy[] = HEAD SITES URL USER TOKEN "    token_expires: 2027-06-30\n"
                                                             "    duration: 60m\n"
                                                             "    renewal:\n"
                                                             "      before: 20m\n"
                                                             "      spread: 2m\n"
                                                             "    active_hours:\n"
                                                             "      - weekdays: ['monday:friday']\n"
                                                             "        times: ['08:30-17:30']\n"
                                                             "    maintenance_windows:\n"
                                                             "      - name: permission audit\n"
                                                             "        reason: CHG-1042\n"
                                                             "        weekdays: [saturday]\n"
                                                             "        days_of_month: ['1:7']\n" /* line 20 */
                                                             "        times: ['22:00-04:00']\n"
                                                             "      - name: migration\n"
                                                             "        reason: CHG-2001\n"
                                                             "        from: 2027-03-05 18:00\n"
                                                             "        until: 2027-03-08 06:00\n"
                                                             "    exclude:\n" /* line 26 */
                                                             "      - name: end of the year\n"
                                                             "        dates: ['2026-12-24:2027-01-01']\n"
                                                             "    on_demand: {limit: 2h, reason: required}\n"
                                                             "    enforce: yes\n"
                                                             "access:\n"
                                                             "  operators: {groups: [adminkey]}\n";

static void test_a_whole_policy(void **state)
{
    static const unsigned later_lines[] = {29};
    struct policy *policy = NULL;
    struct problems problems;

    (void)state;
    assert_int_equal(parse_policy(whole_policy, strlen(whole_policy), false, &problems, &policy),
                     POLICY_REFUSED);
    assert_int_equal(problems.n, ARRAY_SIZE(later_lines));
    for (size_t i = 0; i < problems.n; i++) {
        assert_int_equal(problems.list[i].line, later_lines[i]);
        assert_non_null(strstr(problems.list[i].message, "not supported yet"));
    }
    problems_done(&problems);
    policy_free(accept_policy(whole_policy, true));
}

static void test_renewal_windows_are_read(void **state)
{
    struct policy *policy;
    struct calendar_answer answer;
    size_t n;

    (void)state;
    policy = accept_policy(
        IN_SITE("renewal", "{windows: [{every_day: yes, times: ['10:00-11:00']}], mode: prefer}"), false);
    assert_int_equal(policy->sites[0].renewal_mode, POLICY_RENEWAL_PREFER);
    assert_non_null(policy->sites[0].renewal_windows);
    assert_int_equal(calendar_intervals(policy->sites[0].renewal_windows, &n)->kind, INTERVAL_RENEWAL_WINDOW);
    assert_int_equal(n, 1);
    calendar_at(policy->sites[0].calendar, 0, &answer); /* they open nothing themselves */
    assert_false(answer.on);
    assert_true(answer.until == USEC_INFINITY);
    policy_free(policy);
    policy = accept_policy(IN_SITE("renewal", "{before: 10m}"), false);
    assert_int_equal(policy->sites[0].renewal_mode, POLICY_RENEWAL_ONLY);
    assert_null(policy->sites[0].renewal_windows);
    policy_free(policy);
}

/* The example that is installed is one that this program takes. */
static void test_the_example_is_accepted(void **state)
{
    const char *source = getenv("abs_top_srcdir");
    char path[4096], yaml[16384];
    FILE *file;
    size_t size;

    (void)state;
    if (!source)
        skip();
    snprintf(path, sizeof(path), "%s/etc/policy.yaml", source);
    file = fopen(path, "re");
    assert_non_null(file);
    size = fread(yaml, 1, sizeof(yaml) - 1, file);
    yaml[size] = '\0';
    fclose(file);
    policy_free(accept_policy(yaml, false));
}

static void test_values_and_defaults(void **state)
{
    struct policy *policy = accept_policy(SITE, false);
    const struct policy_site *site = policy_find_site(policy, "acme");

    (void)state;
    assert_non_null(site);
    assert_null(policy_find_site(policy, "acm"));
    assert_string_equal(site->url, "https://acme.atlassian.net");
    assert_string_equal(site->user, "a@b.example");
    assert_string_equal(site->token, "acme");
    assert_true(site->token_expires_utc == USEC_INFINITY);
    assert_true(site->enforce);
    assert_null(site->ca_file);
    assert_null(site->proxy);
    assert_string_equal(zone_name(site->zone), "Europe/Berlin");
    assert_int_equal(site->duration_minutes, 60);
    assert_true(site->renewal_before == 20 * USEC_PER_MINUTE);
    assert_true(site->renewal_spread == 2 * USEC_PER_MINUTE);
    assert_true(site->verify == 15 * USEC_PER_MINUTE);
    assert_int_equal(site->on_stop, POLICY_DISABLE);
    assert_int_equal(site->line, 4);
    assert_non_null(site->calendar);
    assert_int_equal(policy->operators.n_users + policy->operators.n_groups, 0);
    assert_int_equal(policy->viewers.n_groups, 1);
    assert_string_equal(policy->viewers.groups[0], "adminkey");
    policy_free(policy);
}

static void test_every_value_is_read(void **state)
{
    struct policy *policy = accept_policy(
        SITE
        "    token_expires: 2027-06-30\n    enforce: no\n    ca_file: /etc/ca.pem\n"
        "    proxy: HTTP://Proxy.example:3128/\n    duration: 1m\n"
        "    renewal: {before: 30m, spread: 0s}\n    active_hours: never\n"
        "    on_stop: keep\n    on_sleep: keep\n    on_lock: disable\n    foreign_keys: adopt\n    limits: "
        "{continuous: 2h, per_day: 4h}\n    verify: 24h\n"
        "  beta: {url: 'http://[::1]:8080/', user: b@c.example, token: /run/t}\n"
        "access:\n  operators: {users: [root, joe], groups: [wheel]}\n"
        "  viewers: {users: [nobody]}\n",
        false);
    const struct policy_site *site = policy_find_site(policy, "acme");

    (void)state;
    assert_true(site->token_expires_utc ==
                INT64_C(1814392800) * USEC_PER_SEC); /* 2027-07-01T00:00 in Berlin */
    assert_false(site->enforce);
    assert_string_equal(site->ca_file, "/etc/ca.pem");
    assert_string_equal(site->proxy, "http://proxy.example:3128");
    assert_int_equal(site->duration_minutes, 1);
    assert_true(site->renewal_before == 30 * USEC_PER_MINUTE);
    assert_true(site->renewal_spread == 0);
    assert_true(site->verify == USEC_PER_DAY);
    assert_int_equal(site->on_stop, POLICY_KEEP);
    assert_int_equal(site->on_sleep, POLICY_KEEP);
    assert_int_equal(site->on_lock, POLICY_DISABLE);
    assert_int_equal(site->foreign_keys, POLICY_FOREIGN_ADOPT);
    assert_true(site->limit_continuous == 2 * USEC_PER_HOUR);
    assert_true(site->limit_per_day == 4 * USEC_PER_HOUR);
    assert_string_equal(policy_find_site(policy, "beta")->url, "http://[::1]:8080");
    assert_string_equal(policy_find_site(policy, "beta")->token, "/run/t");
    assert_int_equal(policy->operators.n_users, 2);
    assert_string_equal(policy->operators.users[1], "joe");
    assert_string_equal(policy->operators.groups[0], "wheel");
    assert_int_equal(policy->viewers.n_groups, 0);
    assert_string_equal(policy->viewers.users[0], "nobody");
    policy_free(policy);
}

static void test_every_interval_field_is_read(void **state)
{
    struct policy *policy = accept_policy(
        HOURS "      - {weekdays: ['FRI:mon', Wednesday], times: ['22:00-06:00', {start_time: 08:30, "
              "end_time: '24:00'}]}\n"
              "      - {every_day: true, name: all, reason: why, years: ['2026:2028']}\n"
              "      - {months: ['november:2', 6], days_of_month: ['-7:-1', 1, '15:-2'], location: UTC}\n"
              "    maintenance_windows:\n"
              "      - {name: move, from: 2027-03-05 18:00, until: '2027-03-05 18:00:30'}\n"
              "    exclude:\n      - dates: [2026-12-24, '2026-12-31:2027-01-01']\n",
        true);
    size_t n;
    const struct interval *list = calendar_intervals(policy->sites[0].calendar, &n);

    (void)state;
    assert_int_equal(n, 5);
    assert_int_equal(list[0].kind, INTERVAL_ACTIVE_HOURS);
    assert_int_equal(list[0].weekdays, 1 << 5 | 1 << 6 | 1 << 0 | 1 << 1 | 1 << 3);
    assert_int_equal(list[0].n_times, 2);
    assert_int_equal(list[0].times[0].start, 22 * 3600);
    assert_int_equal(list[0].times[0].end, 30 * 3600);
    assert_int_equal(list[0].times[1].start, 8 * 3600 + 1800);
    assert_int_equal(list[0].times[1].end, 86400);
    assert_int_equal(list[0].line, 9);
    assert_true(list[1].every_day);
    assert_string_equal(list[1].name, "all");
    assert_string_equal(list[1].reason, "why");
    assert_int_equal(list[1].years[0].last, 2028);
    assert_int_equal(list[2].months, 1 << 10 | 1 << 11 | 1 << 0 | 1 << 1 | 1 << 5);
    assert_int_equal(list[2].days_of_month[0].first, -7);
    assert_int_equal(list[2].days_of_month[1].last, 1);
    assert_int_equal(list[2].days_of_month[2].last, -2);
    assert_string_equal(zone_name(list[2].zone), "UTC");
    assert_int_equal(list[3].kind, INTERVAL_MAINTENANCE_WINDOW);
    assert_true(list[3].absolute);
    assert_true(list[3].until_wall - list[3].from_wall == 30 * USEC_PER_SEC);
    assert_string_equal(zone_name(list[3].zone), "Europe/Berlin");
    assert_int_equal(list[4].kind, INTERVAL_EXCLUDE);
    assert_int_equal(list[4].dates[1].last - list[4].dates[0].first, 8);
    policy_free(policy);
}

static void test_survives_any_allocation_failure(void **state)
{
    static const char *const rows[] = {
        HOURS "      - {weekdays: [monday], times: ['08:30-17:30'], name: a, reason: b, location: UTC}\n"
              "      - {dates: [2027-01-01], days_of_month: [1], years: [2027]}\n"
              "    ca_file: /a\n    proxy: http://p\naccess: {operators: {users: [a], groups: [b]}}\n",
        SITE "    duration: 90m\n    bogus: 1\n    enforce: !!str &a no\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned n = 1;; n++) {
            struct policy *policy = NULL;
            struct problems problems;
            int r;

            assert_in_range(n, 1, 1000);
            allocation_fail_at(n);
            r = parse_policy(rows[i], strlen(rows[i]), true, &problems, &policy);
            problems_done(&problems);
            if (!allocation_failed()) {
                allocation_fail_at(0);
                assert_int_equal(r, i == 0 ? 0 : POLICY_REFUSED);
                policy_free(policy);
                break;
            }
            assert_int_equal(r, -ENOMEM);
            assert_null(policy);
        }
}

static void test_the_table_of_keys_is_sound(void **state)
{
    (void)state;
    for (int map = MAP_POLICY; map <= MAP_TIMES; map++) {
        size_t n;
        const struct key *rows = keys_of((enum key_map)map, &n);

        assert_in_range(n, 1, KEYS_IN_MAP_MAX);
        for (size_t i = 0; i < n; i++) {
            assert_non_null(rows[i].expects);
            assert_string_equal(keys_nearest((enum key_map)map, rows[i].name), rows[i].name);
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(rows[i].name, rows[j].name);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_policy),
        cmocka_unit_test(test_renewal_windows_are_read),
        cmocka_unit_test(test_the_example_is_accepted),
        cmocka_unit_test(test_values_and_defaults),
        cmocka_unit_test(test_every_value_is_read),
        cmocka_unit_test(test_every_interval_field_is_read),
        cmocka_unit_test(test_survives_any_allocation_failure),
        cmocka_unit_test(test_the_table_of_keys_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
