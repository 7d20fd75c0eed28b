// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/network.h"

#include <stdio.h>
#include <string.h>

/* The engine's rule 10, said once more and not looked up there. */
#define RETRY_ON      (60 * USEC_PER_SEC)
#define RETRY_OFF     (18 * USEC_PER_SEC)
#define RETRY_BLOCKED (15 * USEC_PER_MINUTE)
#define THROTTLE_MOST (24 * USEC_PER_HOUR)

#define LINE_BYTES 160
#define BODY_BYTES 256

enum way {
    WAY_THERE = 1, /* the request arrives */
    WAY_ACTS = 2,  /* and the site carries it out */
    WAY_BACK = 4,  /* the reply comes back, whatever it says */
    WAY_ALL = 7,
};

static const struct {
    unsigned way;
    enum transport transport; /* where no reply comes back */
} ways[FAULT_LAST_OF_CALLS + 1] = {
    [FAULT_LOST_REQUEST] = {0, TRANSPORT_TIMED_OUT},
    [FAULT_LOST_REPLY] = {WAY_THERE | WAY_ACTS, TRANSPORT_TIMED_OUT},
    [FAULT_CUT] = {WAY_THERE | WAY_ACTS, TRANSPORT_CUT},
    [FAULT_LATE] = {WAY_THERE | WAY_ACTS, TRANSPORT_TIMED_OUT},
    [FAULT_SLOW] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_SLOW_REPLY] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_NO_NAME] = {0, TRANSPORT_NOT_RESOLVED},
    [FAULT_NO_CONNECTION] = {0, TRANSPORT_NOT_CONNECTED},
    [FAULT_NO_TLS] = {0, TRANSPORT_NOT_SECURED},
    [FAULT_UNTRUSTED] = {0, TRANSPORT_UNTRUSTED},
    [FAULT_STATUS] = {WAY_THERE | WAY_BACK, TRANSPORT_REPLIED},
    [FAULT_SERAPH] = {WAY_THERE | WAY_BACK, TRANSPORT_REPLIED},
    [FAULT_THROTTLE] = {WAY_THERE | WAY_BACK, TRANSPORT_REPLIED},
    [FAULT_THROTTLE_DATE] = {WAY_THERE | WAY_BACK, TRANSPORT_REPLIED},
    [FAULT_UNAVAILABLE] = {WAY_THERE | WAY_BACK, TRANSPORT_REPLIED},
    [FAULT_ERROR_ACTED] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_GARBAGE] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_TRUNCATED] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_OVERSIZED] = {WAY_THERE | WAY_ACTS, TRANSPORT_TOO_LARGE},
    [FAULT_NO_EXPIRY] = {WAY_ALL, TRANSPORT_REPLIED},
    [FAULT_SHORT] = {WAY_ALL, TRANSPORT_REPLIED},
};

struct passage network_pass(const struct fault *fault, usec there, usec back, usec timeout)
{
    unsigned way = fault ? ways[fault->kind].way : WAY_ALL;
    struct passage passage = {
        .fault = fault,
        .acts = way & WAY_ACTS,
        .transport = fault ? ways[fault->kind].transport : TRANSPORT_REPLIED,
    };

    if (fault && (fault->kind == FAULT_LATE || fault->kind == FAULT_SLOW))
        there += fault->number * USEC_PER_SEC;
    if (fault && fault->kind == FAULT_SLOW_REPLY)
        back += fault->number * USEC_PER_SEC;
    passage.arrives_after = way & WAY_THERE ? there : USEC_INFINITY;
    passage.ends_after = there + back;
    if (passage.transport == TRANSPORT_TIMED_OUT || there + back >= timeout) {
        passage.transport = TRANSPORT_TIMED_OUT;
        passage.ends_after = timeout;
    }
    return passage;
}

/* the reply as bytes */

static const char *format_date(char buffer[static LINE_BYTES], const char *name, usec utc)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    int32_t days = (int32_t)(utc / USEC_PER_DAY);
    int second = (int)(utc / USEC_PER_SEC % 86400);
    struct date date = date_from_days(days);

    snprintf(buffer, LINE_BYTES, "%s: %s, %02d %s %04d %02d:%02d:%02d GMT", name,
             weekdays[date_weekday(days)], date.day, months[date.month - 1], (int)date.year, second / 3600,
             second / 60 % 60, second % 60);
    return buffer;
}

static void header(struct confluence_reader *reader, const char *line)
{
    confluence_reader_header(reader, line, strlen(line));
}

