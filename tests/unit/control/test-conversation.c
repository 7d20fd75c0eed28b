// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/conversation.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocation.h"
#include "control/limits.h"
#include "fake_source.h"
#include "talk.h"

#define CONTROL "io.adminkeyd.Control."
#define RELOAD  "{\"method\":\"" CONTROL "Reload\"}"
#define BAD     "{\"method\":\"no.Such\"}"
#define STATUS  "{\"method\":\"" CONTROL "Status\",\"more\":true}"
#define MONITOR "{\"method\":\"" CONTROL "Monitor\",\"more\":true}"
#define MONITOR_ONE                                                                                          \
    "{\"method\":\"" CONTROL "Monitor\",\"parameters\":{\"site\":\"site-0001\"},\"more\":true}"

static struct conversation *begin(struct fake *fake, const struct peer *peer)
{
    struct conversation *conversation;

    assert_int_equal(conversation_new(&fake->service, peer, &conversation), 0);
    return conversation;
}

/* That the next reply is the status of that site. */
static void assert_status(struct conversation *conversation, const char *site, const char *site_state,
                          bool continues)
{
    const char *reply = talk_hear(conversation);
    struct json_object *object, *status;

    if (!reply)
        fail_msg("no status of %s", site);
    object = json_tokener_parse(reply);
    assert_non_null(object);
    status = json_object_object_get(json_object_object_get(object, "parameters"), "site");
    if (!status)
        fail_msg("no status: %s", reply);
    assert_string_equal(json_object_get_string(json_object_object_get(status, "site")), site);
    assert_string_equal(json_object_get_string(json_object_object_get(status, "state")), site_state);
    assert_int_equal(json_object_get_boolean(json_object_object_get(object, "continues")), continues);
    json_object_put(object);
}

static void test_pipelined_calls_are_answered_in_order_however_they_are_split(void **state)
{
    static const char bytes[] = RELOAD "\0" BAD "\0{}\0" RELOAD;

    (void)state;
    for (size_t split = 0; split <= sizeof(bytes); split++) {
        struct fake *fake = fake_new(1);
        struct conversation *conversation = begin(fake, &fake_root);

        assert_int_equal(conversation_feed(conversation, TALK_BOOT, bytes, split), 0);
        assert_int_equal(conversation_feed(conversation, TALK_BOOT, bytes + split, sizeof(bytes) - split), 0);
        talk_assert_heard(conversation, "{\"parameters\":{}}");
        talk_assert_error(conversation, MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"no\"}");
        talk_assert_error(conversation, MESSAGE_ERROR_INVALID_PARAMETER, "{\"parameter\":\"method\"}");
        talk_assert_heard(conversation, "{\"parameters\":{}}");
        talk_assert_silence(conversation);
        assert_false(conversation_is_over(conversation));
        assert_int_equal(fake->reloads, 2);
        conversation_free(conversation);
        fake_free(fake);
    }
}

static unsigned count_replies(struct conversation *conversation)
{
    size_t size;
    const char *output = conversation_output(conversation, &size);
    unsigned n = 0;

    for (size_t i = 0; i < size; i++)
        n += output[i] == '\0';
    return n;
}

/* Between its turns the others have theirs. */
static void test_a_burst_is_answered_in_turns(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);
    char burst[100 * sizeof(BAD)];
    unsigned before = 0, turns = 0;

    (void)state;
    for (size_t i = 0; i < 100; i++)
        memcpy(burst + i * sizeof(BAD), BAD, sizeof(BAD));
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, burst, sizeof(burst)), 0);
    for (; conversation_has_more(conversation); turns++) {
        assert_in_range(count_replies(conversation) - before, 1, 16);
        before = count_replies(conversation);
        assert_true(conversation_due(conversation) == USEC_INFINITY);
        assert_int_equal(conversation_turn(conversation, TALK_BOOT), 0);
    }
    assert_in_range(turns, 100 / 16, 100 / 16);
    assert_int_equal(count_replies(conversation), 100);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_reload_is_the_last_of_its_turn(void **state)
{
    static const char burst[] = BAD "\0" RELOAD "\0" RELOAD "\0" BAD;
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);

    (void)state;
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, burst, sizeof(burst)), 0);
    assert_int_equal(fake->reloads, 1);
    assert_int_equal(conversation_end_of_input(conversation, TALK_BOOT), 0); /* which is another turn */
    assert_int_equal(fake->reloads, 2);
    assert_true(conversation_has_more(conversation));
    assert_false(conversation_is_over(conversation));
    assert_int_equal(count_replies(conversation), 3);
    for (unsigned i = 0; i < 4; i++)
        assert_non_null(talk_hear(conversation));
    assert_true(conversation_is_over(conversation));
    conversation_free(conversation);
    fake_free(fake);
}

