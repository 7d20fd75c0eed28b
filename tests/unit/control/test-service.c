// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/service.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/interface.h"
#include "fake_source.h"
#include "talk.h"

#define CONTROL SERVICE_INTERFACE "."
#define VARLINK "org.varlink.service."

static void test_each_described_method_has_its_handler_and_each_handler_is_described(void **state)
{
    size_t n, described = 0;
    const struct service_method *methods = service_methods(&n);

    (void)state;
    for (const struct interface *interface = interfaces; interface->name; interface++)
        for (const char *at = interface->text; (at = strstr(at, "\nmethod ")); described++) {
            char name[128];

            at += strlen("\nmethod ");
            snprintf(name, sizeof(name), "%s.%.*s", interface->name, (int)strcspn(at, "("), at);
            assert_true(described < n);
            assert_string_equal(methods[described].name, name);
        }
    assert_int_equal(described, n);
}

static void test_each_error_is_described(void **state)
{
    static const char *const errors[] = {
        MESSAGE_ERROR_INTERFACE_NOT_FOUND,    MESSAGE_ERROR_METHOD_NOT_FOUND,
        MESSAGE_ERROR_METHOD_NOT_IMPLEMENTED, MESSAGE_ERROR_INVALID_PARAMETER,
        MESSAGE_ERROR_EXPECTED_MORE,          SERVICE_ERROR_NOT_AUTHORIZED,
        SERVICE_ERROR_UNKNOWN_SITE,           SERVICE_ERROR_BAD_POLICY,
        SERVICE_ERROR_LIMIT_EXCEEDED,
    };
    size_t described = 0;

    (void)state;
    for (const struct interface *interface = interfaces; interface->name; interface++)
        for (const char *at = interface->text; (at = strstr(at, "\nerror ")); described++) {
            char name[128];

            at += strlen("\nerror ");
            snprintf(name, sizeof(name), "%s.%.*s", interface->name, (int)strcspn(at, " "), at);
            assert_true(described < ARRAY_SIZE(errors));
            assert_string_equal(errors[described], name);
        }
    assert_int_equal(described, ARRAY_SIZE(errors));
}

static void test_the_interface_is_served_as_its_file_has_it(void **state)
{
    char path[4096], file[64 * 1024];
    size_t size;
    FILE *stream;

    (void)state;
    assert_string_equal(interfaces[0].name, "org.varlink.service");
    assert_string_equal(interfaces[1].name, SERVICE_INTERFACE);
    assert_null(interfaces[2].name);
    if (!getenv("abs_top_srcdir"))
        skip();
    snprintf(path, sizeof(path), "%s/etc/" SERVICE_INTERFACE ".varlink", getenv("abs_top_srcdir"));
    stream = fopen(path, "r");
    assert_non_null(stream);
    size = fread(file, 1, sizeof(file) - 1, stream);
    file[size] = '\0';
    fclose(stream);
    assert_string_equal(interfaces[1].text, file);
}

static void test_each_method_has_a_comment(void **state)
{
    (void)state;
    for (const char *at = interfaces[1].text; (at = strstr(at, "\nmethod ")); at++) {
        const char *line = at;

        while (line > interfaces[1].text && line[-1] != '\n')
            line--;
        assert_int_equal(*line, '#');
    }
}

enum who {
    STRANGER = 1,
    VIEWER = 2,
    OPERATOR = 4,
    ROOT = 8,
};

/* Who gets past the bouncer, in a table that is not that of the program. */
static void test_methods_are_for_whom_they_are_for(void **state)
{
    static const struct {
        const char *method;
        unsigned allowed;
    } rows[] = {
        {VARLINK "GetInfo", STRANGER | VIEWER | OPERATOR | ROOT},
        {VARLINK "GetInterfaceDescription", STRANGER | VIEWER | OPERATOR | ROOT},
        {CONTROL "Status", VIEWER | OPERATOR | ROOT},
        {CONTROL "Monitor", VIEWER | OPERATOR | ROOT},
        {CONTROL "Reload", OPERATOR | ROOT},
    };
    const struct peer *peers[] = {&fake_stranger, &fake_viewer, &fake_operator, &fake_root};
    struct fake *fake = fake_new(1);
    size_t n;

    (void)state;
    service_methods(&n);
    assert_int_equal(n, ARRAY_SIZE(rows));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (size_t who = 0; who < ARRAY_SIZE(peers); who++) {
            struct message_call call = {.method = rows[i].method, .more = true};
            struct service_reply reply = {0};
            enum access access;
            const char *site;
            bool denied;

            assert_true(service_call(&fake->service, peers[who], &call, &reply, &site, &access) > 0);
            denied = reply.error && text_equal(reply.error, SERVICE_ERROR_NOT_AUTHORIZED);
            assert_int_equal(denied, !(rows[i].allowed & 1u << who));
            service_reply_done(&reply);
        }
    assert_int_equal(fake->reloads, 2); /* the denied calls reached no handler */
    fake_free(fake);
}

