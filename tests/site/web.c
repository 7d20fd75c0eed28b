// SPDX-License-Identifier: GPL-3.0-or-later
#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/text.h"
#include "confluence/confluence.h"
#include "site.h"

#define REQUEST_BODY_MAX 4096
#define DEFAULT_MINUTES  10
#define MAXIMUM_MINUTES  60
#define OVERSIZED        (256 * 1024)
#define NO_MINUTES       (-1)
#define INVALID_MINUTES  (-2)

struct web {
    struct site *site;
    struct MHD_Daemon *daemon;
    char *certificate, *key;
};

struct request {
    struct bytes body;
};

/* What is to be answered. */
struct answer {
    int status;
    usec expires; /* of the key, for a body; 0: no body */
    long minutes; /* as asked, for the log */
    struct account *account;
    struct fault fault;
    bool has_fault;
    char date[64];
};

static void sleep_ms(struct site *site, unsigned ms)
{
    struct timespec until;

    if (ms == 0)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    /* Waits on the condition, so that the end of the site does not wait for the request. */
    while (!site->ending && pthread_cond_timedwait(&site->changed, &site->lock, &until) == 0)
        ;
}

/* The minutes that the body asks for, by the documentation: an integer; none and 0 are the same. */
static long read_minutes(const struct bytes *body)
{
    struct json_object *object, *value;
    long minutes = NO_MINUTES;

    if (body->size == 0)
        return NO_MINUTES;
    object = json_tokener_parse(bytes_text(body));
    if (!json_object_is_type(object, json_type_object))
        minutes = INVALID_MINUTES;
    else if (json_object_object_get_ex(object, "durationInMinutes", &value))
        minutes = json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0
                      ? (long)json_object_get_int64(value)
                      : INVALID_MINUTES;
    json_object_put(object);
    return minutes;
}

static void enable(struct site *site, struct answer *answer)
{
    long minutes = answer->minutes > 0 ? answer->minutes : DEFAULT_MINUTES;
    usec expires;

    if (answer->minutes == INVALID_MINUTES || (minutes > MAXIMUM_MINUTES && !site->options->clamp)) {
        answer->status = 400;
        return;
    }
    if (minutes > MAXIMUM_MINUTES)
        minutes = MAXIMUM_MINUTES;
    if (answer->fault.minutes)
        minutes = answer->fault.minutes;
    expires = site_time(site) + minutes * USEC_PER_MINUTE;
    expires -= expires % (site->options->round ? USEC_PER_SEC : USEC_PER_MSEC);
    if (site->options->never_shorten && accounts_is_live(site, answer->account) &&
        answer->account->expires > expires)
        expires = answer->account->expires;
    accounts_switch(site, answer->account, expires, "call");
    answer->status = 200;
    answer->expires = expires;
}

/* The three operations as documented. */
static void operate(struct site *site, enum confluence_call call, struct answer *answer)
{
    bool eligible = answer->account && answer->account->admin && !site->options->standard;

    answer->status = 404;
    if (!answer->account) {
        answer->status = 401;
    } else if (!eligible) {
        return;
    } else if (call == CONFLUENCE_POST) {
        enable(site, answer);
    } else if (call == CONFLUENCE_DELETE) {
        accounts_switch(site, answer->account, 0, "call");
        answer->status = 204;
    } else if (accounts_is_live(site, answer->account)) {
        answer->status = 200;
        answer->expires = answer->account->expires;
    }
}

static const char *expiry_text(const struct answer *answer, char buffer[static TIME_TEXT_MAX])
{
    if (text_equal(answer->fault.expiry, "past"))
        return "2020-01-01T00:00:00.000Z";
    if (text_equal(answer->fault.expiry, "far"))
        return "2199-01-01T00:00:00.000Z";
    if (text_equal(answer->fault.expiry, "garbage"))
        return "next tuesday";
    return time_format_rfc3339(buffer, answer->expires);
}