static void test_oneway_calls_are_carried_out_and_get_no_reply(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);

    (void)state;
    talk_say(conversation, "{\"method\":\"" CONTROL "Reload\",\"oneway\":true}");
    talk_say(conversation, "{\"method\":\"no.Such\",\"oneway\":true}");
    talk_say(conversation, "{\"oneway\":true}");
    talk_say(conversation, "{\"method\":\"" CONTROL "Monitor\",\"oneway\":true,\"more\":true}");
    talk_assert_silence(conversation);
    assert_int_equal(fake->reloads, 1);
    talk_say(conversation, RELOAD);
    talk_assert_heard(conversation, "{\"parameters\":{}}");
    conversation_free(conversation);
    fake_free(fake);
}

static void test_garbage_is_told_and_ends_the_conversation(void **state)
{
    static const char *const rows[] = {"", "GET / HTTP/1.1", "[]", "{\"method\":\"\xff\"}"};
    struct fake *fake = fake_new(1);

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct conversation *conversation = begin(fake, &fake_root);

        talk_say(conversation, rows[i]);
        assert_int_equal(conversation_room(conversation), 0);
        assert_false(conversation_is_over(conversation));
        talk_assert_error(conversation, MESSAGE_ERROR_INVALID_PARAMETER, "{\"parameter\":\"message\"}");
        assert_true(conversation_is_over(conversation));
        conversation_free(conversation);
    }
    fake_free(fake);
}

static void test_a_message_too_large_ends_the_conversation(void **state)
{
    static char large[LIMIT_MESSAGE_SIZE_MAX + 1];
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_stranger);

    (void)state;
    memset(large, ' ', sizeof(large));
    memcpy(large, BAD, strlen(BAD));
    large[LIMIT_MESSAGE_SIZE_MAX] = '\0';
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, large, sizeof(large)), 0);
    talk_assert_error(conversation, MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"no\"}");
    large[LIMIT_MESSAGE_SIZE_MAX] = ' ';
    assert_int_equal(conversation_room(conversation), sizeof(large));
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, large, sizeof(large)), 0);
    talk_assert_error(conversation, SERVICE_ERROR_LIMIT_EXCEEDED, "{\"limit\":\"message_size\"}");
    assert_true(conversation_is_over(conversation));
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_message_too_deep_ends_the_conversation(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_stranger);

    (void)state;
    talk_say(conversation, "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]}");
    talk_assert_error(conversation, SERVICE_ERROR_LIMIT_EXCEEDED, "{\"limit\":\"message_nesting\"}");
    assert_true(conversation_is_over(conversation));
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_half_sent_message_has_thirty_seconds(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);

    (void)state;
    assert_true(conversation_due(conversation) == USEC_INFINITY); /* silence is free */
    assert_int_equal(conversation_feed(conversation, 1 * USEC_PER_SEC, "{", 1), 0);
    assert_true(conversation_due(conversation) == 31 * USEC_PER_SEC);
    assert_int_equal(conversation_feed(conversation, 20 * USEC_PER_SEC, "}", 1), 0);
    assert_true(conversation_due(conversation) == 31 * USEC_PER_SEC); /* one byte now and then buys no time */
    assert_int_equal(conversation_feed(conversation, 30 * USEC_PER_SEC, "\0{", 2), 0);
    assert_true(conversation_due(conversation) == 60 * USEC_PER_SEC); /* but the next message has its own */
    talk_assert_error(conversation, MESSAGE_ERROR_INVALID_PARAMETER, "{\"parameter\":\"method\"}");
    assert_int_equal(conversation_tick(conversation, 60 * USEC_PER_SEC - 1), 0);
    talk_assert_silence(conversation);
    assert_int_equal(conversation_tick(conversation, 60 * USEC_PER_SEC), 0);
    assert_true(conversation_due(conversation) == 90 * USEC_PER_SEC);
    assert_false(conversation_is_over(conversation));
    assert_int_equal(conversation_tick(conversation, 90 * USEC_PER_SEC),
                     0); /* it does not even read the words */
    assert_true(conversation_is_over(conversation));
    assert_true(conversation_due(conversation) == USEC_INFINITY);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_client_that_never_reads_is_told_at_one_mebibyte(void **state)
{
    static const char call[] = "{\"method\":\"" CONTROL "Status\"}";
    struct fake *fake = fake_new(100);
    struct conversation *conversation = begin(fake, &fake_root);
    size_t size = 0, replies = 0;
    const char *reply;

    (void)state;
    while (conversation_room(conversation) > 0) {
        assert_true(size <= LIMIT_QUEUE_SIZE_MAX);
        assert_int_equal(conversation_feed(conversation, TALK_BOOT, call, sizeof(call)), 0);
        conversation_output(conversation, &size);
        replies++;
    }
    assert_true(size > LIMIT_QUEUE_SIZE_MAX - 100 * 1024);
    assert_true(size < LIMIT_QUEUE_SIZE_MAX + 1024);
    for (; replies > 1; replies--) {
        reply = talk_hear(conversation);
        assert_memory_equal(reply, "{\"parameters\":{\"daemon\"", 22);
    }
    talk_assert_error(conversation, SERVICE_ERROR_LIMIT_EXCEEDED, "{\"limit\":\"queue_size\"}");
    assert_true(conversation_is_over(conversation));
    conversation_free(conversation);
    fake_free(fake);
}

