// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/status_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/interface.h"
#include "fake_source.h"

static void assert_json(struct json_object *object, const char *expected)
{
    assert_non_null(object);
    assert_string_equal(
        json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
        expected);
    json_object_put(object);
}

static void test_a_site_that_is_off_has_all_fields(void **state)
{
    struct fake *fake = fake_new(1);

    (void)state;
    assert_json(
        status_json_site(&fake->sites[0]),
        "{\"site\":\"site-0000\",\"url\":\"https://acme.atlassian.net\",\"user\":\"key-admin@acme.example\","
        "\"enforce\":true,\"state\":\"off\",\"goal\":\"off\",\"agrees\":true,\"cause\":null,"
        "\"expires\":null,\"renews\":null,\"proved_off\":\"2026-11-23T08:00:00.000Z\","
        "\"next_change\":null,\"outage_tolerated_until\":null,\"disabled_until\":null,\"holds\":[],"
        "\"failures\":0,\"last_error\":null,\"clock_offset_ms\":null,"
        "\"limits\":{\"continuous\":null,\"per_day\":null},\"token_expires\":null,\"foreign\":null}");
    fake_free(fake);
}

static void test_a_site_that_is_on_says_everything(void **state)
{
    struct fake *fake = fake_new(1);
    struct site_status *site = &fake->sites[0];

    (void)state;
    site->enforce = false;
    site->state = SITE_ON;
    site->goal_on = true;
    site->agrees = false;
    site->cause = (struct cause){.kind = CAUSE_MAINTENANCE_WINDOW,
                                 .name = "permission audit",
                                 .reason = "CHG-1042",
                                 .line = 21,
                                 .until_utc = FAKE_NOW + USEC_PER_HOUR};
    site->expires_utc = FAKE_NOW + 30 * USEC_PER_MINUTE;
    site->renews_utc = FAKE_NOW + 10 * USEC_PER_MINUTE + 1234;
    site->proved_off_utc = STATUS_NEVER;
    site->next_change_utc = FAKE_NOW + USEC_PER_HOUR;
    site->outage_tolerated_until_utc = FAKE_NOW + 29 * USEC_PER_MINUTE;
    site->failures = 3;
    site->last_error.is_set = true;
    site->last_error.verdict = VERDICT_NOT_ELIGIBLE;
    strcpy(site->last_error.detail, "HTTP 404 to POST");
    strcpy(site->last_error.request_id, "abc");
    site->last_error.at_utc = FAKE_NOW;
    site->has_clock_offset = true;
    site->clock_offset_ms = -4000;
    site->token_expires_utc = FAKE_NOW + USEC_PER_DAY;
    site->foreign_expires_utc = FAKE_NOW + USEC_PER_MINUTE;
    site->foreign_seen_utc = FAKE_NOW;
    assert_json(
        status_json_site(site),
        "{\"site\":\"site-0000\",\"url\":\"https://acme.atlassian.net\",\"user\":\"key-admin@acme.example\","
        "\"enforce\":false,\"state\":\"on\",\"goal\":\"on\",\"agrees\":false,"
        "\"cause\":{\"kind\":\"maintenance_window\",\"name\":\"permission audit\",\"reason\":\"CHG-1042\","
        "\"line\":21,\"until\":\"2026-11-23T09:00:00.000Z\"},"
        "\"expires\":\"2026-11-23T08:30:00.000Z\",\"renews\":\"2026-11-23T08:10:00.001Z\",\"proved_off\":"
        "null,"
        "\"next_change\":{\"at\":\"2026-11-23T09:00:00.000Z\",\"to\":\"off\"},"
        "\"outage_tolerated_until\":\"2026-11-23T08:29:00.000Z\",\"disabled_until\":null,\"holds\":[],"
        "\"failures\":3,\"last_error\":{\"verdict\":\"not_eligible\",\"detail\":\"HTTP 404 to POST\","
        "\"request_id\":\"abc\",\"at\":\"2026-11-23T08:00:00.000Z\"},\"clock_offset_ms\":-4000,"
        "\"limits\":{\"continuous\":null,\"per_day\":null},\"token_expires\":\"2026-11-24T08:00:00.000Z\","
        "\"foreign\":{\"expires\":\"2026-11-23T08:01:00.000Z\",\"seen_at\":\"2026-11-23T08:00:00.000Z\"}}");
    fake_free(fake);
}

