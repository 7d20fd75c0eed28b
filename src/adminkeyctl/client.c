// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/exit_status.h"
#include "base/text.h"
#include "control/frame.h"
#include "control/limits.h"
#include "control/service.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"

#define RECEIVE_MAX 16384
#define SITES_SHOWN 20 /* of those that the daemon knows */

struct client {
    const struct arguments *arguments;
    int fd;
    struct frame frame;
    bool answered; /* there was a reply */
};

static const char *manager(const struct arguments *arguments)
{
    return arguments->user ? "systemctl --user" : "systemctl";
}

static int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int complain(int status, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "adminkeyctl: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    return status;
}

int client_complain_of_garbage(const struct client *client)
{
    return complain(
        STATUS_UNREACHABLE,
        "what listens at %s does not speak as adminkeyd does: is --socket right? See '%s status adminkeyd'",
        client->arguments->socket, manager(client->arguments));
}

/* connecting */

static int complain_of_connecting(const struct arguments *arguments, int r, const struct error *error)
{
    switch (r) {
    case -ENOENT:
    case -ECONNREFUSED:
        return complain(STATUS_UNREACHABLE,
                        "adminkeyd is not running (%s): start it with '%s start adminkeyd'", error->text,
                        manager(arguments));
    case -EACCES:
    case -EPERM:
        return complain(STATUS_UNREACHABLE,
                        "%s: join the group adminkey ('sudo usermod -aG adminkey $USER', then log in again)",
                        error->text);
    default:
        return complain(STATUS_UNREACHABLE, "%s: see '%s status adminkeyd'", error->text, manager(arguments));
    }
}

static int connect_to(const struct arguments *arguments, usec due_boot, struct client **ret_client,
                      struct error *ret_error)
{
    struct client *client = calloc(1, sizeof(*client));

    if (!client) {
        error_set(ret_error, "out of memory");
        return -ENOMEM;
    }
    client->arguments = arguments;
    client->fd = -1;
    frame_init(&client->frame, LIMIT_QUEUE_SIZE_MAX);
    *ret_client = client;
    return socket_connect(arguments->socket, due_boot, &client->fd, ret_error);
}

int client_open(const struct arguments *arguments, struct client **ret_client)
{
    _cleanup_(client_freep) struct client *client = NULL;
    struct error error = {0};
    int r;

    r = connect_to(arguments, clock_boot() + CLIENT_PATIENCE, &client, &error);
    if (r < 0)
        return complain_of_connecting(arguments, r, &error);
    *ret_client = steal_pointer(&client);
    return STATUS_DONE;
}

int client_open_again(const struct arguments *arguments, usec due_boot, struct client **ret_client)
{
    usec patient_until = clock_boot() + CLIENT_PATIENCE;
    _cleanup_(client_freep) struct client *client = NULL;
    struct error error = {0};
    int r;

    r = connect_to(arguments, due_boot < patient_until ? due_boot : patient_until, &client, &error);
    if (r == -ENOENT || r == -ECONNREFUSED)
        return CLIENT_GONE;
    if (r == -ETIMEDOUT)
        return due_boot < patient_until ? CLIENT_TIMED_OUT : CLIENT_GONE;
    if (r < 0)
        return complain_of_connecting(arguments, r, &error);
    client->answered = true; /* the one before it did */
    *ret_client = steal_pointer(&client);
    return STATUS_DONE;
}

struct client *client_free(struct client *client)
{
    if (!client)
        return NULL;
    descriptor_close(client->fd);
    frame_done(&client->frame);
    free(client);
    return NULL;
}

/* calling */