static void test_status_streams_thousands_of_sites_in_little_memory(void **state)
{
    struct fake *fake = fake_new(FAKE_SITES_MAX);
    struct conversation *conversation = begin(fake, &fake_viewer);

    (void)state;
    talk_say(conversation, STATUS);
    talk_say(conversation, RELOAD);
    for (size_t i = 0; i < fake->n_sites; i++) {
        size_t size;

        conversation_output(conversation, &size);
        assert_true(size < 128 * 1024);
        assert_status(conversation, fake->names[i], "off", i + 1 < fake->n_sites);
    }
    talk_assert_error(conversation, SERVICE_ERROR_NOT_AUTHORIZED, "{}"); /* what waited behind comes now */
    talk_assert_silence(conversation);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_monitor_tells_once_and_then_each_change(void **state)
{
    struct fake *fake = fake_new(3);
    struct conversation *conversation = begin(fake, &fake_viewer);

    (void)state;
    talk_say(conversation, MONITOR);
    for (size_t i = 0; i < 3; i++)
        assert_status(conversation, fake->names[i], "off", true);
    talk_assert_silence(conversation);
    fake->sites[2].state = SITE_ON;
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 2), 0);
    assert_status(conversation, "site-0002", "on", true);
    talk_assert_silence(conversation);
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    for (size_t i = 0; i < 3; i++)
        assert_status(conversation, fake->names[i], i == 2 ? "on" : "off", true);
    talk_assert_silence(conversation);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_monitor_of_one_site_tells_of_no_other(void **state)
{
    struct fake *fake = fake_new(3);
    struct conversation *conversation = begin(fake, &fake_viewer);

    (void)state;
    talk_say(conversation, MONITOR_ONE);
    assert_status(conversation, "site-0001", "off", true);
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 0), 0);
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 2), 0);
    talk_assert_silence(conversation);
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 1), 0);
    assert_status(conversation, "site-0001", "off", true);
    /* The site moves to another place in the list, and then out of it. */
    fake->sites[0] = fake->sites[1];
    fake->n_sites = 1;
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    assert_status(conversation, "site-0001", "off", true);
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 0), 0);
    assert_status(conversation, "site-0001", "off", true);
    fake->sites[0] = fake->sites[2];
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    talk_assert_error(conversation, SERVICE_ERROR_UNKNOWN_SITE,
                      "{\"site\":\"site-0001\",\"known\":[\"site-0002\"]}");
    talk_say(conversation, BAD); /* the conversation goes on */
    talk_assert_error(conversation, MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"no\"}");
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_monitor_that_does_not_read_costs_a_bit_a_site(void **state)
{
    struct fake *fake = fake_new(1000);
    struct conversation *conversation = begin(fake, &fake_viewer);
    size_t size, before, told = 0;
    const char *reply;

    (void)state;
    talk_say(conversation, MONITOR);
    conversation_output(conversation, &before);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, i % 1000), 0);
    conversation_output(conversation, &size);
    assert_int_equal(size, before);
    fake->sites[999].state = SITE_BLOCKED;
    for (; (reply = talk_hear(conversation)); told++)
        if (strstr(reply, "\"site\":\"site-0999\""))
            assert_non_null(strstr(reply, "\"blocked\"")); /* the newest status, once */
    assert_true(told >= 1000 && told < 1200);
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_monitor_that_loses_its_right_ends(void **state)
{
    struct policy nobody = {0};
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_viewer);
    struct bouncer *stricter;

    (void)state;
    talk_say(conversation, MONITOR);
    assert_status(conversation, "site-0000", "off", true);
    assert_int_equal(bouncer_new(&nobody, 30, NULL, NULL, &stricter), 0);
    fake->service.bouncer = stricter;
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    talk_assert_error(conversation, SERVICE_ERROR_NOT_AUTHORIZED, "{}");
    assert_int_equal(conversation_site_changed(conversation, TALK_BOOT, 0), 0);
    talk_assert_silence(conversation);
    conversation_free(conversation);
    bouncer_free(stricter);
    fake_free(fake);
}