static int status_of(const struct passage *passage, const struct site_answer *answer)
{
    if (!passage->fault)
        return answer->status;
    switch (passage->fault->kind) {
    case FAULT_STATUS:
    case FAULT_ERROR_ACTED: return (int)passage->fault->number;
    case FAULT_SERAPH: return 401;
    case FAULT_THROTTLE:
    case FAULT_THROTTLE_DATE: return 429;
    case FAULT_UNAVAILABLE: return 503;
    default: return answer->status;
    }
}

static void special_header(struct confluence_reader *reader, const struct fault *fault,
                           const struct site_answer *answer)
{
    char line[LINE_BYTES];

    switch (fault->kind) {
    case FAULT_SERAPH: header(reader, "X-Seraph-LoginReason: AUTHENTICATED_FAILED"); break;
    case FAULT_THROTTLE:
    case FAULT_UNAVAILABLE:
        snprintf(line, sizeof(line), "Retry-After: %lld", (long long)fault->number);
        if (fault->number >= 0)
            header(reader, line);
        break;
    case FAULT_THROTTLE_DATE:
        header(reader, format_date(line, "Retry-After", answer->date_site + fault->number * USEC_PER_SEC));
        break;
    default: break;
    }
}

static void write_headers(struct confluence_reader *reader, const struct passage *passage,
                          const struct site_answer *answer)
{
    char line[LINE_BYTES];

    snprintf(line, sizeof(line), "HTTP/1.1 %d X", status_of(passage, answer));
    header(reader, line);
    header(reader, format_date(line, "Date", answer->date_site));
    header(reader, "Set-Cookie: session=" NETWORK_CANARY);
    if (passage->fault)
        special_header(reader, passage->fault, answer);
}

static int write_body(struct confluence_reader *reader, const struct passage *passage,
                      const struct site_answer *answer)
{
    enum fault_kind kind = passage->fault ? passage->fault->kind : N_FAULT_KINDS;
    char body[BODY_BYTES], expires[TIME_TEXT_MAX];

    if (!answer->has_key || !passage->acts || kind == FAULT_ERROR_ACTED || kind == FAULT_GARBAGE)
        snprintf(body, sizeof(body), "<html>%s</html>", NETWORK_CANARY);
    else if (kind == FAULT_NO_EXPIRY)
        snprintf(body, sizeof(body), "{\"accountId\":\"%s\"}", NETWORK_CANARY);
    else
        snprintf(body, sizeof(body), "{\"accountId\":\"%s\",\"expirationTime\":\"%s\"}", NETWORK_CANARY,
                 time_format_rfc3339(expires, answer->expires_site));
    return confluence_reader_body(reader, body, strlen(body) / (kind == FAULT_TRUNCATED ? 2 : 1));
}

int network_reply(const struct passage *passage, enum confluence_call call, const struct site_answer *answer,
                  usec believed_site, struct confluence_reply *ret_reply)
{
    struct confluence_reader reader;
    int r = 0;

    confluence_reader_init(&reader, call);
    if (passage->transport == TRANSPORT_REPLIED) {
        write_headers(&reader, passage, answer);
        r = write_body(&reader, passage, answer);
    }
    if (r == 0)
        confluence_reader_finish(&reader, passage->transport, NULL, believed_site, ret_reply);
    confluence_reader_done(&reader);
    return r;
}

/* what the daemon's rules allow it after such a call */

static bool blocks(const struct fault *fault)
{
    return fault->kind == FAULT_SERAPH || (fault->kind == FAULT_STATUS && fault->number >= 400 &&
                                           fault->number <= 499 && fault->number != 408);
}

static usec throttles(const struct fault *fault)
{
    bool does = fault->kind == FAULT_THROTTLE || fault->kind == FAULT_THROTTLE_DATE ||
                fault->kind == FAULT_UNAVAILABLE;

    if (!does || fault->number < 0 || fault->number > THROTTLE_MOST / USEC_PER_SEC)
        return 0;
    return (fault->number + 1) * USEC_PER_SEC;
}

usec network_retry_on(const struct fault *fault)
{
    return (blocks(fault) ? RETRY_BLOCKED : RETRY_ON) + throttles(fault);
}

usec network_retry_off(const struct fault *fault, enum confluence_call call)
{
    if (blocks(fault))
        return RETRY_BLOCKED;
    return call == CONFLUENCE_DELETE ? RETRY_OFF + throttles(fault) : RETRY_ON;
}
