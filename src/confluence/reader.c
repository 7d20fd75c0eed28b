// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/confluence.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json_text.h"
#include "base/text.h"
#include "confluence/http_date.h"

#define BODY_NESTING_MAX 8
#define EXPIRY_AHEAD_MAX (61 * USEC_PER_MINUTE) /* the site grants 60 minutes; the rest is for clocks */
#define HEADER_VALUE_MAX 255

void confluence_reader_init(struct confluence_reader *reader, enum confluence_call call)
{
    *reader = (struct confluence_reader){.call = call, .body = BYTES_INIT(CONFLUENCE_BODY_MAX)};
}

void confluence_reader_done(struct confluence_reader *reader)
{
    bytes_done(&reader->body);
}

/* "HTTP/2 200" or "HTTP/1.1 200 OK": another reply begins, an interim or a proxy's one was before it. */
static bool begin_reply(struct confluence_reader *reader, const char *line, size_t size)
{
    const char *space;
    int status = 0;

    if (size < 5 || memcmp(line, "HTTP/", 5) != 0)
        return false;
    space = memchr(line, ' ', size);
    for (const char *at = space ? space + 1 : line + size; at < line + size && isdigit((unsigned char)*at);
         at++)
        status = status < 1000 ? status * 10 + (*at - '0') : status;
    reader->status = status;
    reader->has_date = false;
    reader->seraph_failed = false;
    reader->retry_after[0] = '\0';
    reader->request_id[0] = '\0';
    bytes_clear(&reader->body);
    return true;
}

static void keep_request_id(struct confluence_reader *reader, const char *value)
{
    size_t used = 0;

    for (; *value && used < CONFLUENCE_ID_MAX; value++)
        if (isgraph((unsigned char)*value))
            reader->request_id[used++] = *value;
    reader->request_id[used] = '\0';
}

static void take_header(struct confluence_reader *reader, const char *name, const char *value)
{
    if (strcasecmp(name, "Date") == 0)
        reader->has_date = http_date_parse(value, &reader->date_site) == 0;
    else if (strcasecmp(name, "Retry-After") == 0)
        text_copy(reader->retry_after, sizeof(reader->retry_after), value);
    else if (strcasecmp(name, "X-Seraph-LoginReason") == 0)
        reader->seraph_failed = strstr(value, "AUTHENTICATED_FAILED") != NULL;
    else if (strcasecmp(name, "atl-traceid") == 0 ||
             (strcasecmp(name, "atl-request-id") == 0 && !reader->request_id[0]))
        keep_request_id(reader, value);
}

void confluence_reader_header(struct confluence_reader *reader, const char *line, size_t size)
{
    char copy[HEADER_VALUE_MAX + 1];
    char *colon, *value;

    if (begin_reply(reader, line, size))
        return;
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        size--;
    if (size > HEADER_VALUE_MAX)
        size = HEADER_VALUE_MAX;
    memcpy(copy, line, size);
    copy[size] = '\0';
    colon = strchr(copy, ':');
    if (!colon)
        return;
    *colon = '\0';
    for (value = colon + 1; isspace((unsigned char)*value);)
        value++;
    take_header(reader, copy, value);
}

int confluence_reader_body(struct confluence_reader *reader, const void *data, size_t size)
{
    return bytes_append(&reader->body, data, size);
}

/* Seconds (any number of digits: what does not fit is beyond the cap) or a date. */
static void read_retry_after(const struct confluence_reader *reader, usec site_now,
                             struct confluence_reply *reply)
{
    const char *text = reader->retry_after;
    usec wait = 0, until;

    if (isdigit((unsigned char)*text)) {
        for (; isdigit((unsigned char)*text); text++)
            if (wait <= CONFLUENCE_RETRY_AFTER_MAX / USEC_PER_SEC)
                wait = wait * 10 + (*text - '0');
        if (*text)
            return;
        wait *= USEC_PER_SEC;
    } else if (http_date_parse(text, &until) == 0) {
        wait = until > site_now ? until - site_now : 0;
    } else {
        return;
    }
    if (wait > CONFLUENCE_RETRY_AFTER_MAX) {
        reply->retry_after_absurd = true;
        return;
    }
    reply->has_retry_after = true;
    reply->retry_after = wait;
}

static enum verdict implausible(struct confluence_reply *reply, const char *why)
{
    snprintf(reply->detail, sizeof(reply->detail), "%s", why);
    return VERDICT_IMPLAUSIBLE;
}

static enum verdict read_expiry(struct confluence_reply *reply, struct json_object *expiry, usec site_now)
{
    char detail[CONFLUENCE_DETAIL_MAX];
    const char *text = json_object_get_string(expiry);

    if (!json_object_is_type(expiry, json_type_string) || time_parse_rfc3339(text, &reply->expires_site) < 0)
        return implausible(reply, "the reply's expirationTime is not a time");
    if (reply->expires_site <= site_now || reply->expires_site > site_now + EXPIRY_AHEAD_MAX) {
        char expires[TIME_TEXT_MAX], now[TIME_TEXT_MAX];

        snprintf(detail, sizeof(detail), "the reply says that the key expires at %s, which cannot be at %s",
                 time_format_rfc3339(expires, reply->expires_site), time_format_rfc3339(now, site_now));
        return implausible(reply, detail);
    }
    reply->has_key = true;
    reply->has_expiry = true;
    return VERDICT_DONE;
}

