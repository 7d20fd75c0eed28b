// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as a site's reply. The first digit is the call, the second how the transport fared; then header
 * lines up to an empty one, then the body.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "confluence/confluence.h"
#include "fuzz.h"

#define SITE_NOW (INT64_C(1795419000) * USEC_PER_SEC) /* 2026-11-23T07:30:00Z */

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* Each line from memory of its own size, so that a sanitizer sees a read past its end. */
static void give_header(struct confluence_reader *reader, const uint8_t *line, size_t size)
{
    char *exact = malloc(size ? size : 1);

    demand(exact != NULL);
    memcpy(exact, line, size);
    confluence_reader_header(reader, exact, size);
    free(exact);
}

static void check_verdict(const struct confluence_reply *reply)
{
    demand(reply->verdict < N_VERDICTS && reply->suspect < N_VERDICTS);
    demand(reply->suspect == reply->verdict ||
           (reply->verdict == VERDICT_TRANSIENT &&
            (reply->suspect == VERDICT_CREDENTIAL || reply->suspect == VERDICT_NOT_ELIGIBLE)));
    if (reply->verdict == VERDICT_DONE)
        demand(reply->may_have_acted && reply->status >= 200 && reply->status <= 404);
    if (reply->status >= 200 && reply->status <= 299)
        demand(reply->may_have_acted || reply->verdict == VERDICT_TRANSIENT ||
               reply->verdict == VERDICT_UNTRUSTED);
}

static void check_values(const struct confluence_reply *reply, enum confluence_call call)
{
    usec now = reply->has_date ? reply->date_site : SITE_NOW;

    if (reply->has_key)
        demand(reply->verdict == VERDICT_DONE && reply->status == 200 && call != CONFLUENCE_DELETE);
    if (reply->has_expiry)
        demand(reply->has_key && reply->expires_site > now &&
               reply->expires_site <= now + 61 * USEC_PER_MINUTE);
    if (reply->has_retry_after)
        demand(!reply->retry_after_absurd && reply->retry_after >= 0 &&
               reply->retry_after <= CONFLUENCE_RETRY_AFTER_MAX);
    demand(*reply->detail && memchr(reply->detail, '\0', sizeof(reply->detail)));
    demand(memchr(reply->request_id, '\0', sizeof(reply->request_id)) != NULL);
    for (const char *at = reply->request_id; *at; at++)
        demand(isgraph((unsigned char)*at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct confluence_reader reader;
    struct confluence_reply reply;
    enum transport transport;
    size_t at = 2;

    if (size < 2)
        return 0;
    transport = (enum transport)(data[1] % (TRANSPORT_TOO_LARGE + 1));
    confluence_reader_init(&reader, (enum confluence_call)(data[0] % N_CONFLUENCE_CALLS));
    while (at < size) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end ? (size_t)(end - data) - at + 1 : size - at;

        give_header(&reader, data + at, length);
        at += length;
        if (length == 1 && end)
            break;
    }
    /* In two pieces, as it may come from a network. */
    if (confluence_reader_body(&reader, data + at, (size - at) / 2) == 0)
        confluence_reader_body(&reader, data + at + (size - at) / 2, size - at - (size - at) / 2);
    demand(reader.body.size <= CONFLUENCE_BODY_MAX);
    confluence_reader_finish(&reader, transport, NULL, SITE_NOW, &reply);
    check_verdict(&reply);
    check_values(&reply, reader.call);
    confluence_reader_done(&reader);
    return 0;
}
