// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl status [SITE]
 */

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/reply_text.h"
#include "adminkeyctl/status_text.h"
#include "os/clock.h"

#define SCREENS_MAX 4 /* sites beyond that get a line each */

/* The replies that are kept until it is known how many there are. */
struct replies {
    struct message_reply list[SCREENS_MAX + 1];
    size_t n;
};

static void replies_done(struct replies *replies)
{
    for (size_t i = 0; i < replies->n; i++)
        message_reply_done(&replies->list[i]);
    replies->n = 0;
}

struct printing {
    const struct arguments *arguments;
    const struct client *client;
    struct paint paint;
    usec now_utc;
    bool degraded;
};

static int print_line(struct printing *printing, const struct message_reply *reply)
{
    struct site_view view;

    if (!view_site(reply->parameters, &view))
        return client_complain_of_garbage(printing->client);
    status_text_line(stdout, &printing->paint, &view, printing->now_utc, 0);
    return STATUS_DONE;
}

static int print_screens(struct printing *printing, const struct replies *replies)
{
    for (size_t i = 0; i < replies->n; i++) {
        struct site_view view;

        if (!view_site(replies->list[i].parameters, &view))
            return client_complain_of_garbage(printing->client);
        status_text_site(stdout, &printing->paint, &view, printing->now_utc, 0);
        printf("\n");
    }
    return STATUS_DONE;
}

static int look_at(struct printing *printing, const struct message_reply *reply)
{
    struct daemon_view daemon;
    struct site_view view;

    if (!view_site(reply->parameters, &view) || !view_daemon(reply->parameters, &daemon))
        return client_complain_of_garbage(printing->client);
    printing->degraded |= view_is_degraded(&view) || daemon.rejected_utc != STATUS_NEVER;
    return STATUS_DONE;
}

/* Prints one reply of the stream, or keeps it while there are few. */
static int print_reply(struct printing *printing, struct replies *replies, struct message_reply *reply)
{
    int r;

    if (printing->arguments->json) {
        reply_print_json(reply);
        return STATUS_DONE;
    }
    if (replies->n < SCREENS_MAX + 1) {
        replies->list[replies->n++] = *reply;
        *reply = (struct message_reply){0};
        if (replies->n <= SCREENS_MAX)
            return STATUS_DONE;
        for (size_t i = 0; i < replies->n; i++) {
            r = print_line(printing, &replies->list[i]);
            if (r != STATUS_DONE)
                return r;
        }
        return STATUS_DONE;
    }
    return print_line(printing, reply);
}

static int print_end(struct printing *printing, const struct replies *replies)
{
    struct daemon_view daemon;
    int r = STATUS_DONE;

    if (printing->arguments->json || replies->n == 0)
        return STATUS_DONE;
    if (replies->n <= SCREENS_MAX)
        r = print_screens(printing, replies);
    else
        printf("\n");
    if (r == STATUS_DONE && view_daemon(replies->list[0].parameters, &daemon))
        status_text_daemon(stdout, &printing->paint, &daemon, printing->now_utc);
    return r;
}

int verb_status(const struct arguments *arguments)
{
    _cleanup_(client_freep) struct client *client = NULL;
    _cleanup_(replies_done) struct replies replies = {0};
    struct printing printing = {
        .arguments = arguments, .paint = paint_for_stdout(arguments), .now_utc = clock_utc()};
    bool continues = true;
    int r;

    r = client_open(arguments, &client);
    if (r == STATUS_DONE)
        r = client_call(client, "Status", true, true);
    printing.client = client;
    while (r == STATUS_DONE && continues) {
        _cleanup_(message_reply_done) struct message_reply reply = {0};

        r = client_take(client, &reply);
        if (r != STATUS_DONE)
            break;
        continues = reply.continues;
        r = look_at(&printing, &reply);
        if (r == STATUS_DONE)
            r = print_reply(&printing, &replies, &reply);
    }
    if (r == STATUS_DONE)
        r = print_end(&printing, &replies);
    return r == STATUS_DONE && printing.degraded ? STATUS_DEGRADED : r;
}