/* The body of a 200 to GET or POST. */
static enum verdict read_key(const struct confluence_reader *reader, usec site_now,
                             struct confluence_reply *reply)
{
    _cleanup_(json_freep) struct json_object *body = NULL;
    struct json_object *expiry;
    int r = json_text_parse(bytes_text(&reader->body), reader->body.size, BODY_NESTING_MAX, &body);

    if (r == -ENOMEM)
        return implausible(reply, "no memory to read the reply");
    if (r != 0)
        return implausible(reply, "the reply is not the JSON object that it should be");
    if (json_object_object_get_ex(body, "expirationTime", &expiry) && expiry)
        return read_expiry(reply, expiry, site_now);
    reply->has_key = true;
    return VERDICT_DONE;
}

static enum verdict read_success(const struct confluence_reader *reader, usec site_now,
                                 struct confluence_reply *reply)
{
    bool expects_key = reader->call != CONFLUENCE_DELETE;

    if (expects_key && reader->status == 200)
        return read_key(reader, site_now, reply);
    if (!expects_key && reader->status == 204)
        return VERDICT_DONE;
    return VERDICT_IMPLAUSIBLE;
}

/* Statuses that may lie for a minute hint at a verdict; the engine confirms it over time. */
static enum verdict read_status(const struct confluence_reader *reader, usec site_now,
                                struct confluence_reply *reply)
{
    int status = reader->status;

    if (status >= 200 && status <= 299)
        return read_success(reader, site_now, reply);
    if (status >= 400 && status <= 499 && reader->seraph_failed)
        return VERDICT_CREDENTIAL;
    if (status == 404 && reader->call == CONFLUENCE_GET)
        return VERDICT_DONE;
    if (status == 401 || status == 403 || status == 404) {
        reply->suspect = status == 401 ? VERDICT_CREDENTIAL : VERDICT_NOT_ELIGIBLE;
        return VERDICT_TRANSIENT;
    }
    if (status == 429 || (status == 503 && reader->retry_after[0]))
        return VERDICT_THROTTLED;
    if (status >= 400 && status <= 499 && status != 408)
        return VERDICT_REFUSED;
    return VERDICT_TRANSIENT;
}

static const struct {
    const char *words;
    bool may_have_acted; /* the request was, or may have been, sent whole */
    enum verdict verdict;
} transports[] = {
    [TRANSPORT_REPLIED] = {"", true, VERDICT_DONE},
    [TRANSPORT_TIMED_OUT] = {"no reply in time", true, VERDICT_TRANSIENT},
    [TRANSPORT_NOT_RESOLVED] = {"the host's name could not be resolved", false, VERDICT_TRANSIENT},
    [TRANSPORT_NOT_CONNECTED] = {"no connection", false, VERDICT_TRANSIENT},
    [TRANSPORT_NOT_SECURED] = {"the TLS handshake failed", false, VERDICT_TRANSIENT},
    [TRANSPORT_UNTRUSTED] = {"the certificate is not trusted", false, VERDICT_UNTRUSTED},
    [TRANSPORT_CUT] = {"the connection ended within the reply", true, VERDICT_TRANSIENT},
    [TRANSPORT_TOO_LARGE] = {"the reply is larger than any that the site may send", true,
                             VERDICT_IMPLAUSIBLE},
};

static void describe_transport(struct confluence_reply *reply, enum transport transport, const char *words)
{
    if (words && *words)
        snprintf(reply->detail, sizeof(reply->detail), "%s (%s)", transports[transport].words, words);
    else
        text_copy(reply->detail, sizeof(reply->detail), transports[transport].words);
}

void confluence_reader_finish(const struct confluence_reader *reader, enum transport transport,
                              const char *transport_words, usec site_now, struct confluence_reply *ret_reply)
{
    struct confluence_reply *reply = ret_reply;

    *reply = (struct confluence_reply){.status = reader->status, .has_date = reader->has_date};
    reply->date_site = reader->date_site;
    text_copy(reply->request_id, sizeof(reply->request_id), reader->request_id);
    if (transport != TRANSPORT_REPLIED || reader->status == 0) {
        transport = transport == TRANSPORT_REPLIED ? TRANSPORT_CUT : transport;
        reply->verdict = reply->suspect = transports[transport].verdict;
        reply->may_have_acted = transports[transport].may_have_acted;
        describe_transport(reply, transport, transport_words);
        return;
    }
    if (reply->has_date)
        site_now = reply->date_site;
    read_retry_after(reader, site_now, reply);
    reply->suspect = N_VERDICTS;
    reply->verdict = read_status(reader, site_now, reply);
    if ((int)reply->suspect == N_VERDICTS)
        reply->suspect = reply->verdict;
    /* A 4xx was refused before it acted; a 408, a 3xx and a 5xx may come from in between, after the site did.
     */
    reply->may_have_acted = reply->verdict == VERDICT_DONE || reader->status < 400 || reader->status >= 500 ||
                            reader->status == 408;
    if (!reply->detail[0])
        snprintf(reply->detail, sizeof(reply->detail), "HTTP %d to %s", reader->status,
                 confluence_method(reader->call));
}
