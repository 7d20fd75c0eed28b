// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/site_client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include <curl/curl.h>
#include <systemd/sd-event.h>

#include "base/text.h"
#include "os/clock.h"

#define USER_AGENT "adminkeyd/" PACKAGE_VERSION
#define URL_MAX    2048

struct site_client {
    sd_event *event;
    CURLM *multi;
    sd_event_source *timer; /* what libcurl wants to be woken for */
    struct site_call *calls;
};

struct site_call {
    struct site_client *client;
    struct site_call *previous, *next;
    CURL *handle;
    struct curl_slist *headers;
    char body[64]; /* of the request */
    char words[CURL_ERROR_SIZE];
    size_t header_bytes;
    bool too_large;
    struct confluence_reader reader;
    usec site_now, started_boot;
    site_reply_handler handler;
    void *context;
};

/* libcurl on the event loop */

static enum transport classify(CURLcode code, bool too_large)
{
    static const struct {
        CURLcode code;
        enum transport transport;
    } rows[] = {
        {CURLE_OK, TRANSPORT_REPLIED},
        {CURLE_OPERATION_TIMEDOUT, TRANSPORT_TIMED_OUT},
        {CURLE_COULDNT_RESOLVE_HOST, TRANSPORT_NOT_RESOLVED},
        {CURLE_COULDNT_RESOLVE_PROXY, TRANSPORT_NOT_RESOLVED},
        {CURLE_COULDNT_CONNECT, TRANSPORT_NOT_CONNECTED},
        {CURLE_PROXY, TRANSPORT_NOT_CONNECTED},
        {CURLE_PEER_FAILED_VERIFICATION, TRANSPORT_UNTRUSTED},
        {CURLE_SSL_CACERT_BADFILE, TRANSPORT_UNTRUSTED},
        {CURLE_SSL_ISSUER_ERROR, TRANSPORT_UNTRUSTED},
        {CURLE_SSL_INVALIDCERTSTATUS, TRANSPORT_UNTRUSTED},
        {CURLE_SSL_CONNECT_ERROR, TRANSPORT_NOT_SECURED},
        {CURLE_SSL_CIPHER, TRANSPORT_NOT_SECURED},
        {CURLE_SSL_ENGINE_INITFAILED, TRANSPORT_NOT_SECURED},
        {CURLE_GOT_NOTHING, TRANSPORT_CUT},
        {CURLE_WRITE_ERROR, TRANSPORT_CUT}, /* out of memory here */
        {CURLE_PARTIAL_FILE, TRANSPORT_CUT},
        {CURLE_RECV_ERROR, TRANSPORT_CUT},
        {CURLE_SEND_ERROR, TRANSPORT_CUT},
        {CURLE_HTTP2, TRANSPORT_CUT},
        {CURLE_HTTP2_STREAM, TRANSPORT_CUT},
        {CURLE_WEIRD_SERVER_REPLY, TRANSPORT_CUT},
        {CURLE_UNSUPPORTED_PROTOCOL, TRANSPORT_CUT}, /* not HTTP, or a version that nobody knows */
        {CURLE_URL_MALFORMAT, TRANSPORT_NOT_CONNECTED},
        {CURLE_FAILED_INIT, TRANSPORT_NOT_CONNECTED},
        {CURLE_INTERFACE_FAILED, TRANSPORT_NOT_CONNECTED},
    };

    if (too_large)
        return TRANSPORT_TOO_LARGE;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].code == code)
            return rows[i].transport;
    return TRANSPORT_CUT; /* whatever else it is, the site may have acted */
}

static void finish(struct site_call *call, CURLcode code)
{
    const char *words = *call->words ? call->words : curl_easy_strerror(code);
    site_reply_handler handler = call->handler;
    void *context = call->context;
    struct confluence_reply reply;

    confluence_reader_finish(&call->reader, classify(code, call->too_large), code == CURLE_OK ? NULL : words,
                             call->site_now + (clock_boot() - call->started_boot), &reply);
    site_call_cancel(call);
    handler(context, &reply);
}

static void finish_all_done(struct site_client *client)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(client->multi, &left))) {
        CURLcode code = message->data.result;
        struct site_call *call = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish(call, code);
    }
}

static int on_socket_ready(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct site_client *client = userdata;
    int flags = 0, running;

    (void)source;
    if (revents & (EPOLLIN | EPOLLHUP))
        flags |= CURL_CSELECT_IN;
    if (revents & EPOLLOUT)
        flags |= CURL_CSELECT_OUT;
    if (revents & EPOLLERR)
        flags |= CURL_CSELECT_ERR;
    curl_multi_socket_action(client->multi, fd, flags, &running);
    finish_all_done(client);
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t due, void *userdata)
{
    struct site_client *client = userdata;
    int running;

    (void)source;
    (void)due;
    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_all_done(client);
    return 0;
}