int client_call(struct client *client, const char *method, bool of_site, bool more)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(LIMIT_MESSAGE_SIZE_MAX);
    _cleanup_json_ struct json_builder parameters = json_begin();
    char name[128];
    int r;

    if (of_site && client->arguments->operand)
        json_add_text(&parameters, "site", client->arguments->operand);
    snprintf(name, sizeof(name), SERVICE_INTERFACE ".%s", method);
    r = parameters.failed ? -ENOMEM : message_format_call(&bytes, name, parameters.object, more);
    if (r < 0)
        return complain(STATUS_USAGE, "the call cannot be made: %s", strerror(-r));
    r = socket_send(client->fd, bytes.data, bytes.size, clock_boot() + CLIENT_PATIENCE);
    /* A daemon that refuses the connection says why before it closes it: what it said is read first. */
    if (r < 0 && r != -EPIPE && r != -ECONNRESET)
        return complain(STATUS_UNREACHABLE, "adminkeyd takes no call: %s; see '%s status adminkeyd'",
                        strerror(-r), manager(client->arguments));
    return STATUS_DONE;
}

/* replies */

static const char *text_of(struct json_object *parameters, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(parameters, key, &value);
    return value && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "?";
}

static struct json_object *array_of(struct json_object *parameters, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(parameters, key, &value);
    return value && json_object_is_type(value, json_type_array) ? value : NULL;
}

static const char *text_at(struct json_object *array, size_t index)
{
    struct json_object *value = json_object_array_get_idx(array, index);

    return value && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "?";
}