static void write_body(const struct answer *answer, struct bytes *body)
{
    char expires[TIME_TEXT_MAX];

    if (text_equal(answer->fault.body, "garbage")) {
        bytes_append_text(body, "{\"accountId\": [[[");
    } else if (text_equal(answer->fault.body, "html")) {
        bytes_append_text(body, "<html><body>Something went wrong</body></html>");
    } else if (text_equal(answer->fault.body, "oversized")) {
        while (body->size < OVERSIZED)
            bytes_append_text(body,
                              "{\"accountId\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n");
    } else if (text_equal(answer->fault.body, "empty")) {
        return;
    } else if (answer->expires > 0 && text_equal(answer->fault.expiry, "none")) {
        bytes_append_text(body, "{\"accountId\":\"practice\"}");
    } else if (answer->expires > 0) {
        bytes_printf(body, "{\"accountId\":\"practice\",\"expirationTime\":\"%s\"}",
                     expiry_text(answer, expires));
    } else if (answer->status >= 400) {
        bytes_printf(
            body,
            "{\"errors\":[{\"status\":%d,\"code\":\"PRACTICE\",\"title\":\"As asked\",\"detail\":null}]}",
            answer->status);
    }
}

static ssize_t half_a_body(void *context, uint64_t at, char *buffer, size_t size)
{
    (void)context;
    if (at >= 10 || size < 10)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    memcpy(buffer, "{\"accountI", 10);
    return 10;
}

static struct MHD_Response *make_response(const struct answer *answer)
{
    struct bytes body = BYTES_INIT(OVERSIZED * 2);
    struct MHD_Response *response;
    char *copy;

    if (text_equal(answer->fault.body, "truncated"))
        return MHD_create_response_from_callback(100, 64, half_a_body, NULL, NULL);
    write_body(answer, &body);
    copy = malloc(body.size + 1);
    if (copy)
        memcpy(copy, bytes_text(&body), body.size + 1);
    response = MHD_create_response_from_buffer(copy ? body.size : 0, copy, MHD_RESPMEM_MUST_FREE);
    bytes_done(&body);
    return response;
}

