// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What --test-site found, in words and as JSON.
 */
#include "adminkeyd/test_site.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "control/json.h"
#include "engine/engine.h"
#include "os/clock.h"

static const struct {
    const char *name, *words;
} trials[] = {
    [TEST_SITE_NOT_ASKED] = {"not_asked", NULL},
    [TEST_SITE_TRIED] = {"tried", "the key was switched on for a minute, and off again"},
    [TEST_SITE_NOT_REACHED] = {"not_reached", "the key was not switched, since it could not be read"},
    [TEST_SITE_KEY_IS_LIVE] = {"key_is_live", "the key was not switched, since it is on"},
    [TEST_SITE_NOT_ENFORCED] = {"not_enforced",
                                "the key was not switched, since the policy says enforce: no"},
};

static const char *suspect_name(const struct confluence_reply *reply)
{
    return reply->suspect != reply->verdict ? verdict_name(reply->suspect) : NULL;
}

static int64_t clock_offset_ms(const struct test_site_findings *findings)
{
    struct instant now = {.utc = clock_utc(), .boot = clock_boot()};

    return site_clock_offset(&findings->clock, &now) / USEC_PER_MSEC;
}

static bool was_encrypted(const struct test_site_findings *findings)
{
    return text_starts_with(findings->site->url, "https://");
}

static void add_key(struct json_builder *json, const struct confluence_reply *first)
{
    struct json_builder key = json_begin();

    if (!first->has_key) {
        json_builder_done(&key);
        json_add_null(json, "key");
        return;
    }
    json_add_instant(&key, "expires", first->has_expiry ? first->expires_site : USEC_INFINITY);
    json_add(json, "key", json_finish(&key));
}

/* `verified`: null where the connection did not come so far. */
static void add_tls(struct json_builder *json, const struct test_site_findings *findings)
{
    const struct confluence_reply *first = &findings->calls[0].reply;
    struct json_builder tls = json_begin();

    if (!was_encrypted(findings)) {
        json_builder_done(&tls);
        json_add_null(json, "tls");
        return;
    }
    if (first->status > 0 || first->verdict == VERDICT_UNTRUSTED)
        json_add_bool(&tls, "verified", first->verdict != VERDICT_UNTRUSTED);
    else
        json_add_null(&tls, "verified");
    json_add_text(&tls, "ca_file", findings->site->ca_file);
    json_add(json, "tls", json_finish(&tls));
}

static void add_trial(struct json_builder *json, const struct test_site_findings *findings)
{
    struct json_builder trial = json_begin();

    if (findings->trial == TEST_SITE_NOT_ASKED) {
        json_builder_done(&trial);
        json_add_null(json, "trial");
        return;
    }
    json_add_text(&trial, "result", trials[findings->trial].name);
    json_add_bool(&trial, "proved_off", findings->proved_off);
    json_add(json, "trial", json_finish(&trial));
}

static int print_json(const struct test_site_findings *findings)
{
    const struct test_site_call *decisive = test_site_decisive(findings);
    const struct confluence_reply *reply = &decisive->reply;
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "site", findings->site->name);
    json_add_text(&json, "url", findings->site->url);
    json_add_text(&json, "user", findings->site->user);
    json_add_text(&json, "call", confluence_call_name(decisive->call));
    json_add_text(&json, "verdict", verdict_name(reply->verdict));
    json_add_text(&json, "suspect", suspect_name(reply));
    if (reply->status > 0)
        json_add_int(&json, "http_status", reply->status);
    else
        json_add_null(&json, "http_status");
    json_add_text_or_null(&json, "detail", reply->detail);
    json_add_text_or_null(&json, "request_id", reply->request_id);
    json_add_instant(&json, "date", reply->has_date ? reply->date_site : USEC_INFINITY);
    if (findings->clock.known)
        json_add_int(&json, "clock_offset_ms", clock_offset_ms(findings));
    else
        json_add_null(&json, "clock_offset_ms");
    add_key(&json, &findings->calls[0].reply);
    add_tls(&json, findings);
    json_add_text(&json, "proxy", findings->site->proxy);
    add_trial(&json, findings);
    if (json.failed)
        return -ENOMEM;
    printf("%s\n", json_object_to_json_string_ext(json.object,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return 0;
}

static void print_verdict(const struct test_site_call *decisive)
{
    const struct confluence_reply *reply = &decisive->reply;

    printf("  verdict  %s", verdict_name(reply->verdict));
    if (suspect_name(reply))
        printf(", or %s if it stays so", suspect_name(reply));
    if (*reply->detail)
        printf(": %s", reply->detail);
    printf("\n");
    if (reply->verdict != VERDICT_DONE)
        printf("           %s\n", verdict_words(reply->suspect));
    if (*reply->request_id)
        printf("  request  %s\n", reply->request_id);
}

static void print_key(const struct confluence_reply *first)
{
    char expires[TIME_TEXT_MAX];

    if (first->verdict != VERDICT_DONE)
        return;
    if (first->has_key)
        printf("  key      on%s%s\n", first->has_expiry ? " until " : "",
               first->has_expiry ? time_format_rfc3339(expires, first->expires_site) : "");
    else
        printf("  key      none to be read: it is off, or not for this user\n");
}

static void print_text(const struct test_site_findings *findings)
{
    const struct policy_site *site = findings->site;

    printf("%s: %s, %s\n", site->name, site->url, site->user);
    print_verdict(test_site_decisive(findings));
    print_key(&findings->calls[0].reply);
    if (findings->clock.known && clock_offset_ms(findings) != 0)
        printf("  clock    the site's is %+.3f s from this machine's\n",
               (double)clock_offset_ms(findings) / 1000);
    if (findings->trial == TEST_SITE_TRIED && !findings->proved_off)
        printf("  trial    no key is proved to be off; one that was granted ends within %d minute\n",
               TEST_SITE_MINUTES);
    else if (trials[findings->trial].words)
        printf("  trial    %s\n", trials[findings->trial].words);
}

int test_site_print(const struct test_site_findings *findings, bool json)
{
    if (json)
        return print_json(findings);
    print_text(findings);
    return 0;
}