static void test_what_people_asked_for_and_what_limits_leave(void **state)
{
    static const struct demand demand = {
        .holds = {{.id = 0xabc,
                   .kind = CAUSE_BREAK_GLASS,
                   .by = "ann",
                   .reason = "fire",
                   .from_utc = FAKE_NOW,
                   .until_utc = FAKE_NOW + USEC_PER_HOUR}},
        .n_holds = 1,
        .disabled = true,
        .disabled_until_utc = FAKE_NOW + USEC_PER_MINUTE,
    };
    struct fake *fake = fake_new(1);
    struct json_object *json, *member;

    (void)state;
    fake->sites[0].demand = &demand;
    fake->sites[0].continuous = (struct status_limit){4 * USEC_PER_HOUR, USEC_PER_MINUTE, STATUS_NEVER};
    fake->sites[0].per_day = (struct status_limit){USEC_PER_HOUR, USEC_PER_HOUR, FAKE_NOW + USEC_PER_HOUR};
    json = status_json_site(&fake->sites[0]);
    assert_non_null(json);
    assert_true(json_object_object_get_ex(json, "holds", &member));
    assert_json(json_object_get(member),
                "[{\"id\":\"0000000000000abc\",\"kind\":\"break_glass\",\"by\":\"ann\",\"reason\":\"fire\","
                "\"from\":\"2026-11-23T08:00:00.000Z\",\"until\":\"2026-11-23T09:00:00.000Z\"}]");
    assert_true(json_object_object_get_ex(json, "disabled_until", &member));
    assert_string_equal(json_object_get_string(member), "2026-11-23T08:01:00.000Z");
    assert_true(json_object_object_get_ex(json, "limits", &member));
    assert_json(json_object_get(member),
                "{\"continuous\":{\"limit_s\":14400,\"used_s\":60,\"until\":null},"
                "\"per_day\":{\"limit_s\":3600,\"used_s\":3600,\"until\":\"2026-11-23T09:00:00.000Z\"}}");
    json_object_put(json);
    fake_free(fake);
}

static void test_what_has_no_end_or_no_line_is_null(void **state)
{
    struct fake *fake = fake_new(1);
    struct site_status *site = &fake->sites[0];
    struct json_object *json, *cause, *error;

    (void)state;
    site->cause = (struct cause){.kind = CAUSE_EXCLUDE, .until_utc = USEC_INFINITY};
    site->next_change_utc = site->token_expires_utc = USEC_INFINITY;
    site->last_error.is_set = true;
    site->last_error.verdict = VERDICT_UNTRUSTED;
    strcpy(site->last_error.detail, "bad \xff byte");
    json = status_json_site(site);
    cause = json_object_object_get(json, "cause");
    assert_string_equal(json_object_to_json_string_ext(cause, JSON_C_TO_STRING_PLAIN),
                        "{\"kind\":\"exclude\",\"name\":null,\"reason\":null,\"line\":null,\"until\":null}");
    assert_null(json_object_object_get(json, "next_change"));
    assert_null(json_object_object_get(json, "token_expires"));
    error = json_object_object_get(json, "last_error");
    assert_null(json_object_object_get(error, "request_id"));
    assert_string_equal(json_object_get_string(json_object_object_get(error, "detail")), "bad ? byte");
    json_object_put(json);
    fake_free(fake);
}

static void test_the_daemon_has_all_fields(void **state)
{
    static const char *const notices[] = {"no D-Bus", "no logind"};
    struct fake *fake = fake_new(1);
    struct problems problems = PROBLEMS_INIT;

    (void)state;
    assert_json(status_json_daemon(&fake->daemon),
                "{\"version\":\"1.2.3\",\"since\":\"2026-11-23T08:00:00.000Z\",\"policy\":{\"path\":"
                "\"/etc/adminkeyd/policy.yaml\",\"loaded_at\":\"2026-11-23T08:00:00.000Z\",\"sha256\":null,"
                "\"rejected\":null},\"notices\":[]}");
    assert_int_equal(problems_add(&problems, false, 12, 15, "sites.acme.duration", "too %s", "long"), 0);
    assert_int_equal(problems_add(&problems, true, 13, 1, "x", "a warning"), 0);
    assert_int_equal(problems_add(&problems, false, 0, 0, "", "cannot be read"), 0);
    fake->daemon.policy_sha256 = "00ff";
    fake->daemon.rejected_utc = FAKE_NOW;
    fake->daemon.rejected = &problems;
    fake->daemon.notices = notices;
    fake->daemon.n_notices = 2;
    assert_json(
        status_json_daemon(&fake->daemon),
        "{\"version\":\"1.2.3\",\"since\":\"2026-11-23T08:00:00.000Z\",\"policy\":{\"path\":"
        "\"/etc/adminkeyd/policy.yaml\",\"loaded_at\":\"2026-11-23T08:00:00.000Z\",\"sha256\":\"00ff\","
        "\"rejected\":{\"at\":\"2026-11-23T08:00:00.000Z\",\"errors\":["
        "{\"line\":12,\"column\":15,\"key\":\"sites.acme.duration\",\"message\":\"too long\"},"
        "{\"line\":null,\"column\":null,\"key\":\"\",\"message\":\"cannot be read\"}]}},"
        "\"notices\":[\"no D-Bus\",\"no logind\"]}");
    assert_json(status_json_problems(&problems, true),
                "[{\"line\":13,\"column\":1,\"key\":\"x\",\"message\":\"a warning\"}]");
    problems_done(&problems);
    fake_free(fake);
}

