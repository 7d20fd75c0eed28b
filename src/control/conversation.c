// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/conversation.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "control/frame.h"
#include "control/limits.h"
#include "control/stream.h"

/* Room behind a full queue for the words that say it is full. */
#define LAST_WORDS_MAX 256

/* A stream makes its next reply while less than this waits to be sent, so its memory does not grow with the
 * number of sites. */
#define STREAM_QUEUE_MAX (64 * 1024)

/* What one conversation answers before others have their turn. */
#define TURN_CALLS 16

enum phase {
    PHASE_TALKING,
    PHASE_LAST_CALLS, /* the client has ended its side: answer what is there */
    PHASE_FAREWELL,   /* the last words are in the queue: nothing is heard any more */
    PHASE_OVER,
};

struct conversation {
    const struct service *service;
    struct peer peer;
    gid_t *groups; /* owned: peer.groups */
    enum phase phase;
    struct frame input;
    unsigned turn; /* how many more calls are answered in this turn */
    bool more;     /* and whole ones wait behind them */
    usec due_boot; /* talking: the unfinished message is to be whole by then; farewell: taken by then */
    struct bytes output;
    size_t sent; /* of output */
    struct stream stream;
    enum access stream_access; /* whom the streaming method is for */
};

int conversation_new(const struct service *service, const struct peer *peer,
                     struct conversation **ret_conversation)
{
    _cleanup_(conversation_freep) struct conversation *conversation = calloc(1, sizeof(*conversation));

    if (!conversation)
        return -ENOMEM;
    frame_init(&conversation->input, LIMIT_MESSAGE_SIZE_MAX);
    conversation->output = BYTES_INIT(LIMIT_QUEUE_SIZE_MAX);
    conversation->service = service;
    conversation->due_boot = USEC_INFINITY;
    conversation->peer = *peer;
    conversation->groups = calloc(peer->n_groups + 1, sizeof(*conversation->groups));
    if (!conversation->groups)
        return -ENOMEM;
    if (peer->n_groups > 0)
        memcpy(conversation->groups, peer->groups, peer->n_groups * sizeof(*conversation->groups));
    conversation->peer.groups = conversation->groups;
    *ret_conversation = steal_pointer(&conversation);
    return 0;
}

struct conversation *conversation_free(struct conversation *conversation)
{
    if (!conversation)
        return NULL;
    frame_done(&conversation->input);
    bytes_done(&conversation->output);
    stream_end(&conversation->stream);
    free(conversation->groups);
    free(conversation);
    return NULL;
}

static bool is_listening(const struct conversation *conversation)
{
    return conversation->phase == PHASE_TALKING || conversation->phase == PHASE_LAST_CALLS;
}

/* saying */

static int say_farewell(struct conversation *conversation, usec now_boot, const char *error,
                        struct json_object *parameters)
{
    stream_end(&conversation->stream);
    conversation->phase = PHASE_FAREWELL;
    conversation->due_boot = now_boot + LIMIT_MESSAGE_TIME_MAX;
    conversation->output.cap = LIMIT_QUEUE_SIZE_MAX + LAST_WORDS_MAX;
    return parameters ? message_format_reply(&conversation->output, error, parameters, false) : -ENOMEM;
}

static int say_limit_exceeded(struct conversation *conversation, usec now_boot, const char *limit)
{
    _cleanup_(json_freep) struct json_object *parameters = service_named("limit", limit);

    return say_farewell(conversation, now_boot, SERVICE_ERROR_LIMIT_EXCEEDED, parameters);
}

static int say_garbage(struct conversation *conversation, usec now_boot)
{
    _cleanup_(json_freep) struct json_object *parameters = service_named("parameter", "message");

    return say_farewell(conversation, now_boot, MESSAGE_ERROR_INVALID_PARAMETER, parameters);
}

/* Queues one reply; where it does not fit, the client is told so instead, and disconnected. */
static int say(struct conversation *conversation, usec now_boot, const char *error,
               struct json_object *parameters, bool continues)
{
    int r;

    bytes_drop(&conversation->output, conversation->sent);
    conversation->sent = 0;
    r = message_format_reply(&conversation->output, error, parameters, continues);
    return r == -ENOBUFS ? say_limit_exceeded(conversation, now_boot, LIMIT_QUEUE_SIZE) : r;
}

static int say_wrong(struct conversation *conversation, usec now_boot, const char *wrong)
{
    _cleanup_(json_freep) struct json_object *parameters = service_named("parameter", wrong);

    return parameters ? say(conversation, now_boot, MESSAGE_ERROR_INVALID_PARAMETER, parameters, false)
                      : -ENOMEM;
}