/* libcurl wants `what` of a socket to be watched. Its pointer for the socket is our source. */
static int on_socket_wanted(CURL *handle, curl_socket_t fd, int what, void *userdata, void *socket_pointer)
{
    struct site_client *client = userdata;
    sd_event_source *source = socket_pointer;
    uint32_t events = 0;

    (void)handle;
    if (what == CURL_POLL_REMOVE) {
        sd_event_source_disable_unref(source);
        curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN)
        events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        events |= EPOLLOUT;
    if (source)
        return sd_event_source_set_io_events(source, events) < 0 ? -1 : 0;
    if (sd_event_add_io(client->event, &source, fd, events, on_socket_ready, client) < 0)
        return -1;
    curl_multi_assign(client->multi, fd, source);
    return 0;
}

/* Never a moment too early: libcurl would find nothing due, and not ask again for the same instant. */
static int on_timer_wanted(CURLM *multi, long timeout_ms, void *userdata)
{
    struct site_client *client = userdata;
    usec due;

    (void)multi;
    if (timeout_ms < 0)
        return sd_event_source_set_enabled(client->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
    due = clock_monotonic() + timeout_ms * USEC_PER_MSEC + (timeout_ms > 0 ? USEC_PER_MSEC - 1 : 0);
    if (sd_event_source_set_time(client->timer, (uint64_t)due) < 0 ||
        sd_event_source_set_enabled(client->timer, SD_EVENT_ONESHOT) < 0)
        return -1;
    return 0;
}

static int set_up_multi(struct site_client *client)
{
    CURLMcode failed = CURLM_OK;

    client->multi = curl_multi_init();
    if (!client->multi)
        return -ENOMEM;
    failed |= curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    failed |= curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    failed |= curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    failed |= curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    failed |=
        curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)SITE_CLIENT_CONNECTIONS_MAX);
    failed |= curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)SITE_CLIENT_CONNECTIONS_MAX);
    return failed == CURLM_OK ? 0 : -EIO;
}

int site_client_new(struct loop *loop, struct site_client **ret_client)
{
    _cleanup_(site_client_freep) struct site_client *client = calloc(1, sizeof(*client));
    int r;

    if (!client)
        return -ENOMEM;
    client->event = sd_event_ref(loop_event(loop));
    r = sd_event_add_time(client->event, &client->timer, CLOCK_MONOTONIC, UINT64_MAX, 1, on_timer, client);
    if (r >= 0)
        r = sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = set_up_multi(client);
    if (r < 0)
        return r;
    *ret_client = steal_pointer(&client);
    return 0;
}

struct site_client *site_client_free(struct site_client *client)
{
    if (!client)
        return NULL;
    while (client->calls)
        site_call_cancel(client->calls);
    if (client->multi)
        curl_multi_cleanup(client->multi);
    sd_event_source_disable_unref(client->timer);
    sd_event_unref(client->event);
    free(client);
    return NULL;
}

/* one call */

static size_t on_header(char *line, size_t one, size_t size, void *userdata)
{
    struct site_call *call = userdata;

    (void)one;
    if (size > SITE_CLIENT_HEADERS_MAX - call->header_bytes) {
        call->too_large = true;
        return 0;
    }
    call->header_bytes += size;
    confluence_reader_header(&call->reader, line, size);
    return size;
}

static size_t on_body(char *data, size_t one, size_t size, void *userdata)
{
    struct site_call *call = userdata;

    (void)one;
    switch (confluence_reader_body(&call->reader, data, size)) {
    case 0: return size;
    case -ENOBUFS: call->too_large = true; return 0;
    default: return 0;
    }
}

static CURLcode set_connection(CURL *handle, const struct policy_site *site)
{
    bool plain = text_starts_with(site->url, "http://");
    CURLcode failed = CURLE_OK;

    failed |= curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    /* Over HTTP/2 curl sends a request again by itself where the site refuses the stream, and what it has
     * written of the token stays in memory. */
    failed |= curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    failed |= curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* A connection for each call. One that is kept may be dead, after a sleep or in another network, which
     * only a time-out tells; and on one that the site closed without a word, curl would send a request again
     * by itself: a POST without an intent in the ledger. */
    failed |= curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    failed |= curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    failed |= curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    failed |= curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    failed |= curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    failed |= curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    failed |= curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* Without TLS a site is on this machine, and nobody else is to see the token. */
    failed |= curl_easy_setopt(handle, CURLOPT_PROXY, site->proxy && !plain ? site->proxy : "");
    failed |= curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    if (site->ca_file) {
        /* Instead of the system's store, not beside it. */
        failed |= curl_easy_setopt(handle, CURLOPT_CAINFO, site->ca_file);
        failed |= curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
        failed |= curl_easy_setopt(handle, CURLOPT_PROXY_CAINFO, site->ca_file);
        failed |= curl_easy_setopt(handle, CURLOPT_PROXY_CAPATH, NULL);
    }
    return failed;
}