/* The fields of a type in the interface's text, each with a comma behind it. */
static void described_fields(const char *type, char *out)
{
    char head[64];
    const char *at;

    snprintf(head, sizeof(head), "\ntype %s (\n", type);
    at = strstr(interfaces[1].text, head);
    assert_non_null(at);
    for (at += strlen(head); *at == ' '; at = strchr(at, '\n') + 1) {
        at += strspn(at, " ");
        strncat(out, at, strcspn(at, ":"));
        strcat(out, ",");
    }
}

static void assert_as_described(const char *type, struct json_object *object)
{
    char described[1024] = "", made[1024] = "";

    described_fields(type, described);
    json_object_object_foreach(object, key, value)
    {
        (void)value;
        strcat(made, key);
        strcat(made, ",");
    }
    assert_string_equal(made, described);
}

static void test_the_interface_describes_these_fields_in_this_order(void **state)
{
    struct fake *fake = fake_new(1);
    struct problems problems = PROBLEMS_INIT;
    struct json_object *daemon, *site, *policy, *rejected;

    (void)state;
    assert_int_equal(problems_add(&problems, false, 1, 1, "x", "y"), 0);
    fake->daemon.rejected_utc = FAKE_NOW;
    fake->daemon.rejected = &problems;
    fake->sites[0].cause.kind = CAUSE_ACTIVE_HOURS;
    fake->sites[0].next_change_utc = fake->sites[0].foreign_seen_utc = FAKE_NOW;
    fake->sites[0].last_error.is_set = true;
    daemon = status_json_daemon(&fake->daemon);
    policy = json_object_object_get(daemon, "policy");
    rejected = json_object_object_get(policy, "rejected");
    assert_as_described("Daemon", daemon);
    assert_as_described("Policy", policy);
    assert_as_described("Rejection", rejected);
    assert_as_described("Problem", json_object_array_get_idx(json_object_object_get(rejected, "errors"), 0));
    site = status_json_site(&fake->sites[0]);
    assert_as_described("Site", site);
    assert_as_described("Cause", json_object_object_get(site, "cause"));
    assert_as_described("Change", json_object_object_get(site, "next_change"));
    assert_as_described("Failure", json_object_object_get(site, "last_error"));
    assert_as_described("Limits", json_object_object_get(site, "limits"));
    assert_as_described("Foreign", json_object_object_get(site, "foreign"));
    json_object_put(daemon);
    json_object_put(site);
    problems_done(&problems);
    fake_free(fake);
}

/* The line "type NAME (a, b, c)". */
static void described_words(const char *type, char *out, size_t size)
{
    char head[64];
    const char *at;

    snprintf(head, sizeof(head), "\ntype %s (", type);
    at = strstr(interfaces[1].text, head);
    assert_non_null(at);
    at += strlen(head);
    snprintf(out, size, "%.*s", (int)strcspn(at, ")"), at);
}

static void test_the_interface_knows_every_word(void **state)
{
    char described[512], made[512] = "";

    (void)state;
    for (int i = SITE_OFF; i <= SITE_BLOCKED; i++)
        strcat(strcat(made, i ? ", " : ""), site_state_name((enum site_state)i));
    described_words("State", described, sizeof(described));
    assert_string_equal(made, described);
    made[0] = '\0';
    for (int i = 0; i < N_VERDICTS; i++)
        strcat(strcat(made, i ? ", " : ""), verdict_name((enum verdict)i));
    described_words("Verdict", described, sizeof(described));
    assert_string_equal(made, described);
    made[0] = '\0';
    for (int i = CAUSE_ACTIVE_HOURS; i < N_CAUSE_KINDS; i++)
        strcat(strcat(made, i > CAUSE_ACTIVE_HOURS ? ", " : ""), cause_kind_name((enum cause_kind)i));
    described_words("CauseKind", described, sizeof(described));
    assert_string_equal(made, described);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_site_that_is_off_has_all_fields),
        cmocka_unit_test(test_a_site_that_is_on_says_everything),
        cmocka_unit_test(test_what_people_asked_for_and_what_limits_leave),
        cmocka_unit_test(test_what_has_no_end_or_no_line_is_null),
        cmocka_unit_test(test_the_daemon_has_all_fields),
        cmocka_unit_test(test_the_interface_describes_these_fields_in_this_order),
        cmocka_unit_test(test_the_interface_knows_every_word),
    };

    return cmocka_run_group_tests_name("control/status_json", tests, NULL, NULL);
}