static void test_a_status_in_progress_survives_a_new_policy(void **state)
{
    struct fake *fake = fake_new(1000);
    struct conversation *conversation = begin(fake, &fake_viewer);
    char last[64] = "";
    bool ended = false;
    const char *reply;

    (void)state;
    talk_say(conversation, STATUS);
    /* The first half of the sites is gone; then all but the first of the rest. */
    memmove(fake->sites, fake->sites + 500, 500 * sizeof(fake->sites[0]));
    fake->n_sites = 500;
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    fake->n_sites = 1;
    assert_int_equal(conversation_daemon_changed(conversation, TALK_BOOT), 0);
    while ((reply = talk_hear(conversation))) {
        struct json_object *object = json_tokener_parse(reply);
        struct json_object *site =
            json_object_object_get(json_object_object_get(object, "parameters"), "site");
        const char *name = json_object_get_string(json_object_object_get(site, "site"));

        assert_false(ended);
        assert_true(strcmp(last, name) < 0);
        snprintf(last, sizeof(last), "%s", name);
        ended = !json_object_get_boolean(json_object_object_get(object, "continues"));
        json_object_put(object);
    }
    assert_true(ended);
    assert_string_equal(last, "site-0500");
    conversation_free(conversation);
    fake_free(fake);
}

static void test_calls_behind_a_monitor_wait_and_cost_no_more_than_one_message(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);
    size_t room;

    (void)state;
    talk_say(conversation, MONITOR);
    assert_status(conversation, "site-0000", "off", true);
    while ((room = conversation_room(conversation)) > 0)
        assert_int_equal(
            conversation_feed(conversation, TALK_BOOT, RELOAD, room < sizeof(RELOAD) ? room : sizeof(RELOAD)),
            0);
    talk_assert_silence(conversation);
    assert_int_equal(fake->reloads, 0);
    assert_true(conversation_due(conversation) == USEC_INFINITY);
    assert_false(conversation_is_over(conversation));
    conversation_free(conversation);
    fake_free(fake);
}

static void test_a_client_that_ends_its_side_is_still_answered(void **state)
{
    struct fake *fake = fake_new(1);
    struct conversation *conversation = begin(fake, &fake_root);

    (void)state;
    talk_say(conversation, MONITOR);
    talk_say(conversation, BAD);
    assert_int_equal(conversation_feed(conversation, TALK_BOOT, "{", 1), 0);
    assert_int_equal(conversation_end_of_input(conversation, TALK_BOOT), 0);
    assert_int_equal(conversation_room(conversation), 0);
    assert_status(conversation, "site-0000", "off", true);
    assert_false(conversation_is_over(conversation));
    talk_assert_error(conversation, MESSAGE_ERROR_INTERFACE_NOT_FOUND, "{\"interface\":\"no\"}");
    assert_true(conversation_is_over(conversation));
    assert_true(conversation_due(conversation) == USEC_INFINITY);
    conversation_free(conversation);
    fake_free(fake);
}

