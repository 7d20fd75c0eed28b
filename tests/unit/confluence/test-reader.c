// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/confluence.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/text.h"

#define NOW      (INT64_C(1795419000) * USEC_PER_SEC) /* 2026-11-23T07:30:00Z */
#define DATE     "Date: Mon, 23 Nov 2026 07:30:00 GMT\n"
#define KEY      "{\"accountId\":\"5b10\",\"expirationTime\":\"2026-11-23T08:30:00.000Z\"}"
#define SERAPH   "X-Seraph-LoginReason: AUTHENTICATED_FAILED\n"
#define SAME     N_VERDICTS /* nothing else is suspected */
#define NOTHING  ""
#define PAGE_404 "<html><h1>Oops, you've found a dead link.</h1></html>"

/* Gives the reader each line of `head`, each in memory of its own size, then the body. */
static struct confluence_reply read_reply(enum confluence_call call, const char *head, const char *body)
{
    struct confluence_reader reader;
    struct confluence_reply reply;

    confluence_reader_init(&reader, call);
    for (const char *line = head; *line;) {
        size_t size = strcspn(line, "\n") + 1;
        char *exact = malloc(size);

        assert_non_null(exact);
        memcpy(exact, line, size);
        confluence_reader_header(&reader, exact, size);
        free(exact);
        line += size;
    }
    assert_int_equal(confluence_reader_body(&reader, body, strlen(body)), 0);
    memset(&reply, '#', sizeof(reply));
    confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, NOW, &reply);
    confluence_reader_done(&reader);
    return reply;
}

