// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a test of the site means, in plain words with the remedy.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyctl/setup_test.h"
#include "adminkeyctl/view.h"
#include "base/json_text.h"
#include "base/text.h"
#include "engine/site_clock.h"

#define ASK(answer) (1u << (answer))
#define ASK_TOKEN   (1u << N_SETUP_ANSWERS)

/* The first row that fits counts. */
static const struct {
    const char *verdict; /* what it is, or what it would be if it stays so */
    int status;          /* 0: any, -1: no reply came */
    const char *detail;  /* words of it; NULL: any */
    unsigned ask;
    const char *words;
} rows[] = {
    {"credential", 0, NULL, ASK(ANSWER_USER_EMAIL) | ASK_TOKEN,
     "The site does not accept this e-mail and token.\n"
     "- Is the e-mail that of the account that made the token?\n"
     "- The token may be mistyped, expired or revoked: make a new one at\n"
     "  https://id.atlassian.com/manage-profile/security/api-tokens\n"
     "- Make it with \"Create API token\", not \"with scopes\": a scoped token, or that of\n"
     "  a service account, does not reach admin keys."},
    {"not_eligible", 0, NULL, ASK(ANSWER_URL) | ASK(ANSWER_USER_EMAIL) | ASK_TOKEN,
     "The site answers, but this account may not use an admin key there.\n"
     "- The account must be an organisation or site admin, with access to Confluence.\n"
     "- The site must be on the Premium or Enterprise plan.\n"
     "- If the site's name is mistyped, it is nobody's, which looks the same."},
    {"untrusted", 0, NULL, ASK(ANSWER_CA_FILE) | ASK(ANSWER_URL),
     "The certificate is not to be trusted, so no token was sent.\n"
     "- Where a proxy of your network signs certificates, name its authority's file:\n"
     "  --ca-file FILE (PEM; ask whoever runs the network).\n"
     "- Else somebody else answers there: check the address, and this machine's clock."},
    {"transient", -1, "could not be resolved", ASK(ANSWER_URL) | ASK(ANSWER_PROXY),
     "There is no such host, or this machine cannot look it up.\n"
     "- Is the site's address right?\n"
     "- Where the network wants a proxy, name it: --proxy http://HOST:PORT. The proxy\n"
     "  variables of the environment are not used."},
    {"transient", -1, NULL, ASK(ANSWER_URL) | ASK(ANSWER_PROXY),
     "The site cannot be reached.\n"
     "- Is this machine online, and the address right?\n"
     "- Where the network wants a proxy, name it: --proxy http://HOST:PORT. The proxy\n"
     "  variables of the environment are not used."},
    {"transient", 301, NULL, ASK(ANSWER_URL),
     "The address leads elsewhere: name the site's own, in .atlassian.net."},
    {"transient", 302, NULL, ASK(ANSWER_URL),
     "The address leads elsewhere: name the site's own, in .atlassian.net."},
    {"throttled", 0, NULL, 0, "The site asks for fewer requests: try again in some minutes."},
    {"transient", 0, NULL, 0, "The site has a fault of its own: try again in some minutes."},
    {"implausible", 0, NULL, ASK(ANSWER_URL),
     "What answers is no Confluence Cloud site, or a proxy in its place."},
    {"refused", 0, NULL, ASK(ANSWER_URL) | ASK(ANSWER_PROXY),
     "What answers there refuses the request itself: is it a Confluence Cloud site?"},
};

static void take_questions(struct setup_finding *finding, unsigned ask)
{
    for (size_t i = 0; i < N_SETUP_ANSWERS; i++)
        finding->ask[i] = (ask & ASK(i)) != 0;
    finding->ask_token = (ask & ASK_TOKEN) != 0;
}

static void explain_failure(struct setup_finding *finding, const char *verdict, int64_t status,
                            const char *detail, const char *request_id)
{
    error_set(&finding->detail, "%s: %s%s%s", verdict, detail, *request_id ? "; request " : "", request_id);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (!text_equal(rows[i].verdict, verdict) || (rows[i].status < 0 && status > 0) ||
            (rows[i].status > 0 && rows[i].status != status) ||
            (rows[i].detail && !strstr(detail, rows[i].detail)))
            continue;
        finding->words = rows[i].words;
        take_questions(finding, rows[i].ask);
        return;
    }
    finding->words = "The site's answer is of a kind that setup does not know.";
}

static void explain_success(struct setup_finding *finding, const char *trial, bool proved_off)
{
    if (finding->tried && proved_off)
        finding->words = "The key was switched on, and off again: account and site are fit.";
    else if (finding->key_is_on)
        finding->words = "The site answers, and a key of this account is on: so it was not tried.";
    else if (!trial)
        finding->words = "The site answers, and no key is on. Whether the account may switch one,\n"
                         "a read cannot tell.";
    else
        finding->words = "The site answers.";
}

static void warn_of_clock(struct setup_finding *finding)
{
    int64_t offset_ms = finding->clock_offset_ms;

    if (llabs(offset_ms) <= SITE_CLOCK_DISTRUST / USEC_PER_MSEC)
        return;
    error_set(&finding->warning,
              "This machine's clock is %" PRId64
              " s %s the site's. Beyond %d s the key is on only while both are\n"
              "inside the hours: have the clock set, such as by 'timedatectl set-ntp true'.",
              (int64_t)(llabs(offset_ms) / 1000), offset_ms > 0 ? "behind" : "ahead of",
              (int)(SITE_CLOCK_DISTRUST / USEC_PER_SEC));
}

static int64_t number_of(struct json_object *object, const char *key)
{
    struct json_object *value = view_member(object, key, json_type_int);

    return value ? json_object_get_int64(value) : 0;
}

int setup_test_judge(const char *json, size_t size, struct setup_finding *ret_finding)
{
    _cleanup_(json_freep) struct json_object *object = NULL;
    const char *verdict, *suspect, *detail, *request_id, *result;
    struct setup_finding *finding = ret_finding;
    struct json_object *trial;

    *finding = (struct setup_finding){0};
    if (json_text_parse(json, size, 4, &object) != 0)
        return -EBADMSG;
    verdict = view_text(object, "verdict");
    if (!verdict)
        return -EBADMSG;
    suspect = view_text(object, "suspect");
    detail = view_text(object, "detail");
    request_id = view_text(object, "request_id");
    trial = view_member(object, "trial", json_type_object);
    result = trial ? view_text(trial, "result") : NULL;
    finding->done = text_equal(verdict, "done");
    finding->tried = result && text_equal(result, "tried");
    finding->answered = number_of(object, "http_status") > 0;
    finding->key_is_on = view_member(object, "key", json_type_object);
    finding->has_clock_offset = view_member(object, "clock_offset_ms", json_type_int);
    finding->clock_offset_ms = number_of(object, "clock_offset_ms");
    if (finding->done)
        explain_success(finding, result,
                        trial &&
                            json_object_get_boolean(view_member(trial, "proved_off", json_type_boolean)));
    else
        explain_failure(finding, suspect ? suspect : verdict, number_of(object, "http_status"),
                        detail ? detail : "no further words", request_id ? request_id : "");
    warn_of_clock(finding);
    return 0;
}