static struct conversation *of_reload;

static void change_everything(struct fake *fake)
{
    (void)fake;
    assert_int_equal(conversation_daemon_changed(of_reload, TALK_BOOT), 0);
    assert_int_equal(conversation_site_changed(of_reload, TALK_BOOT, 0), 0);
}

static void test_a_reload_may_tell_the_conversation_that_asked_for_it(void **state)
{
    struct fake *fake = fake_new(1);

    (void)state;
    of_reload = begin(fake, &fake_root);
    fake->on_reload = change_everything;
    talk_say(of_reload, RELOAD);
    talk_assert_heard(of_reload, "{\"parameters\":{}}");
    talk_assert_silence(of_reload);
    conversation_free(of_reload);
    fake_free(fake);
}

static void test_the_refusal_is_a_message(void **state)
{
    struct bytes bytes = BYTES_INIT(256);

    (void)state;
    assert_int_equal(conversation_refusal("connections", &bytes), 0);
    assert_string_equal(bytes.data, "{\"error\":\"" SERVICE_ERROR_LIMIT_EXCEEDED
                                    "\",\"parameters\":{\"limit\":\"connections\"}}");
    assert_int_equal(bytes.size, strlen(bytes.data) + 1);
    bytes_done(&bytes);
}

/* All that a client can make it allocate. */
static int talk_much(struct fake *fake)
{
    static const char bytes[] = RELOAD "\0" BAD "\0" STATUS "\0" MONITOR;
    _cleanup_(conversation_freep) struct conversation *conversation = NULL;
    size_t size;
    int r;

    r = conversation_new(&fake->service, &fake_viewer, &conversation);
    if (r < 0)
        return r;
    r = conversation_feed(conversation, TALK_BOOT, bytes, sizeof(bytes));
    if (r < 0)
        return r;
    conversation_output(conversation, &size);
    r = conversation_sent(conversation, TALK_BOOT, size);
    if (r < 0)
        return r;
    return conversation_daemon_changed(conversation, TALK_BOOT);
}

static void test_out_of_memory(void **state)
{
    struct fake *fake = fake_new(200);

    (void)state;
    for (unsigned n = 1;; n++) {
        int r;

        allocation_fail_at(n);
        r = talk_much(fake);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(r, -ENOMEM);
    }
    allocation_fail_at(0);
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipelined_calls_are_answered_in_order_however_they_are_split),
        cmocka_unit_test(test_a_burst_is_answered_in_turns),
        cmocka_unit_test(test_a_reload_is_the_last_of_its_turn),
        cmocka_unit_test(test_oneway_calls_are_carried_out_and_get_no_reply),
        cmocka_unit_test(test_garbage_is_told_and_ends_the_conversation),
        cmocka_unit_test(test_a_message_too_large_ends_the_conversation),
        cmocka_unit_test(test_a_message_too_deep_ends_the_conversation),
        cmocka_unit_test(test_a_half_sent_message_has_thirty_seconds),
        cmocka_unit_test(test_a_client_that_never_reads_is_told_at_one_mebibyte),
        cmocka_unit_test(test_status_streams_thousands_of_sites_in_little_memory),
        cmocka_unit_test(test_monitor_tells_once_and_then_each_change),
        cmocka_unit_test(test_monitor_of_one_site_tells_of_no_other),
        cmocka_unit_test(test_a_monitor_that_does_not_read_costs_a_bit_a_site),
        cmocka_unit_test(test_a_monitor_that_loses_its_right_ends),
        cmocka_unit_test(test_a_status_in_progress_survives_a_new_policy),
        cmocka_unit_test(test_calls_behind_a_monitor_wait_and_cost_no_more_than_one_message),
        cmocka_unit_test(test_a_client_that_ends_its_side_is_still_answered),
        cmocka_unit_test(test_a_reload_may_tell_the_conversation_that_asked_for_it),
        cmocka_unit_test(test_the_refusal_is_a_message),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests_name("control/conversation", tests, NULL, NULL);
}