/* streaming */

static int tell_site(struct conversation *conversation, usec now_boot, size_t index)
{
    const struct control_source *source = conversation->service->source;
    struct stream *stream = &conversation->stream;
    bool continues = stream->endless || stream->n_waiting > 0;
    _cleanup_(json_freep) struct json_object *parameters = NULL;
    struct site_status status;

    source->site(source->context, index, &status);
    /* While a policy comes into force an index may be another site's already: the stream begins anew then,
     * and is about the site that was asked for until then, too. */
    if (stream->one_site && *stream->site && !text_equal(stream->site, status.site))
        return 0;
    parameters = service_site_status(conversation->service, &status);
    if (!parameters)
        return -ENOMEM;
    text_copy(stream->site, sizeof(stream->site), status.site);
    if (!continues)
        stream_end(stream);
    return say(conversation, now_boot, NULL, parameters, continues);
}

/* Tells what waits, as far as the queue has room for it. */
static int pump_stream(struct conversation *conversation, usec now_boot)
{
    size_t index;
    int r = 0;

    while (r == 0 && conversation->output.size - conversation->sent < STREAM_QUEUE_MAX &&
           stream_take(&conversation->stream, &index))
        r = tell_site(conversation, now_boot, index);
    return r;
}

static int begin_stream(struct conversation *conversation, usec now_boot, bool endless, const char *site,
                        enum access access)
{
    const struct service *service = conversation->service;
    size_t end = service->source->n_sites(service->source->context);
    size_t first = site ? service_find_site(service, site) : 0;
    int r;

    r = stream_begin(&conversation->stream, endless, site, first, site ? first + 1 : end);
    if (r < 0)
        return r;
    conversation->stream_access = access;
    return pump_stream(conversation, now_boot);
}

/* hearing */

static int answer_call(struct conversation *conversation, usec now_boot, const struct message_call *call)
{
    _cleanup_(service_reply_done) struct service_reply reply = {0};
    const char *site = NULL;
    enum access access = ACCESS_NOBODY;
    int r;

    r = service_call(conversation->service, &conversation->peer, call, &reply, &site, &access);
    if (reply.costly)
        conversation->turn = 0;
    if (r < 0 || call->oneway)
        return r < 0 ? r : 0;
    if (r == SERVICE_REPLIED)
        return say(conversation, now_boot, reply.error, reply.parameters, false);
    return begin_stream(conversation, now_boot, r == SERVICE_STREAMS_CHANGES, site, access);
}

static int answer_message(struct conversation *conversation, usec now_boot, const char *text, size_t size)
{
    _cleanup_(message_call_done) struct message_call call = {0};
    const char *wrong = NULL;
    int r;

    r = message_parse_call(text, size, &call, &wrong);
    switch (r) {
    case 0: return answer_call(conversation, now_boot, &call);
    case MESSAGE_GARBAGE: return say_garbage(conversation, now_boot);
    case MESSAGE_TOO_DEEP: return say_limit_exceeded(conversation, now_boot, LIMIT_MESSAGE_NESTING);
    case MESSAGE_WRONG: return call.oneway ? 0 : say_wrong(conversation, now_boot, wrong);
    default: return r;
    }
}

/* Answers the messages that are whole, up to one that streams, or the end of the turn. */
static int answer_messages(struct conversation *conversation, usec now_boot)
{
    conversation->more = false;
    while (is_listening(conversation) && !conversation->stream.active) {
        const char *text;
        size_t size;
        int r;

        r = frame_peek(&conversation->input, &text, &size);
        if (r == 0)
            return 0;
        if (r == FRAME_TOO_LARGE)
            return say_limit_exceeded(conversation, now_boot, LIMIT_MESSAGE_SIZE);
        conversation->more = conversation->turn == 0;
        if (conversation->more)
            return 0;
        conversation->turn--;
        r = answer_message(conversation, now_boot, text, size);
        if (r < 0)
            return r;
        frame_drop(&conversation->input, size);
        conversation->due_boot = is_listening(conversation) ? USEC_INFINITY : conversation->due_boot;
    }
    return 0;
}

/* Goes on as far as it can: what streams, then what waits behind it, then the time for what is half sent. */
static int go_on(struct conversation *conversation, usec now_boot)
{
    int r;

    r = pump_stream(conversation, now_boot);
    if (r == 0)
        r = answer_messages(conversation, now_boot);
    if (r < 0)
        return r;
    if (conversation->phase == PHASE_TALKING) {
        if (conversation->stream.active || conversation->more || frame_waiting(&conversation->input) == 0)
            conversation->due_boot = USEC_INFINITY;
        else if (conversation->due_boot == USEC_INFINITY)
            conversation->due_boot = now_boot + LIMIT_MESSAGE_TIME_MAX;
    }
    return 0;
}