static void test_every_status_has_its_verdict(void **state)
{
    static const struct {
        enum confluence_call call;
        const char *head, *body;
        unsigned verdict, suspect;
        bool may_have_acted;
    } rows[] = {
        {CONFLUENCE_GET, "HTTP/2 200\n", KEY, VERDICT_DONE, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 200\n", KEY, VERDICT_DONE, SAME, true},
        {CONFLUENCE_DELETE, "HTTP/2 204\n", NOTHING, VERDICT_DONE, SAME, true},
        {CONFLUENCE_GET, "HTTP/2 404\n", PAGE_404, VERDICT_DONE, SAME, true},

        {CONFLUENCE_GET, "HTTP/2 429\n", NOTHING, VERDICT_THROTTLED, SAME, false},
        {CONFLUENCE_POST, "HTTP/2 429\nRetry-After: 5\n", NOTHING, VERDICT_THROTTLED, SAME, false},
        {CONFLUENCE_DELETE, "HTTP/2 429\n", NOTHING, VERDICT_THROTTLED, SAME, false},
        {CONFLUENCE_POST, "HTTP/2 503\nRetry-After: 5\n", NOTHING, VERDICT_THROTTLED, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 503\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 503\nRetry-After:\n", NOTHING, VERDICT_TRANSIENT, SAME, true},

        {CONFLUENCE_POST, "HTTP/1.1 100 Continue\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_GET, "HTTP/2 301\nLocation: https://elsewhere.example\n", KEY, VERDICT_TRANSIENT, SAME,
         true},
        {CONFLUENCE_POST, "HTTP/2 302\n", KEY, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_DELETE, "HTTP/2 307\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 408\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 500\n", KEY, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_GET, "HTTP/2 502\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_DELETE, "HTTP/2 504\nRetry-After: 5\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 600\n", NOTHING, VERDICT_TRANSIENT, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 20000\n", KEY, VERDICT_TRANSIENT, SAME, true},

        {CONFLUENCE_GET, "HTTP/2 401\n", NOTHING, VERDICT_TRANSIENT, VERDICT_CREDENTIAL, false},
        {CONFLUENCE_POST, "HTTP/2 401\n", NOTHING, VERDICT_TRANSIENT, VERDICT_CREDENTIAL, false},
        {CONFLUENCE_DELETE, "HTTP/2 401\n", NOTHING, VERDICT_TRANSIENT, VERDICT_CREDENTIAL, false},
        {CONFLUENCE_GET, "HTTP/2 403\n", NOTHING, VERDICT_TRANSIENT, VERDICT_NOT_ELIGIBLE, false},
        {CONFLUENCE_POST, "HTTP/2 403\n", NOTHING, VERDICT_TRANSIENT, VERDICT_NOT_ELIGIBLE, false},
        {CONFLUENCE_POST, "HTTP/2 404\n", PAGE_404, VERDICT_TRANSIENT, VERDICT_NOT_ELIGIBLE, false},
        {CONFLUENCE_DELETE, "HTTP/2 404\n", PAGE_404, VERDICT_TRANSIENT, VERDICT_NOT_ELIGIBLE, false},

        {CONFLUENCE_POST, "HTTP/2 401\n" SERAPH, NOTHING, VERDICT_CREDENTIAL, SAME, false},
        {CONFLUENCE_DELETE, "HTTP/2 401\n" SERAPH, NOTHING, VERDICT_CREDENTIAL, SAME, false},
        {CONFLUENCE_GET, "HTTP/2 404\n" SERAPH, PAGE_404, VERDICT_CREDENTIAL, SAME, false},
        {CONFLUENCE_POST, "HTTP/2 403\n" SERAPH, NOTHING, VERDICT_CREDENTIAL, SAME, false},
        {CONFLUENCE_GET, "HTTP/2 401\nx-seraph-loginreason: OUT, AUTHENTICATED_FAILED\n", NOTHING,
         VERDICT_CREDENTIAL, SAME, false},
        {CONFLUENCE_GET, "HTTP/2 401\nX-Seraph-LoginReason: OK\n", NOTHING, VERDICT_TRANSIENT,
         VERDICT_CREDENTIAL, false},
        {CONFLUENCE_POST, "HTTP/2 200\n" SERAPH, KEY, VERDICT_DONE, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 500\n" SERAPH, NOTHING, VERDICT_TRANSIENT, SAME, true},

        {CONFLUENCE_POST, "HTTP/2 400\n", NOTHING, VERDICT_REFUSED, SAME, false},
        {CONFLUENCE_GET, "HTTP/2 405\n", NOTHING, VERDICT_REFUSED, SAME, false},
        {CONFLUENCE_POST, "HTTP/2 410\n", NOTHING, VERDICT_REFUSED, SAME, false},
        {CONFLUENCE_POST, "HTTP/2 415\n", NOTHING, VERDICT_REFUSED, SAME, false},
        {CONFLUENCE_DELETE, "HTTP/2 499\n", NOTHING, VERDICT_REFUSED, SAME, false},

        {CONFLUENCE_POST, "HTTP/2 201\n", KEY, VERDICT_IMPLAUSIBLE, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 202\n", NOTHING, VERDICT_IMPLAUSIBLE, SAME, true},
        {CONFLUENCE_POST, "HTTP/2 204\n", NOTHING, VERDICT_IMPLAUSIBLE, SAME, true},
        {CONFLUENCE_GET, "HTTP/2 204\n", NOTHING, VERDICT_IMPLAUSIBLE, SAME, true},
        {CONFLUENCE_DELETE, "HTTP/2 200\n", KEY, VERDICT_IMPLAUSIBLE, SAME, true},
        {CONFLUENCE_DELETE, "HTTP/2 202\n", NOTHING, VERDICT_IMPLAUSIBLE, SAME, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct confluence_reply reply = read_reply(rows[i].call, rows[i].head, rows[i].body);
        unsigned suspect = rows[i].suspect == SAME ? rows[i].verdict : rows[i].suspect;
        bool key = rows[i].verdict == VERDICT_DONE && rows[i].body[0] == '{';

        if (reply.verdict != rows[i].verdict || reply.suspect != suspect)
            fail_msg("%s to %s: %s, perhaps %s", rows[i].head, confluence_method(rows[i].call),
                     verdict_name(reply.verdict), verdict_name(reply.suspect));
        if (reply.may_have_acted != rows[i].may_have_acted)
            fail_msg("%s to %s: whether it acted", rows[i].head, confluence_method(rows[i].call));
        assert_int_equal(reply.has_key, key);
        assert_int_equal(reply.has_expiry, key);
        assert_true(strlen(reply.detail) > 0);
    }
}

static void test_what_happened_is_told(void **state)
{
    struct confluence_reply reply = read_reply(CONFLUENCE_POST, "HTTP/2 404\n", PAGE_404);

    (void)state;
    assert_string_equal(reply.detail, "HTTP 404 to POST");
    assert_int_equal(reply.status, 404);
    reply = read_reply(CONFLUENCE_GET, "HTTP/1.1 200 OK\r\n", KEY);
    assert_string_equal(reply.detail, "HTTP 200 to GET");
    assert_int_equal(reply.status, 200);
}

/* Nothing that was collected counts where the reply did not come whole. */
static void test_every_failure_of_the_transport(void **state)
{
    static const struct {
        enum transport transport;
        const char *words;
        enum verdict verdict;
        bool may_have_acted;
        const char *detail;
    } rows[] = {
        {TRANSPORT_TIMED_OUT, NULL, VERDICT_TRANSIENT, true, "no reply in time"},
        {TRANSPORT_TIMED_OUT, "after 30 s", VERDICT_TRANSIENT, true, "no reply in time (after 30 s)"},
        {TRANSPORT_NOT_RESOLVED, "", VERDICT_TRANSIENT, false, "the host's name could not be resolved"},
        {TRANSPORT_NOT_CONNECTED, "refused", VERDICT_TRANSIENT, false, "no connection (refused)"},
        {TRANSPORT_NOT_SECURED, NULL, VERDICT_TRANSIENT, false, "the TLS handshake failed"},
        {TRANSPORT_UNTRUSTED, "self-signed", VERDICT_UNTRUSTED, false,
         "the certificate is not trusted (self-signed)"},
        {TRANSPORT_CUT, NULL, VERDICT_TRANSIENT, true, "the connection ended within the reply"},
        {TRANSPORT_TOO_LARGE, NULL, VERDICT_IMPLAUSIBLE, true,
         "the reply is larger than any that the site may send"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct confluence_reader reader;
        struct confluence_reply reply;

        confluence_reader_init(&reader, CONFLUENCE_POST);
        confluence_reader_header(&reader, "HTTP/2 200", 10);
        assert_int_equal(confluence_reader_body(&reader, KEY, strlen(KEY)), 0);
        confluence_reader_finish(&reader, rows[i].transport, rows[i].words, NOW, &reply);
        confluence_reader_done(&reader);
        assert_int_equal(reply.verdict, rows[i].verdict);
        assert_int_equal(reply.suspect, rows[i].verdict);
        assert_int_equal(reply.may_have_acted, rows[i].may_have_acted);
        assert_string_equal(reply.detail, rows[i].detail);
        assert_false(reply.has_key || reply.has_expiry || reply.has_retry_after);
    }
}

static void test_no_status_line_is_a_cut_reply(void **state)
{
    static const char *const rows[] = {"",
                                       "Date: Mon, 23 Nov 2026 07:30:00 GMT\n",
                                       "HTTP/2\n",
                                       "HTTP/2 \n",
                                       "HTTP/2 abc\n",
                                       "HTTP/1.1\n200 OK\n",
                                       "HTTP 200\n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct confluence_reply reply = read_reply(CONFLUENCE_POST, rows[i], KEY);

        assert_int_equal(reply.status, 0);
        assert_int_equal(reply.verdict, VERDICT_TRANSIENT);
        assert_true(reply.may_have_acted);
        assert_false(reply.has_key);
        assert_string_equal(reply.detail, "the connection ended within the reply");
    }
}

static void test_long_words_of_the_transport_are_cut(void **state)
{
    struct confluence_reader reader;
    struct confluence_reply reply;
    char words[1000];

    (void)state;
    memset(words, 'x', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    confluence_reader_init(&reader, CONFLUENCE_GET);
    confluence_reader_finish(&reader, TRANSPORT_TIMED_OUT, words, NOW, &reply);
    confluence_reader_done(&reader);
    assert_int_equal(strlen(reply.detail), CONFLUENCE_DETAIL_MAX);
    assert_true(text_starts_with(reply.detail, "no reply in time (xxx"));
}

static void test_when_the_key_expires(void **state)
{
    static const struct {
        const char *expires;
        usec after_now; /* USEC_INFINITY: cannot be */
    } rows[] = {
        {"2026-11-23T08:30:00Z", 60 * USEC_PER_MINUTE},
        {"2026-11-23T08:30:00.5Z", 60 * USEC_PER_MINUTE + 500000},
        {"2026-11-23T08:29:59.94Z", 60 * USEC_PER_MINUTE - 60000},
        {"2026-11-23T08:29:59.947Z", 60 * USEC_PER_MINUTE - 53000},
        {"2026-11-23T08:29:59.947123Z", 60 * USEC_PER_MINUTE - 52877},
        {"2026-11-23T08:29:59.947123456Z", 60 * USEC_PER_MINUTE - 52877},
        {"2026-11-23T09:30:00+01:00", 60 * USEC_PER_MINUTE},
        {"2026-11-22T22:30:00-10:00", 60 * USEC_PER_MINUTE},
        {"2026-11-23T07:30:00.000001Z", 1},
        {"2026-11-23T08:31:00Z", 61 * USEC_PER_MINUTE},
        {"2026-11-23T08:31:00.000001Z", USEC_INFINITY},
        {"2026-11-23T07:30:00Z", USEC_INFINITY},
        {"2026-11-23T07:29:59.999Z", USEC_INFINITY},
        {"2026-11-24T08:30:00Z", USEC_INFINITY},
        {"1970-01-01T00:00:00Z", USEC_INFINITY},
        {"9999-12-31T23:59:59.999999999Z", USEC_INFINITY},
        {"0001-01-01T00:00:00+23:59", USEC_INFINITY},
        {"2026-11-23T08:30:00.Z", USEC_INFINITY},
        {"2026-11-23T08:30:00.1234567890Z", USEC_INFINITY},
        {"2026-11-23T08:30:00", USEC_INFINITY},
        {"1795422600", USEC_INFINITY},
        {"", USEC_INFINITY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned dated = 0; dated < 2; dated++) {
            struct confluence_reply reply;
            char body[100];

            snprintf(body, sizeof(body), "{\"expirationTime\":\"%s\"}", rows[i].expires);
            reply = read_reply(CONFLUENCE_POST, dated ? "HTTP/2 200\n" DATE : "HTTP/2 200\n", body);
            if (rows[i].after_now == USEC_INFINITY) {
                assert_int_equal(reply.verdict, VERDICT_IMPLAUSIBLE);
                assert_false(reply.has_key || reply.has_expiry);
                assert_true(reply.may_have_acted);
                assert_non_null(strstr(reply.detail, "expirationTime") ?: strstr(reply.detail, "expires at"));
            } else {
                assert_int_equal(reply.verdict, VERDICT_DONE);
                assert_true(reply.has_key && reply.has_expiry);
                assert_true(reply.expires_site == NOW + rows[i].after_now);
            }
        }
}

/* What is known of the site's clock may be old; the reply's own Date is not. */
static void test_the_expiry_is_held_against_the_replys_date(void **state)
{
    static const struct {
        const char *head;
        enum verdict verdict;
    } rows[] = {
        {"HTTP/2 200\nDate: Mon, 23 Nov 2026 08:29:59 GMT\n", VERDICT_DONE},
        {"HTTP/2 200\nDate: Mon, 23 Nov 2026 08:30:00 GMT\n", VERDICT_IMPLAUSIBLE},
        {"HTTP/2 200\nDate: Mon, 23 Nov 2026 07:29:00 GMT\n", VERDICT_DONE},
        {"HTTP/2 200\nDate: Mon, 23 Nov 2026 07:28:59 GMT\n", VERDICT_IMPLAUSIBLE},
        {"HTTP/2 200\nDate: yesterday\n", VERDICT_DONE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(read_reply(CONFLUENCE_GET, rows[i].head, KEY).verdict, rows[i].verdict);
}

static void test_a_key_that_names_no_expiry_is_a_key(void **state)
{
    static const char *const bodies[] = {"{}", "{\"accountId\":\"5b10\"}", "{\"expirationTime\":null}",
                                         " \r\n{ } \n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        struct confluence_reply reply = read_reply(CONFLUENCE_POST, "HTTP/2 200\n", bodies[i]);

        assert_int_equal(reply.verdict, VERDICT_DONE);
        assert_true(reply.has_key);
        assert_false(reply.has_expiry);
    }
}

static void test_bodies_that_cannot_be_right(void **state)
{
    static const char *const bodies[] = {
        "",
        " ",
        "null",
        "true",
        "60",
        "\"2026-11-23T08:30:00Z\"",
        "[]",
        ("[" KEY "]"),
        PAGE_404,
        "{",
        "{\"expirationTime\"",
        "{\"expirationTime\":",
        "{\"expirationTime\":\"2026-11-23T08:30:00Z",
        "{\"expirationTime\":\"2026-11-23T08:30:00Z\"",
        "{\"expirationTime\":\"2026-11-23T08:30:00Z\"}}",
        (KEY KEY),
        (KEY "<html>"),
        ("<html>" KEY),
        "{\"expirationTime\":1795422600}",
        "{\"expirationTime\":1795422600000}",
        "{\"expirationTime\":true}",
        "{\"expirationTime\":{}}",
        "{\"expirationTime\":[\"2026-11-23T08:30:00Z\"]}",
        "{'expirationTime':'2026-11-23T08:30:00Z'}",
        "{expirationTime:\"2026-11-23T08:30:00Z\"}",
        "{/* a comment */}",
        "{\"accountId\":\"\xff\",\"expirationTime\":\"2026-11-23T08:30:00Z\"}",
        "{\"a\":[[[[[[[[[[]]]]]]]]]],\"expirationTime\":\"2026-11-23T08:30:00Z\"}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
        for (int call = CONFLUENCE_GET; call <= CONFLUENCE_POST; call++) {
            struct confluence_reply reply = read_reply((enum confluence_call)call, "HTTP/2 200\n", bodies[i]);

            if (reply.verdict != VERDICT_IMPLAUSIBLE)
                fail_msg("'%s' was believed", bodies[i]);
            assert_false(reply.has_key || reply.has_expiry);
            assert_true(reply.may_have_acted);
            assert_true(text_starts_with(reply.detail, "the reply"));
        }
}

static void test_every_truncation_of_a_body_is_implausible(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(KEY); size++) {
        char body[] = KEY;

        body[size] = '\0';
        assert_int_equal(read_reply(CONFLUENCE_POST, "HTTP/2 200\n", body).verdict, VERDICT_IMPLAUSIBLE);
    }
}

static void test_a_nul_hides_nothing(void **state)
{
    static const char body[] = KEY "\0<html>";
    struct confluence_reader reader;
    struct confluence_reply reply;

    (void)state;
    confluence_reader_init(&reader, CONFLUENCE_POST);
    confluence_reader_header(&reader, "HTTP/2 200", 10);
    assert_int_equal(confluence_reader_body(&reader, body, sizeof(body) - 1), 0);
    confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, NOW, &reply);
    confluence_reader_done(&reader);
    assert_int_equal(reply.verdict, VERDICT_IMPLAUSIBLE);
}

static void test_a_body_comes_in_pieces_up_to_the_cap(void **state)
{
    _cleanup_free_ char *blanks = malloc(CONFLUENCE_BODY_MAX);
    struct confluence_reader reader;
    struct confluence_reply reply;

    (void)state;
    assert_non_null(blanks);
    memset(blanks, ' ', CONFLUENCE_BODY_MAX);
    confluence_reader_init(&reader, CONFLUENCE_POST);
    confluence_reader_header(&reader, "HTTP/2 200", 10);
    for (size_t i = 0; i < strlen(KEY); i++)
        assert_int_equal(confluence_reader_body(&reader, &KEY[i], 1), 0);
    assert_int_equal(confluence_reader_body(&reader, blanks, CONFLUENCE_BODY_MAX - strlen(KEY)), 0);
    assert_int_equal(confluence_reader_body(&reader, " ", 1), -ENOBUFS);
    confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, NOW, &reply);
    assert_int_equal(reply.verdict, VERDICT_DONE);
    confluence_reader_done(&reader);
}

static void test_out_of_memory_for_a_body(void **state)
{
    struct confluence_reader reader;

    (void)state;
    confluence_reader_init(&reader, CONFLUENCE_POST);
    allocation_fail_at(1);
    assert_int_equal(confluence_reader_body(&reader, KEY, strlen(KEY)), -ENOMEM);
    assert_true(allocation_failed());
    allocation_fail_at(0);
    confluence_reader_done(&reader);
}

static void test_retry_after(void **state)
{
    static const struct {
        const char *value;
        usec wait; /* -1: none, -2: absurd */
    } rows[] = {
        {"0", 0},
        {"5", 5 * USEC_PER_SEC},
        {"  5  ", 5 * USEC_PER_SEC},
        {"00000000000000000000000000000000000000005", 5 * USEC_PER_SEC},
        {"86399", 86399 * USEC_PER_SEC},
        {"86400", CONFLUENCE_RETRY_AFTER_MAX},
        {"86401", -2},
        {"864000", -2},
        {"4294967296", -2},           /* 2^32 */
        {"9223372036854", -2},        /* 2^63 - 1 microseconds */
        {"9223372036854775807", -2},  /* 2^63 - 1 */
        {"18446744073709551616", -2}, /* 2^64 */
        {"99999999999999999999999999999999999999999999999999999999999999999999999999999999", -2},
        {"Mon, 23 Nov 2026 07:30:05 GMT", 5 * USEC_PER_SEC},
        {"Mon, 23 Nov 2026 07:30:00 GMT", 0},
        {"Mon, 23 Nov 2026 07:29:00 GMT", 0},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 24 Nov 2026 07:30:00 GMT", CONFLUENCE_RETRY_AFTER_MAX},
        {"Tue, 24 Nov 2026 07:30:01 GMT", -2},
        {"Fri, 31 Dec 9999 23:59:59 GMT", -2},
        {"-1", -1},
        {"+5", -1},
        {"5s", -1},
        {"5.5", -1},
        {"5, 6", -1},
        {"0x10", -1},
        {"soon", -1},
        {"", -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        for (unsigned dated = 0; dated < 2; dated++) {
            struct confluence_reply reply;
            char head[300];

            snprintf(head, sizeof(head), "HTTP/2 429\r\n%sretry-after: %s\r\n", dated ? DATE : "",
                     rows[i].value);
            reply = read_reply(CONFLUENCE_POST, head, NOTHING);
            assert_int_equal(reply.verdict, VERDICT_THROTTLED);
            assert_int_equal(reply.has_retry_after, rows[i].wait >= 0);
            assert_int_equal(reply.retry_after_absurd, rows[i].wait == -2);
            if (rows[i].wait >= 0)
                assert_true(reply.retry_after == rows[i].wait);
        }
}

static void test_a_date_to_retry_at_is_on_the_sites_clock(void **state)
{
    struct confluence_reply reply = read_reply(
        CONFLUENCE_POST,
        "HTTP/2 503\nDate: Mon, 23 Nov 2026 09:00:00 GMT\nRetry-After: Mon, 23 Nov 2026 09:00:30 GMT\n",
        NOTHING);

    (void)state;
    assert_int_equal(reply.verdict, VERDICT_THROTTLED);
    assert_true(reply.has_retry_after);
    assert_true(reply.retry_after == 30 * USEC_PER_SEC);
}

static void test_header_lines(void **state)
{
    static const struct {
        const char *line;
        bool has_date;
    } rows[] = {
        {"Date: Mon, 23 Nov 2026 07:30:00 GMT", true},
        {"Date: Mon, 23 Nov 2026 07:30:00 GMT\r\n", true},
        {"date:Mon, 23 Nov 2026 07:30:00 GMT\n", true},
        {"DATE: \t Mon, 23 Nov 2026 07:30:00 GMT \t\r\n", true},
        {"Date", false},
        {"Date:", false},
        {"Date: \r\n", false},
        {"Date : Mon, 23 Nov 2026 07:30:00 GMT", false}, /* no blank may stand before the colon */
        {" Date: Mon, 23 Nov 2026 07:30:00 GMT", false}, /* the rest of another header */
        {"X-Date: Mon, 23 Nov 2026 07:30:00 GMT", false},
        {"Date: 2026-11-23T07:30:00Z", false},
        {":", false},
        {"\r\n", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct confluence_reader reader;
        struct confluence_reply reply;
        size_t size = strlen(rows[i].line);
        _cleanup_free_ char *exact = malloc(size + 1);

        assert_non_null(exact);
        memcpy(exact, rows[i].line, size);
        exact[size] = 'x';
        confluence_reader_init(&reader, CONFLUENCE_DELETE);
        confluence_reader_header(&reader, "HTTP/2 204", 10);
        confluence_reader_header(&reader, exact, size);
        confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, 0, &reply);
        confluence_reader_done(&reader);
        if (reply.has_date != rows[i].has_date)
            fail_msg("'%s'", rows[i].line);
        if (reply.has_date)
            assert_true(reply.date_site == NOW);
    }
}

static void test_a_header_without_end_is_cut(void **state)
{
    _cleanup_free_ char *line = malloc(100000);
    struct confluence_reader reader;
    struct confluence_reply reply;

    (void)state;
    assert_non_null(line);
    memset(line, 'x', 100000);
    memcpy(line, "atl-traceid: ", 13);
    confluence_reader_init(&reader, CONFLUENCE_GET);
    confluence_reader_header(&reader, "HTTP/2 404", 10);
    confluence_reader_header(&reader, line, 100000);
    line[11] = 'x'; /* no colon at all */
    confluence_reader_header(&reader, line, 100000);
    confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, NOW, &reply);
    confluence_reader_done(&reader);
    assert_int_equal(strlen(reply.request_id), CONFLUENCE_ID_MAX);
    assert_int_equal(strspn(reply.request_id, "x"), CONFLUENCE_ID_MAX);
}

/* An interim reply, or a proxy's, comes before the site's. */
static void test_only_the_last_reply_counts(void **state)
{
    struct confluence_reply reply = read_reply(CONFLUENCE_POST,
                                               "HTTP/1.1 401 Unauthorized\n" DATE SERAPH "Retry-After: 5\n"
                                               "atl-traceid: first\n"
                                               "\n"
                                               "HTTP/1.1 200 OK\n\n",
                                               KEY);

    (void)state;
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.verdict, VERDICT_DONE);
    assert_false(reply.has_date || reply.has_retry_after);
    assert_string_equal(reply.request_id, "");

    reply = read_reply(CONFLUENCE_POST, "HTTP/1.1 200 OK\n\nHTTP/1.1 401 No\n" DATE, KEY);
    assert_int_equal(reply.verdict, VERDICT_TRANSIENT);
    assert_true(reply.has_date);
    assert_false(reply.has_key);
}

static void test_the_body_of_an_earlier_reply_is_dropped(void **state)
{
    struct confluence_reader reader;
    struct confluence_reply reply;

    (void)state;
    confluence_reader_init(&reader, CONFLUENCE_POST);
    confluence_reader_header(&reader, "HTTP/1.1 407 Proxy", 18);
    assert_int_equal(confluence_reader_body(&reader, "<html>", 6), 0);
    confluence_reader_header(&reader, "HTTP/1.1 200 OK", 15);
    assert_int_equal(confluence_reader_body(&reader, KEY, strlen(KEY)), 0);
    confluence_reader_finish(&reader, TRANSPORT_REPLIED, NULL, NOW, &reply);
    confluence_reader_done(&reader);
    assert_int_equal(reply.verdict, VERDICT_DONE);
    assert_true(reply.has_expiry);
}

static void test_request_ids_are_harmless_and_short(void **state)
{
    static const struct {
        const char *head, *id;
    } rows[] = {
        {"HTTP/2 204\n", ""},
        {"HTTP/2 204\natl-traceid: 5b10a2844c20165700ede21g\n", "5b10a2844c20165700ede21g"},
        {"HTTP/2 204\nATL-TraceId: abc\n", "abc"},
        {"HTTP/2 204\natl-request-id: def\n", "def"},
        {"HTTP/2 204\natl-request-id: def\natl-traceid: abc\n", "abc"}, /* the trace id wins */
        {"HTTP/2 204\natl-traceid: abc\natl-request-id: def\n", "abc"}, /* in either order */
        {"HTTP/2 204\natl-traceid:\n", ""},
        {"HTTP/2 204\natl-traceid: a b\tc\n", "abc"},
        {"HTTP/2 204\natl-traceid: a\x1b[31mb\x07\n", "a[31mb"}, /* no escape reaches a terminal */
        {"HTTP/2 204\natl-traceid: a\x80\xff\xc3\xbc"
         "b\x7f\n",
         "ab"},
        {"HTTP/2 204\natl-traceid: 0123456789012345678901234567890123456789012345678901234567890123456789\n",
         "012345678901234567890123456789012345678901234567890123456789012"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_string_equal(read_reply(CONFLUENCE_DELETE, rows[i].head, NOTHING).request_id, rows[i].id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_verdict),
        cmocka_unit_test(test_what_happened_is_told),
        cmocka_unit_test(test_every_failure_of_the_transport),
        cmocka_unit_test(test_no_status_line_is_a_cut_reply),
        cmocka_unit_test(test_long_words_of_the_transport_are_cut),
        cmocka_unit_test(test_when_the_key_expires),
        cmocka_unit_test(test_the_expiry_is_held_against_the_replys_date),
        cmocka_unit_test(test_a_key_that_names_no_expiry_is_a_key),
        cmocka_unit_test(test_bodies_that_cannot_be_right),
        cmocka_unit_test(test_every_truncation_of_a_body_is_implausible),
        cmocka_unit_test(test_a_nul_hides_nothing),
        cmocka_unit_test(test_a_body_comes_in_pieces_up_to_the_cap),
        cmocka_unit_test(test_out_of_memory_for_a_body),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_a_date_to_retry_at_is_on_the_sites_clock),
        cmocka_unit_test(test_header_lines),
        cmocka_unit_test(test_a_header_without_end_is_cut),
        cmocka_unit_test(test_only_the_last_reply_counts),
        cmocka_unit_test(test_the_body_of_an_earlier_reply_is_dropped),
        cmocka_unit_test(test_request_ids_are_harmless_and_short),
    };

    return cmocka_run_group_tests_name("confluence/reader", tests, NULL, NULL);
}
