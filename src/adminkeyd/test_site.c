// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/test_site.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyd/policy_file.h"
#include "adminkeyd/policy_journal.h"
#include "base/text.h"
#include "host/credential.h"
#include "host/curl_memory.h"
#include "host/loop.h"
#include "host/site_client.h"
#include "os/clock.h"
#include "os/locked_memory.h"

struct test {
    struct test_site_findings *findings;
    bool enable;
    struct loop *loop;
    struct loop_timer *pause; /* before a DELETE is tried again */
    struct site_client *client;
    struct site_call *call;
    unsigned deletes;
    usec sent_boot;
};

static void next(struct test *test);

static struct confluence_reply *last_reply(const struct test *test)
{
    return &test->findings->calls[test->findings->n_calls - 1].reply;
}

static void on_reply(void *context, const struct confluence_reply *reply)
{
    struct test *test = context;

    test->call = NULL;
    *last_reply(test) = *reply;
    if (reply->has_date)
        site_clock_observe(&test->findings->clock, test->sent_boot, clock_boot(), reply->date_site);
    next(test);
}

static int call_with_token(struct test *test, const struct site_request *request, struct error *ret_error)
{
    const struct policy_site *site = test->findings->site;
    void *token = NULL;
    int r;

    r = locked_memory_new(sizeof(struct secret), &token);
    if (r == 0)
        r = credential_read(getenv("CREDENTIALS_DIRECTORY"), site->token, token, ret_error);
    if (r == 0)
        r = site_client_call(test->client, site, request, token, on_reply, test, &test->call);
    locked_memory_free(token, sizeof(struct secret));
    return r;
}

static void send_call(struct test *test, enum confluence_call call)
{
    struct site_request request = {.call = call, .minutes = TEST_SITE_MINUTES, .site_now = clock_utc()};
    struct test_site_findings *findings = test->findings;
    struct error error = {0};
    int r;

    request.timeout = SITE_CLIENT_TOTAL_TIMEOUT;
    findings->calls[findings->n_calls++] = (struct test_site_call){.call = call};
    test->sent_boot = clock_boot();
    r = call_with_token(test, &request, &error);
    if (r == 0)
        return;
    last_reply(test)->verdict = last_reply(test)->suspect =
        *error.text ? VERDICT_CREDENTIAL : VERDICT_TRANSIENT;
    if (!*error.text)
        error_set(&error, "the call could not be made: %s", strerror(-r));
    text_copy(last_reply(test)->detail, sizeof(last_reply(test)->detail), error.text);
    loop_end(test->loop, 0);
}

static void after_first_read(struct test *test)
{
    struct test_site_findings *findings = test->findings;

    if (!test->enable)
        findings->trial = TEST_SITE_NOT_ASKED;
    else if (last_reply(test)->verdict != VERDICT_DONE)
        findings->trial = TEST_SITE_NOT_REACHED;
    else if (last_reply(test)->has_key)
        findings->trial = TEST_SITE_KEY_IS_LIVE;
    else if (!findings->site->enforce)
        findings->trial = TEST_SITE_NOT_ENFORCED;
    else
        findings->trial = TEST_SITE_TRIED;
    if (findings->trial == TEST_SITE_TRIED)
        send_call(test, CONFLUENCE_POST);
    else
        loop_end(test->loop, 0);
}

static void send_delete(void *context)
{
    struct test *test = context;

    test->deletes++;
    send_call(test, CONFLUENCE_DELETE);
}

static void after_delete(struct test *test)
{
    test->findings->proved_off = last_reply(test)->verdict == VERDICT_DONE;
    if (test->findings->proved_off || test->deletes == TEST_SITE_DELETES_MAX)
        loop_end(test->loop, 0);
    else
        loop_timer_set(test->pause, clock_boot() + (USEC_PER_SEC << test->deletes));
}

/* GET, and for a trial POST, GET, DELETE. A POST that may have acted is followed by its DELETE whatever came
 * back. */
static void next(struct test *test)
{
    const struct confluence_reply *reply = last_reply(test);

    switch (test->findings->calls[test->findings->n_calls - 1].call) {
    case CONFLUENCE_GET:
        if (test->findings->n_calls == 1)
            after_first_read(test);
        else
            send_delete(test);
        break;
    case CONFLUENCE_POST:
        if (reply->verdict == VERDICT_DONE)
            send_call(test, CONFLUENCE_GET);
        else if (reply->may_have_acted)
            send_delete(test);
        else
            loop_end(test->loop, 0);
        break;
    case CONFLUENCE_DELETE: after_delete(test); break;
    }
}

static void test_done(struct test *test)
{
    site_call_cancel(test->call);
    site_client_free(test->client);
    loop_timer_free(test->pause);
    loop_free(test->loop);
}

static int make_calls(struct test_site_findings *findings, bool enable)
{
    _cleanup_(test_done) struct test test = {.findings = findings, .enable = enable};
    int r;

    r = loop_new(&test.loop);
    if (r == 0)
        r = loop_timer_new(test.loop, LOOP_USUAL, send_delete, &test, &test.pause);
    if (r == 0)
        r = site_client_new(test.loop, &test.client);
    if (r < 0)
        return r;
    send_call(&test, CONFLUENCE_GET);
    return loop_run(test.loop);
}

const struct test_site_call *test_site_decisive(const struct test_site_findings *findings)
{
    for (size_t i = 0; i + 1 < findings->n_calls; i++)
        if (findings->calls[i].reply.verdict != VERDICT_DONE && findings->calls[i].call != CONFLUENCE_DELETE)
            return &findings->calls[i];
    return &findings->calls[findings->n_calls - 1];
}

static int test_site(const struct policy_site *site, const struct options *options, struct error *ret_error)
{
    struct test_site_findings findings = {.site = site};
    int r;

    r = curl_memory_init();
    if (r < 0) {
        error_set(ret_error, "libcurl cannot be set up");
        return r;
    }
    r = make_calls(&findings, options->test_enable);
    curl_memory_done();
    if (r == 0)
        r = test_site_print(&findings, options->json);
    if (r < 0) {
        error_set(ret_error, "the site cannot be tested: %s", strerror(-r));
        return r;
    }
    return test_site_decisive(&findings)->reply.verdict == VERDICT_DONE ? 0 : TEST_SITE_FAILED;
}

int test_site_run(const struct options *options, struct journal journal, struct error *ret_error)
{
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    const struct policy_site *site;
    int r;

    r = policy_file_load(options->policy, &problems, &file);
    if (r == POLICY_FILE_REFUSED) {
        policy_journal_rejected(&journal, options->policy, &problems, ": nothing can be tested by it");
        return TEST_SITE_POLICY_REFUSED;
    }
    if (r < 0) {
        error_set(ret_error, "the policy cannot be read: %s", strerror(-r));
        return r;
    }
    site = policy_find_site(file->policy, options->test_site);
    if (!site) {
        fprintf(stderr, "adminkeyd: %s has no site '%s'; 'adminkeyctl calendar' shows those that it has\n",
                options->policy, options->test_site);
        return TEST_SITE_WRONG;
    }
    return test_site(site, options, ret_error);
}