static void test_calls_and_their_answers(void **state)
{
    static const struct {
        const char *call, *error, *parameters;
    } rows[] = {
        {"\"method\":\"nonsense\"", MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"nonsense\"}"},
        {"\"method\":\"\"", MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"\"}"},
        {"\"method\":\"io.adminkeyd.Other.Status\"", MESSAGE_ERROR_INTERFACE_NOT_FOUND,
         "{\"interface\":\"io.adminkeyd.Other\"}"},
        {"\"method\":\"" CONTROL "Enable\"", MESSAGE_ERROR_METHOD_NOT_FOUND,
         "{\"method\":\"" CONTROL "Enable\"}"},
        {"\"method\":\"" CONTROL "status\"", MESSAGE_ERROR_METHOD_NOT_FOUND,
         "{\"method\":\"" CONTROL "status\"}"},
        {"\"method\":\"" CONTROL "Monitor\"", MESSAGE_ERROR_EXPECTED_MORE, "{}"},
        {"\"method\":\"" CONTROL "Status\",\"parameters\":{\"site\":7}", MESSAGE_ERROR_INVALID_PARAMETER,
         "{\"parameter\":\"site\"}"},
        {"\"method\":\"" CONTROL "Status\",\"parameters\":{\"site\":\"site-0000\\u0000\"}",
         MESSAGE_ERROR_INVALID_PARAMETER, "{\"parameter\":\"site\"}"},
        {"\"method\":\"" CONTROL "Status\",\"parameters\":{\"sites\":\"x\"}", MESSAGE_ERROR_INVALID_PARAMETER,
         "{\"parameter\":\"sites\"}"},
        {"\"method\":\"" CONTROL "Status\",\"parameters\":{\"site\":\"site\"}", SERVICE_ERROR_UNKNOWN_SITE,
         "{\"site\":\"site\",\"known\":[\"site-0000\",\"site-0001\",\"site-0002\"]}"},
        {"\"method\":\"" CONTROL "Monitor\",\"parameters\":{\"site\":\"zzz\"},\"more\":true",
         SERVICE_ERROR_UNKNOWN_SITE,
         "{\"site\":\"zzz\",\"known\":[\"site-0000\",\"site-0001\",\"site-0002\"]}"},
        {"\"method\":\"" CONTROL "Reload\",\"parameters\":{\"now\":true}", MESSAGE_ERROR_INVALID_PARAMETER,
         "{\"parameter\":\"now\"}"},
        {"\"method\":\"" CONTROL "Reload\",\"parameters\":{}", NULL, "{}"},
        {"\"method\":\"" VARLINK "GetInfo\"", NULL,
         "{\"vendor\":\"adminkeyd\",\"product\":\"adminkeyd\",\"version\":\"1.2.3\",\"url\":\"man:adminkeyd("
         "8)\","
         "\"interfaces\":[\"org.varlink.service\",\"io.adminkeyd.Control\"]}"},
        {"\"method\":\"" VARLINK "GetInfo\",\"parameters\":{\"x\":1}", MESSAGE_ERROR_INVALID_PARAMETER,
         "{\"parameter\":\"x\"}"},
        {"\"method\":\"" VARLINK "GetInterfaceDescription\"", MESSAGE_ERROR_INVALID_PARAMETER,
         "{\"parameter\":\"interface\"}"},
        {"\"method\":\"" VARLINK "GetInterfaceDescription\",\"parameters\":{\"interface\":\"no.Such\"}",
         MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"no.Such\"}"},
    };
    struct fake *fake = fake_new(3);
    struct conversation *conversation;

    (void)state;
    assert_int_equal(conversation_new(&fake->service, &fake_root, &conversation), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char text[1024];

        snprintf(text, sizeof(text), "{%s}", rows[i].call);
        talk_say(conversation, text);
        if (rows[i].error) {
            talk_assert_error(conversation, rows[i].error, rows[i].parameters);
        } else {
            snprintf(text, sizeof(text), "{\"parameters\":%s}", rows[i].parameters);
            talk_assert_heard(conversation, text);
        }
        talk_assert_silence(conversation);
    }
    assert_int_equal(fake->reloads, 1);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_the_description_is_the_interface(void **state)
{
    struct fake *fake = fake_new(1);
    struct message_call call = {.method = VARLINK "GetInterfaceDescription",
                                .parameters =
                                    json_tokener_parse("{\"interface\":\"" SERVICE_INTERFACE "\"}")};
    struct service_reply reply = {0};
    enum access access;
    const char *site;

    (void)state;
    assert_int_equal(service_call(&fake->service, &fake_stranger, &call, &reply, &site, &access),
                     SERVICE_REPLIED);
    assert_string_equal(json_object_get_string(json_object_object_get(reply.parameters, "description")),
                        interfaces[1].text);
    service_reply_done(&reply);
    json_object_put(call.parameters);
    fake_free(fake);
}

static void test_status_at_once(void **state)
{
    struct fake *fake = fake_new(3);
    struct conversation *conversation;
    struct json_object *reply, *sites, *parameters;

    (void)state;
    assert_int_equal(conversation_new(&fake->service, &fake_viewer, &conversation), 0);
    talk_say(conversation, "{\"method\":\"" CONTROL "Status\"}");
    reply = json_tokener_parse(talk_hear(conversation));
    parameters = json_object_object_get(reply, "parameters");
    assert_non_null(json_object_object_get(parameters, "daemon"));
    sites = json_object_object_get(parameters, "sites");
    assert_int_equal(json_object_array_length(sites), 3);
    assert_string_equal(
        json_object_get_string(json_object_object_get(json_object_array_get_idx(sites, 2), "site")),
        "site-0002");
    json_object_put(reply);
    talk_say(conversation, "{\"method\":\"" CONTROL "Status\",\"parameters\":{\"site\":\"site-0001\"}}");
    reply = json_tokener_parse(talk_hear(conversation));
    parameters = json_object_object_get(reply, "parameters");
    assert_string_equal(
        json_object_get_string(json_object_object_get(json_object_object_get(parameters, "site"), "site")),
        "site-0001");
    json_object_put(reply);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_refused_policy_is_told_with_its_errors(void **state)
{
    struct fake *fake = fake_new(1);
    struct problems problems = PROBLEMS_INIT;
    struct conversation *conversation;

    (void)state;
    assert_int_equal(problems_add(&problems, false, 12, 15, "sites.acme.duration", "90m is too long"), 0);
    fake->reload_result = CONTROL_RELOAD_REFUSED;
    fake->daemon.rejected = &problems;
    fake->daemon.rejected_utc = FAKE_NOW;
    assert_int_equal(conversation_new(&fake->service, &fake_operator, &conversation), 0);
    talk_say(conversation, "{\"method\":\"" CONTROL "Reload\"}");
    talk_assert_error(conversation, SERVICE_ERROR_BAD_POLICY,
                      "{\"errors\":[{\"line\":12,\"column\":15,\"key\":\"sites.acme.duration\","
                      "\"message\":\"90m is too long\"}]}");
    conversation_free(conversation);
    problems_done(&problems);
    fake_free(fake);
}

static void test_sites_are_found_by_name(void **state)
{
    struct fake *fake = fake_new(100);

    (void)state;
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(service_find_site(&fake->service, fake->names[i]), i);
    assert_int_equal(service_find_site(&fake->service, "site-00"), 100);
    assert_int_equal(service_find_site(&fake->service, "a"), 100);
    assert_int_equal(service_find_site(&fake->service, "z"), 100);
    assert_int_equal(service_seek_site(&fake->service, "site-0049x"), 50);
    assert_int_equal(service_seek_site(&fake->service, "a"), 0);
    assert_int_equal(service_seek_site(&fake->service, "z"), 100);
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_described_method_has_its_handler_and_each_handler_is_described),
        cmocka_unit_test(test_each_error_is_described),
        cmocka_unit_test(test_the_interface_is_served_as_its_file_has_it),
        cmocka_unit_test(test_each_method_has_a_comment),
        cmocka_unit_test(test_methods_are_for_whom_they_are_for),
        cmocka_unit_test(test_calls_and_their_answers),
        cmocka_unit_test(test_the_description_is_the_interface),
        cmocka_unit_test(test_status_at_once),
        cmocka_unit_test(test_a_refused_policy_is_told_with_its_errors),
        cmocka_unit_test(test_sites_are_found_by_name),
    };

    return cmocka_run_group_tests_name("control/service", tests, NULL, NULL);
}