static CURLcode set_method(struct site_call *call, const struct site_request *request)
{
    CURLcode failed = CURLE_OK;

    if (request->call == CONFLUENCE_POST) {
        failed |= curl_easy_setopt(call->handle, CURLOPT_POST, 1L);
        failed |= curl_easy_setopt(call->handle, CURLOPT_POSTFIELDS,
                                   confluence_post_body(call->body, request->minutes));
    } else if (request->call == CONFLUENCE_DELETE) {
        failed |= curl_easy_setopt(call->handle, CURLOPT_CUSTOMREQUEST, confluence_method(request->call));
    }
    return failed;
}

static int add_header(struct site_call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->headers, line);

    if (!longer)
        return -ENOMEM;
    call->headers = longer;
    return 0;
}

static CURLcode set_content(struct site_call *call, const struct policy_site *site,
                            const struct secret *token)
{
    CURL *handle = call->handle;
    CURLcode failed = CURLE_OK;
    char url[URL_MAX];

    if (snprintf(url, sizeof(url), "%s" CONFLUENCE_PATH, site->url) >= (int)sizeof(url))
        return CURLE_URL_MALFORMAT;
    if (add_header(call, "Accept: application/json") < 0 ||
        add_header(call, "Content-Type: application/json") < 0)
        return CURLE_OUT_OF_MEMORY;
    failed |= curl_easy_setopt(handle, CURLOPT_URL, url);
    failed |= curl_easy_setopt(handle, CURLOPT_USERAGENT, USER_AGENT);
    failed |= curl_easy_setopt(handle, CURLOPT_HTTPHEADER, call->headers);
    failed |= curl_easy_setopt(handle, CURLOPT_HTTPAUTH, (unsigned long)CURLAUTH_BASIC);
    failed |= curl_easy_setopt(handle, CURLOPT_USERNAME, site->user);
    failed |= curl_easy_setopt(handle, CURLOPT_PASSWORD, token->bytes);
    return failed;
}

static CURLcode set_callbacks(struct site_call *call)
{
    CURL *handle = call->handle;
    CURLcode failed = CURLE_OK;

    failed |= curl_easy_setopt(handle, CURLOPT_PRIVATE, call);
    failed |= curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, call->words);
    failed |= curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    failed |= curl_easy_setopt(handle, CURLOPT_HEADERDATA, call);
    failed |= curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    failed |= curl_easy_setopt(handle, CURLOPT_WRITEDATA, call);
    return failed;
}

static CURLcode set_limits(CURL *handle, usec timeout)
{
    usec total = timeout < SITE_CLIENT_TOTAL_TIMEOUT ? timeout : SITE_CLIENT_TOTAL_TIMEOUT;
    usec connect = total < SITE_CLIENT_CONNECT_TIMEOUT ? total : SITE_CLIENT_CONNECT_TIMEOUT;
    CURLcode failed = CURLE_OK;

    /* 0 would mean no limit. */
    failed |= curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)(total / USEC_PER_MSEC) + 1);
    failed |= curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect / USEC_PER_MSEC) + 1);
    return failed;
}

static int set_up_call(struct site_call *call, const struct policy_site *site,
                       const struct site_request *request, const struct secret *token)
{
    CURLcode failed;

    call->handle = curl_easy_init();
    if (!call->handle)
        return -ENOMEM;
    failed = set_callbacks(call);
    failed |= set_connection(call->handle, site);
    failed |= set_content(call, site, token);
    failed |= set_method(call, request);
    failed |= set_limits(call->handle, request->timeout);
    return failed == CURLE_OK ? 0 : -EIO;
}

static void link_call(struct site_call *call)
{
    call->next = call->client->calls;
    if (call->next)
        call->next->previous = call;
    call->client->calls = call;
}

static void unlink_call(struct site_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->client->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
}

int site_client_call(struct site_client *client, const struct policy_site *site,
                     const struct site_request *request, const struct secret *token,
                     site_reply_handler handler, void *context, struct site_call **ret_call)
{
    struct site_call *call = calloc(1, sizeof(*call));
    int r;

    if (!call)
        return -ENOMEM;
    *call = (struct site_call){
        .client = client,
        .site_now = request->site_now,
        .started_boot = clock_boot(),
        .handler = handler,
        .context = context,
    };
    confluence_reader_init(&call->reader, request->call);
    link_call(call);
    r = set_up_call(call, site, request, token);
    if (r == 0 && curl_multi_add_handle(client->multi, call->handle) != CURLM_OK)
        r = -ENOMEM;
    if (r < 0) {
        site_call_cancel(call);
        return r;
    }
    *ret_call = call;
    return 0;
}

struct site_call *site_call_cancel(struct site_call *call)
{
    struct site_client *client;

    if (!call)
        return NULL;
    client = call->client;
    unlink_call(call);
    if (call->handle) {
        curl_multi_remove_handle(client->multi, call->handle);
        curl_easy_cleanup(call->handle); /* frees, and so wipes, the token; a reset leaves copies */
    }
    curl_slist_free_all(call->headers);
    confluence_reader_done(&call->reader);
    free(call);
    return NULL;
}
