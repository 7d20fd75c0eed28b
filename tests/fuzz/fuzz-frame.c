// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as what a client sends. The first byte chooses the client and where the rest is cut into pieces;
 * between them the sites change, and replies are taken late or early.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/conversation.h"
#include "control/limits.h"
#include "fuzz.h"

#define SITES      3
#define LAST_WORDS 256

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void get_daemon(void *context, struct daemon_status *ret_status)
{
    (void)context;
    *ret_status = (struct daemon_status){.version = "1", .policy_path = "/p", .rejected_utc = STATUS_NEVER};
}

static size_t get_n_sites(void *context)
{
    (void)context;
    return SITES;
}

static void get_site(void *context, size_t index, struct site_status *ret_status)
{
    static const char *const names[SITES] = {"a", "b", "c"};

    (void)context;
    demand(index < SITES);
    *ret_status = (struct site_status){.site = names[index], .url = "u", .user = "v", .enforce = true};
}

static int do_reload(void *context)
{
    (void)context;
    return CONTROL_RELOAD_REFUSED;
}

static const struct control_source source = {
    .daemon = get_daemon, .n_sites = get_n_sites, .site = get_site, .reload = do_reload};

/* Every message that waits is a reply; takes `n` bytes of them. */
static void take(struct conversation *conversation, size_t n)
{
    size_t size;
    const char *output = conversation_output(conversation, &size);

    demand(size <= LIMIT_QUEUE_SIZE_MAX + LAST_WORDS);
    demand(size == 0 || output[size - 1] == '\0');
    demand(conversation_sent(conversation, 1, n < size ? n : size) == 0);
}

static void check_replies(struct conversation *conversation)
{
    size_t size;
    const char *output = conversation_output(conversation, &size);

    for (size_t at = 0; at < size; at += strlen(output + at) + 1) {
        struct message_reply reply;

        demand(message_parse_reply(output + at, strlen(output + at), &reply) == 0);
        message_reply_done(&reply);
    }
}

static void talk(struct conversation *conversation, const uint8_t *data, size_t size, size_t piece)
{
    for (size_t at = 0, room; at < size && (room = conversation_room(conversation)) > 0;) {
        size_t n = size - at < piece ? size - at : piece;

        n = n < room ? n : room;
        demand(conversation_feed(conversation, 1, data + at, n) == 0);
        at += n;
        if (conversation_has_more(conversation))
            demand(conversation_turn(conversation, 1) == 0);
        demand(conversation_site_changed(conversation, 1, at % SITES) == 0);
        if (at % 7 == 0)
            demand(conversation_daemon_changed(conversation, 1) == 0);
        if (at % 3 == 0)
            take(conversation, at % 5 == 0 ? 1 : SIZE_MAX);
    }
}

static void be_client(const uint8_t *data, size_t size)
{
    static const struct peer root = {.uid = 0}, stranger = {.uid = 9, .gid = 9};
    const struct policy nobody = {0};
    struct bouncer *bouncer;
    struct service service;
    struct conversation *conversation;

    demand(bouncer_new(&nobody, 1, NULL, NULL, &bouncer) == 0);
    service = (struct service){.source = &source, .bouncer = bouncer};
    demand(conversation_new(&service, data[0] & 1 ? &root : &stranger, &conversation) == 0);
    talk(conversation, data + 1, size - 1, data[0] & 2 ? 1u + data[0] / 4u : SIZE_MAX);
    take(conversation, SIZE_MAX);
    demand(conversation_end_of_input(conversation, 1) == 0);
    check_replies(conversation);
    while (!conversation_is_over(conversation))
        take(conversation, SIZE_MAX);
    conversation_free(conversation);
    bouncer_free(bouncer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message_reply reply;
    char *text;

    if (size == 0)
        return 0;
    be_client(data, size);
    text = malloc(size);
    demand(text);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (message_parse_reply(text, strlen(text), &reply) == 0)
        message_reply_done(&reply);
    free(text);
    return 0;
}