int conversation_turn(struct conversation *conversation, usec now_boot)
{
    conversation->turn = TURN_CALLS;
    return go_on(conversation, now_boot);
}

bool conversation_has_more(const struct conversation *conversation)
{
    return conversation->more;
}

size_t conversation_room(const struct conversation *conversation)
{
    return conversation->phase == PHASE_TALKING ? frame_room(&conversation->input) : 0;
}

int conversation_feed(struct conversation *conversation, usec now_boot, const void *data, size_t size)
{
    int r;

    assert(size <= conversation_room(conversation));
    r = frame_push(&conversation->input, data, size);
    return r < 0 ? r : conversation_turn(conversation, now_boot);
}

int conversation_end_of_input(struct conversation *conversation, usec now_boot)
{
    if (conversation->phase != PHASE_TALKING)
        return 0;
    conversation->phase = PHASE_LAST_CALLS;
    conversation->due_boot = USEC_INFINITY;
    if (conversation->stream.endless)
        stream_end(&conversation->stream);
    return conversation_turn(conversation, now_boot);
}

const char *conversation_output(const struct conversation *conversation, size_t *ret_size)
{
    *ret_size = conversation->output.size - conversation->sent;
    return bytes_text(&conversation->output) + conversation->sent;
}

int conversation_sent(struct conversation *conversation, usec now_boot, size_t size)
{
    assert(size <= conversation->output.size - conversation->sent);
    conversation->sent += size;
    if (conversation->sent == conversation->output.size) {
        bytes_clear(&conversation->output);
        conversation->sent = 0;
    }
    return go_on(conversation, now_boot);
}

usec conversation_due(const struct conversation *conversation)
{
    return conversation->due_boot;
}

int conversation_tick(struct conversation *conversation, usec now_boot)
{
    if (now_boot < conversation->due_boot)
        return 0;
    if (conversation->phase == PHASE_TALKING)
        return say_limit_exceeded(conversation, now_boot, LIMIT_MESSAGE_TIME);
    conversation->phase = PHASE_OVER;
    conversation->due_boot = USEC_INFINITY;
    return 0;
}

bool conversation_is_over(const struct conversation *conversation)
{
    if (conversation->phase == PHASE_OVER)
        return true;
    return conversation->phase != PHASE_TALKING && !conversation->stream.active && !conversation->more &&
           conversation->sent == conversation->output.size;
}

int conversation_site_changed(struct conversation *conversation, usec now_boot, size_t index)
{
    if (!conversation->stream.active || !conversation->stream.endless)
        return 0;
    stream_mark(&conversation->stream, index);
    return go_on(conversation, now_boot);
}

/* Where a stream stands in the new list of sites; its end where it may not go on. */
static int restart_stream(struct conversation *conversation, usec now_boot)
{
    const struct service *service = conversation->service;
    struct stream *stream = &conversation->stream;
    size_t end = service->source->n_sites(service->source->context), first = 0;
    _cleanup_(json_freep) struct json_object *parameters = NULL;

    if (!bouncer_allows(service->bouncer, &conversation->peer, conversation->stream_access)) {
        stream_end(stream);
        return say(conversation, now_boot, SERVICE_ERROR_NOT_AUTHORIZED, NULL, false);
    }
    if (stream->one_site) {
        first = service_find_site(service, stream->site);
        if (first < end)
            return stream_restart(stream, first, first + 1);
        parameters = service_unknown_site(service, stream->site);
        stream_end(stream);
        return parameters ? say(conversation, now_boot, SERVICE_ERROR_UNKNOWN_SITE, parameters, false)
                          : -ENOMEM;
    }
    /* What has an end goes on behind the last site told; its last reply must still come, if only as that
     * site. */
    if (!stream->endless && *stream->site)
        first = service_seek_site(service, stream->site) + (service_find_site(service, stream->site) < end);
    return stream_restart(stream, first < end ? first : end - 1, end);
}

int conversation_daemon_changed(struct conversation *conversation, usec now_boot)
{
    int r;

    if (!conversation->stream.active)
        return 0;
    r = restart_stream(conversation, now_boot);
    return r < 0 ? r : go_on(conversation, now_boot);
}

int conversation_refusal(const char *limit, struct bytes *bytes)
{
    _cleanup_(json_freep) struct json_object *parameters = service_named("limit", limit);

    return parameters ? message_format_reply(bytes, SERVICE_ERROR_LIMIT_EXCEEDED, parameters, false)
                      : -ENOMEM;
}