/* The site's clock as a Date header, which microhttpd would otherwise fill with true time. */
static void write_date(const struct site *site, char buffer[static 64])
{
    time_t seconds = (time_t)(site_time(site) / USEC_PER_SEC);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(buffer, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static enum MHD_Result reply(struct MHD_Connection *connection, const struct answer *answer)
{
    struct MHD_Response *response = make_response(answer);
    char trace[32];
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    snprintf(trace, sizeof(trace), "practice%016lx", (unsigned long)site_true_time());
    MHD_add_response_header(response, "Date", answer->date);
    MHD_add_response_header(response, "atl-traceid", trace);
    if (!text_equal(answer->fault.body, "html") && answer->status != 204)
        MHD_add_response_header(response, "Content-Type", "application/json");
    if (answer->fault.headers) {
        json_object_object_foreach(answer->fault.headers, name, value)
            MHD_add_response_header(response, name, json_object_get_string(value));
    }
    result = MHD_queue_response(connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/* One call of the API, with what goes wrong in it. The lock is held but for the sleeps. */
static bool perform(struct site *site, enum confluence_call call, const struct bytes *body,
                    const char *authorization, struct answer *answer)
{
    const char *name = confluence_call_name(call);

    accounts_expire(site);
    answer->has_fault = faults_take(&site->faults, name, &answer->fault);
    answer->account = accounts_by_authorization(&site->accounts, authorization);
    answer->minutes = call == CONFLUENCE_POST ? read_minutes(body) : NO_MINUTES;
    sleep_ms(site, answer->fault.delay_ms);
    if (!answer->has_fault || answer->fault.acts || (!answer->fault.drop && !answer->fault.status))
        operate(site, call, answer);
    if (answer->fault.status) {
        answer->status = answer->fault.status;
        answer->expires = answer->fault.status == 200 ? answer->expires : 0;
    }
    write_date(site, answer->date);
    story_log_call(site, name, answer->account ? answer->account->user : NULL, answer->minutes,
                   answer->fault.drop ? 0 : answer->status, answer->expires,
                   answer->has_fault ? answer->fault.kind : NULL);
    sleep_ms(site, answer->fault.hang_ms);
    return !answer->fault.drop;
}

static void view_page(struct site *site, struct MHD_Connection *connection, const char *authorization,
                      struct answer *answer)
{
    const char *header =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Atl-Confluence-With-Admin-Key");

    answer->account = accounts_by_authorization(&site->accounts, authorization);
    answer->minutes = NO_MINUTES;
    answer->status = !answer->account                                                                  ? 401
                     : header && text_equal(header, "true") && accounts_is_live(site, answer->account) ? 200
                                                                                                       : 404;
    write_date(site, answer->date);
    story_log_call(site, "page", answer->account ? answer->account->user : NULL, NO_MINUTES, answer->status,
                   0, NULL);
}

static bool find_call(const char *url, const char *method, enum confluence_call *ret_call)
{
    for (int call = 0; text_equal(url, CONFLUENCE_PATH) && call < N_CONFLUENCE_CALLS; call++)
        if (text_equal(method, confluence_method((enum confluence_call)call))) {
            *ret_call = (enum confluence_call)call;
            return true;
        }
    return false;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **state)
{
    struct web *web = context;
    struct request *request = *state;
    struct answer answer = {.status = 404};
    const char *authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    enum confluence_call call;
    enum MHD_Result result;
    bool replies = true;

    (void)version;
    if (!request) {
        *state = request = calloc(1, sizeof(*request));
        if (request)
            request->body = BYTES_INIT(REQUEST_BODY_MAX);
        return request ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        int r = bytes_append(&request->body, data, *size);

        *size = 0;
        return r < 0 ? MHD_NO : MHD_YES;
    }
    pthread_mutex_lock(&web->site->lock);
    if (find_call(url, method, &call))
        replies = perform(web->site, call, &request->body, authorization, &answer);
    else if (text_equal(url, "/wiki/api/v2/pages/42") && text_equal(method, "GET"))
        view_page(web->site, connection, authorization, &answer);
    else
        write_date(web->site, answer.date);
    pthread_mutex_unlock(&web->site->lock);
    result = replies ? reply(connection, &answer) : MHD_NO;
    json_object_put(answer.fault.headers);
    return result;
}

static void request_ended(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code)
{
    struct request *request = *state;

    (void)context;
    (void)connection;
    (void)code;
    if (request)
        bytes_done(&request->body);
    free(request);
    *state = NULL;
}

static char *read_whole(const char *path)
{
    struct bytes bytes = BYTES_INIT(1024 * 1024);
    FILE *file = fopen(path, "re");
    char piece[4096];
    size_t n;

    while (file && (n = fread(piece, 1, sizeof(piece), file)) > 0)
        bytes_append(&bytes, piece, n);
    if (!file)
        return NULL;
    fclose(file);
    return bytes_steal_text(&bytes);
}

int web_start(struct site *site, struct web **ret_web, unsigned short *ret_port)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(site->options->port)};
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, NULL}, {MHD_OPTION_HTTPS_MEM_KEY, 0, NULL}, {MHD_OPTION_END, 0, NULL}};
    struct web *web = calloc(1, sizeof(*web));
    const union MHD_DaemonInfo *info;

    if (!web)
        return -ENOMEM;
    web->site = site;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (site->options->certificate) {
        flags |= MHD_USE_TLS;
        secure[0].ptr_value = web->certificate = read_whole(site->options->certificate);
        secure[1].ptr_value = web->key = read_whole(site->options->key);
    } else {
        secure[0].option = MHD_OPTION_END;
    }
    web->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, handle, web, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_NOTIFY_COMPLETED, request_ended, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE,
                         1u, MHD_OPTION_ARRAY, secure, MHD_OPTION_END);
    info = web->daemon ? MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (!info) {
        web_stop(web);
        return -EADDRNOTAVAIL;
    }
    *ret_port = info->port;
    *ret_web = web;
    return 0;
}

void web_stop(struct web *web)
{
    if (web->daemon)
        MHD_stop_daemon(web->daemon);
    free(web->certificate);
    free(web->key);
    free(web);
}