static int complain_of_site(const struct client *client, struct json_object *parameters)
{
    const char *site = text_of(parameters, "site"), *nearest = NULL;
    struct json_object *known = array_of(parameters, "known");
    size_t n = known ? json_object_array_length(known) : 0;
    _cleanup_free_ const char **names = calloc(n + 1, sizeof(*names));

    (void)client;
    for (size_t i = 0; names && i < n; i++)
        names[i] = text_at(known, i);
    nearest = names ? text_nearest(site, names) : NULL;
    fprintf(stderr, "adminkeyctl: the policy has no site '%s'%s%s%s; it has", site,
            nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    for (size_t i = 0; i < n && i < SITES_SHOWN; i++)
        fprintf(stderr, "%s %s", i > 0 ? "," : "", text_at(known, i));
    fprintf(stderr, "%s\n", n > SITES_SHOWN ? " and more" : n == 0 ? " none" : "");
    return STATUS_NO_SITE;
}

static int complain_of_rights(const struct client *client, struct json_object *parameters)
{
    (void)client;
    (void)parameters;
    return complain(
        STATUS_REFUSED,
        "you may not do this: to look is for the group adminkey and those under access.viewers in the "
        "policy, to reload for root and those under access.operators");
}

static int complain_of_policy(const struct client *client, struct json_object *parameters)
{
    struct json_object *errors = array_of(parameters, "errors");
    size_t n = errors ? json_object_array_length(errors) : 0;

    (void)client;
    for (size_t i = 0; i < n; i++) {
        struct json_object *problem = json_object_array_get_idx(errors, i), *line = NULL, *column = NULL;

        json_object_object_get_ex(problem, "line", &line);
        json_object_object_get_ex(problem, "column", &column);
        if (line)
            fprintf(stderr, "%d:%d: ", json_object_get_int(line), json_object_get_int(column));
        fprintf(stderr, "%s%s%s\n", text_of(problem, "key"), *text_of(problem, "key") ? ": " : "",
                text_of(problem, "message"));
    }
    return complain(STATUS_NO,
                    "the policy was refused, and the old one stays in force: mend what stands above and "
                    "reload again ('adminkeyctl check' tells the same without the daemon)");
}

static int complain_of_limit(const struct client *client, struct json_object *parameters)
{
    (void)client;
    return complain(STATUS_UNREACHABLE,
                    "adminkeyd does not serve this client for now: limit '%s'; end some of the "
                    "programs that watch it",
                    text_of(parameters, "limit"));
}

static int complain_of_version(const struct client *client, struct json_object *parameters)
{
    (void)parameters;
    return complain(STATUS_UNREACHABLE,
                    "the daemon does not know this command: it is of another version than "
                    "adminkeyctl %s; restart it with '%s restart adminkeyd'",
                    PACKAGE_VERSION, manager(client->arguments));
}

static int complain_of_error(const struct client *client, const struct message_reply *reply)
{
    static const struct {
        const char *error;
        int (*complain)(const struct client *client, struct json_object *parameters);
    } rows[] = {
        {SERVICE_ERROR_UNKNOWN_SITE, complain_of_site},
        {SERVICE_ERROR_NOT_AUTHORIZED, complain_of_rights},
        {SERVICE_ERROR_BAD_POLICY, complain_of_policy},
        {SERVICE_ERROR_LIMIT_EXCEEDED, complain_of_limit},
        {MESSAGE_ERROR_METHOD_NOT_FOUND, complain_of_version},
        {MESSAGE_ERROR_METHOD_NOT_IMPLEMENTED, complain_of_version},
        {MESSAGE_ERROR_INTERFACE_NOT_FOUND, complain_of_version},
        {MESSAGE_ERROR_INVALID_PARAMETER, complain_of_version},
        {MESSAGE_ERROR_EXPECTED_MORE, complain_of_version},
    };

    if (client->arguments->json)
        printf("%s\n", json_object_to_json_string_ext(reply->object, JSON_C_TO_STRING_PLAIN |
                                                                         JSON_C_TO_STRING_NOSLASHESCAPE));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (text_equal(rows[i].error, reply->error))
            return rows[i].complain(client, reply->parameters);
    return complain(STATUS_UNREACHABLE, "adminkeyd answers with an error that is not known here: %s",
                    reply->error);
}

/* One message, complete in the frame. 0, a negative errno, or an exit status that was complained of. */
static int receive_message(struct client *client, usec due_boot, const char **ret_text, size_t *ret_size)
{
    char buffer[RECEIVE_MAX];

    for (;;) {
        size_t room = frame_room(&client->frame), received;
        int r = frame_peek(&client->frame, ret_text, ret_size);

        if (r == FRAME_COMPLETE)
            return 0;
        if (r == FRAME_TOO_LARGE)
            return client_complain_of_garbage(client);
        r = socket_receive(client->fd, buffer, room < sizeof(buffer) ? room : sizeof(buffer), due_boot,
                           &received);
        if (r == -EINTR)
            continue;
        if (r == 0 && received == 0)
            return frame_waiting(&client->frame) > 0 && !client->answered ? client_complain_of_garbage(client)
                                                                          : -ECONNRESET;
        if (r == 0)
            r = frame_push(&client->frame, buffer, received);
        if (r < 0)
            return r;
    }
}

static int complain_of_end(const struct client *client)
{
    return complain(STATUS_UNREACHABLE, "adminkeyd has ended the connection: see '%s status adminkeyd'",
                    manager(client->arguments));
}

int client_next(struct client *client, usec due_boot, struct message_reply *ret_reply)
{
    struct message_reply reply = {0};
    const char *text;
    size_t size;
    int r;

    r = receive_message(client, due_boot, &text, &size);
    if (r == -ETIMEDOUT)
        return CLIENT_TIMED_OUT;
    if (r == -ECONNRESET)
        return client->answered ? CLIENT_GONE : complain_of_end(client);
    if (r < 0)
        return complain(STATUS_UNREACHABLE,
                        "the connection to adminkeyd failed: %s; see '%s status adminkeyd'", strerror(-r),
                        manager(client->arguments));
    if (r > 0)
        return r;
    r = message_parse_reply(text, size, &reply);
    if (r != 0)
        return client_complain_of_garbage(client);
    frame_drop(&client->frame, size);
    client->answered = true;
    if (reply.error) {
        r = complain_of_error(client, &reply);
        message_reply_done(&reply);
        return r;
    }
    *ret_reply = reply;
    return STATUS_DONE;
}

bool client_has_more(struct client *client)
{
    const char *text;
    size_t size;

    return frame_peek(&client->frame, &text, &size) == FRAME_COMPLETE;
}

int client_take(struct client *client, struct message_reply *ret_reply)
{
    int r = client_next(client, clock_boot() + CLIENT_PATIENCE, ret_reply);

    if (r == CLIENT_GONE)
        return complain_of_end(client);
    if (r != CLIENT_TIMED_OUT)
        return r;
    return complain(STATUS_UNREACHABLE, "adminkeyd does not answer (%d s long): see '%s status adminkeyd'",
                    (int)(CLIENT_PATIENCE / USEC_PER_SEC), manager(client->arguments));
}
