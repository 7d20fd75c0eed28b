// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/control_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/conversation.h"
#include "control/limits.h"
#include "os/descriptor.h"

#define BACKLOG        64
#define RECEIVE_MAX    (64 * 1024)  /* bytes taken at a time */
#define SENDS_PER_WAKE 16           /* so that one greedy reader does not hold up the loop */
#define GROUPS_MAX     65536        /* what the kernel allows a process */
#define ACCEPT_PAUSE   USEC_PER_SEC /* after running out of descriptors or memory */

struct connection {
    struct control_server *server;
    int fd;
    sd_event_source *source;
    uid_t uid;
    struct conversation *conversation;
};

struct control_server {
    sd_event *event;
    const struct service *service;
    char *path;
    dev_t path_device; /* of the socket that was made there */
    ino_t path_inode;
    int fd;
    sd_event_source *listening, *timer;
    usec accept_boot; /* when accepting goes on; USEC_INFINITY: it does */
    struct connection *connections[LIMIT_CONNECTIONS_MAX];
    size_t n_connections;
};

static usec now_boot(const struct control_server *server)
{
    uint64_t now = 0;

    sd_event_now(server->event, CLOCK_BOOTTIME, &now);
    return (usec)now;
}

/* One timer serves all: it is armed only while something is due, so an idle socket wakes nobody. */
static void arm_timer(struct control_server *server)
{
    usec due = server->accept_boot;

    for (size_t i = 0; i < server->n_connections; i++) {
        usec of_connection = conversation_due(server->connections[i]->conversation);

        due = of_connection < due ? of_connection : due;
    }
    if (due != USEC_INFINITY)
        sd_event_source_set_time(server->timer, (uint64_t)due);
    sd_event_source_set_enabled(server->timer, due == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* connections */

static struct connection *connection_free(struct connection *connection)
{
    if (!connection)
        return NULL;
    sd_event_source_disable_unref(connection->source);
    descriptor_close(connection->fd);
    conversation_free(connection->conversation);
    free(connection);
    return NULL;
}
DEFINE_CLEANUP(struct connection *, connection_free);

static void disconnect(struct connection *connection)
{
    struct control_server *server = connection->server;

    for (size_t i = 0; i < server->n_connections; i++)
        if (server->connections[i] == connection) {
            server->connections[i] = server->connections[--server->n_connections];
            break;
        }
    connection_free(connection);
}

/* What this connection waits for now. */
static void set_events(struct connection *connection)
{
    uint32_t events = 0;
    size_t waiting;

    conversation_output(connection->conversation, &waiting);
    if (conversation_room(connection->conversation) > 0)
        events |= EPOLLIN;
    /* What waits for its turn has it when the client takes replies: the loop goes round once between. */
    if (waiting > 0 || conversation_has_more(connection->conversation) ||
        conversation_is_over(connection->conversation))
        events |= EPOLLOUT;
    sd_event_source_set_io_events(connection->source, events);
}

/* 0 or a negative errno: it is to be disconnected. */
static int receive(struct connection *connection)
{
    char buffer[RECEIVE_MAX];
    size_t room = conversation_room(connection->conversation);
    ssize_t size;

    size = recv(connection->fd, buffer, room < sizeof(buffer) ? room : sizeof(buffer), MSG_DONTWAIT);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (size == 0)
        return conversation_end_of_input(connection->conversation, now_boot(connection->server));
    return conversation_feed(connection->conversation, now_boot(connection->server), buffer, (size_t)size);
}

static int flush(struct connection *connection)
{
    for (int i = 0; i < SENDS_PER_WAKE; i++) {
        size_t size;
        const char *data = conversation_output(connection->conversation, &size);
        ssize_t sent;
        int r;

        if (size == 0)
            return 0;
        sent = send(connection->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        r = conversation_sent(connection->conversation, now_boot(connection->server), (size_t)sent);
        if (r < 0)
            return r;
    }
    return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct connection *connection = userdata;
    struct control_server *server = connection->server;
    int r = 0;

    (void)source;
    (void)fd;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && conversation_room(connection->conversation) > 0)
        r = receive(connection);
    else if (conversation_has_more(connection->conversation))
        r = conversation_turn(connection->conversation, now_boot(connection->server));
    if (r == 0)
        r = flush(connection);
    /* Behind EPOLLHUP nobody takes what is left, and it would wake us for ever. */
    if (r < 0 || conversation_is_over(connection->conversation) ||
        (events & EPOLLHUP && !(events & EPOLLIN) && !conversation_has_more(connection->conversation)))
        disconnect(connection);
    else
        set_events(connection);
    arm_timer(server);
    return 0;
}

/* The supplementary groups of the peer; the caller frees them. */
static int peer_groups(int fd, gid_t **ret_groups, size_t *ret_n)
{
    for (socklen_t size = 64 * sizeof(gid_t); size <= GROUPS_MAX * sizeof(gid_t);) {
        _cleanup_free_ gid_t *groups = malloc(size);

        if (!groups)
            return -ENOMEM;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0) {
            *ret_n = size / sizeof(gid_t);
            *ret_groups = steal_pointer(&groups);
            return 0;
        }
        if (errno != ERANGE) /* on ERANGE the kernel wrote the size that is needed */
            return -errno;
    }
    return -E2BIG;
}

static void refuse(int fd, const char *limit)
{
    _cleanup_(bytes_donep) struct bytes words = BYTES_INIT(1024);

    if (conversation_refusal(limit, &words) == 0)
        (void)!send(fd, words.data, words.size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Makes a connection of the descriptor, which it takes. 0 or a negative errno. */
static int connection_new(struct control_server *server, int fd, const struct peer *peer,
                          struct connection **ret_connection)
{
    _cleanup_(connection_freep) struct connection *connection = calloc(1, sizeof(*connection));
    int r;

    if (!connection) {
        descriptor_close(fd);
        return -ENOMEM;
    }
    *connection = (struct connection){.server = server, .fd = fd, .uid = peer->uid};
    r = conversation_new(server->service, peer, &connection->conversation);
    if (r < 0)
        return r;
    r = sd_event_add_io(server->event, &connection->source, fd, EPOLLIN, on_connection, connection);
    if (r < 0)
        return r;
    *ret_connection = steal_pointer(&connection);
    return 0;
}

static size_t connections_of(const struct control_server *server, uid_t uid)
{
    size_t n = 0;

    for (size_t i = 0; i < server->n_connections; i++)
        n += server->connections[i]->uid == uid;
    return n;
}

/* Takes the descriptor of one new client. */
static int welcome(struct control_server *server, int client)
{
    _cleanup_(descriptor_closep) int fd = client;
    _cleanup_free_ gid_t *groups = NULL;
    struct ucred credentials;
    socklen_t size = sizeof(credentials);
    struct peer peer;
    const char *limit;
    size_t n_groups = 0;
    int r;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return -errno;
    r = peer_groups(fd, &groups, &n_groups);
    if (r < 0)
        return r;
    peer =
        (struct peer){.uid = credentials.uid, .gid = credentials.gid, .groups = groups, .n_groups = n_groups};
    limit = bouncer_admits(server->service->bouncer, &peer, server->n_connections,
                           connections_of(server, peer.uid));
    if (limit) {
        refuse(fd, limit);
        return 0;
    }
    r = connection_new(server, descriptor_steal(&fd), &peer, &server->connections[server->n_connections]);
    if (r == 0)
        server->n_connections++;
    return r;
}

static int on_listening(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct control_server *server = userdata;
    int client;

    (void)events;
    client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client >= 0) {
        (void)welcome(server, client);
        return 0;
    }
    /* Without a pause this would turn the loop, for the client that cannot be taken still knocks. */
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        sd_event_source_set_enabled(source, SD_EVENT_OFF);
        server->accept_boot = now_boot(server) + ACCEPT_PAUSE;
        arm_timer(server);
    }
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t due, void *userdata)
{
    struct control_server *server = userdata;
    usec now = now_boot(server);

    (void)source;
    (void)due;
    if (server->accept_boot <= now) {
        server->accept_boot = USEC_INFINITY;
        sd_event_source_set_enabled(server->listening, SD_EVENT_ON);
    }
    for (size_t i = server->n_connections; i-- > 0;) {
        struct connection *connection = server->connections[i];

        if (conversation_tick(connection->conversation, now) < 0 ||
            conversation_is_over(connection->conversation))
            disconnect(connection);
        else
            set_events(connection);
    }
    arm_timer(server);
    return 0;
}

/* Nothing is disconnected here, for the caller may be the conversation that reloads: it is woken instead. */
static void take_result(struct connection *connection, int r)
{
    if (r < 0)
        shutdown(connection->fd, SHUT_RDWR);
    set_events(connection);
}

void control_server_site_changed(struct control_server *server, size_t index)
{
    for (size_t i = 0; i < server->n_connections; i++)
        take_result(server->connections[i],
                    conversation_site_changed(server->connections[i]->conversation, now_boot(server), index));
    arm_timer(server);
}

void control_server_daemon_changed(struct control_server *server)
{
    for (size_t i = 0; i < server->n_connections; i++)
        take_result(server->connections[i],
                    conversation_daemon_changed(server->connections[i]->conversation, now_boot(server)));
    arm_timer(server);
}

/* the socket */

/* Whether somebody serves the socket at that address: -EADDRINUSE; 0: nobody does. */
static int probe(const struct sockaddr_un *address)
{
    _cleanup_(descriptor_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
        return -EADDRINUSE;
    return errno == ECONNREFUSED || errno == ENOENT ? 0 : -errno;
}

/* Removes a socket that nobody serves. */
static int clear_path(const struct sockaddr_un *address, struct error *ret_error)
{
    const char *path = address->sun_path;
    struct stat status;
    int r;

    if (lstat(path, &status) < 0) {
        if (errno == ENOENT)
            return 0;
        r = -errno;
        error_set(ret_error, "%s: %s", path, strerror(-r));
        return r;
    }
    if (!S_ISSOCK(status.st_mode)) {
        error_set(ret_error,
                  "%s: there is a file that is no socket; remove it, or give another path with --socket",
                  path);
        return -EEXIST;
    }
    r = probe(address);
    if (r == -EADDRINUSE)
        error_set(ret_error,
                  "%s: another adminkeyd serves this socket; stop it first, or give another path with "
                  "--socket",
                  path);
    else if (r < 0)
        error_set(ret_error, "%s: whether it is served cannot be found out: %s", path, strerror(-r));
    if (r < 0)
        return r;
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Holds off other daemons that start at the same time, until the descriptor is closed: both would take the
 * other's socket, bound but not listening yet, for a stale one. By a file that nobody else can open: whoever
 * can open a directory can lock it, and would hold off every start. */
static int lock_path(const char *path, int *ret_fd, struct error *ret_error)
{
    _cleanup_(descriptor_closep) int fd = -1;
    _cleanup_free_ char *lock = NULL;
    int r;

    if (asprintf(&lock, "%s.lock", path) < 0) {
        lock = NULL;
        return -ENOMEM;
    }
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        r = -errno;
        error_set(ret_error, "%s, which keeps two daemons from one control socket, cannot be %s: %s", lock,
                  fd < 0 ? "opened" : "locked", strerror(-r));
        return r;
    }
    *ret_fd = descriptor_steal(&fd);
    return 0;
}

static int bind_socket(struct control_server *server, const struct sockaddr_un *address)
{
    struct stat status;

    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0 || bind(server->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        return -errno;
    if (lstat(server->path, &status) < 0)
        return -errno;
    server->path_device = status.st_dev;
    server->path_inode = status.st_ino;
    if (chmod(server->path, 0666) < 0 || listen(server->fd, BACKLOG) < 0)
        return -errno;
    return 0;
}

static int open_socket(struct control_server *server, struct error *ret_error)
{
    _cleanup_(descriptor_closep) int lock = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int r;

    if (strlen(server->path) >= sizeof(address.sun_path)) {
        error_set(ret_error, "%s: the path of the control socket is longer than %zu bytes", server->path,
                  sizeof(address.sun_path) - 1);
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, server->path);
    r = lock_path(server->path, &lock, ret_error);
    if (r < 0)
        return r;
    r = clear_path(&address, ret_error);
    if (r < 0)
        return r;
    r = bind_socket(server, &address);
    if (r < 0)
        error_set(ret_error, "%s: the control socket cannot be made: %s", server->path, strerror(-r));
    return r;
}

static int add_sources(struct control_server *server)
{
    int r;

    r = sd_event_add_io(server->event, &server->listening, server->fd, EPOLLIN, on_listening, server);
    if (r < 0)
        return r;
    r = sd_event_add_time(server->event, &server->timer, CLOCK_BOOTTIME, 0, 0, on_timer, server);
    if (r < 0)
        return r;
    return sd_event_source_set_enabled(server->timer, SD_EVENT_OFF);
}

int control_server_new(sd_event *event, const char *path, const struct service *service,
                       struct control_server **ret_server, struct error *ret_error)
{
    _cleanup_(control_server_freep) struct control_server *server = calloc(1, sizeof(*server));
    int r;

    if (!server)
        return -ENOMEM;
    server->event = sd_event_ref(event);
    server->service = service;
    server->fd = -1;
    server->accept_boot = USEC_INFINITY;
    server->path = strdup(path);
    if (!server->path)
        return -ENOMEM;
    r = open_socket(server, ret_error);
    if (r < 0)
        return r;
    r = add_sources(server);
    if (r < 0) {
        error_set(ret_error, "%s: the event loop cannot watch it: %s", path, strerror(-r));
        return r;
    }
    *ret_server = steal_pointer(&server);
    return 0;
}

struct control_server *control_server_free(struct control_server *server)
{
    struct stat status;

    if (!server)
        return NULL;
    while (server->n_connections > 0)
        disconnect(server->connections[server->n_connections - 1]);
    sd_event_source_disable_unref(server->listening);
    sd_event_source_disable_unref(server->timer);
    if (server->path_inode != 0 && lstat(server->path, &status) == 0 &&
        status.st_dev == server->path_device && status.st_ino == server->path_inode)
        unlink(server->path);
    descriptor_close(server->fd);
    free(server->path);
    sd_event_unref(server->event);
    free(server);
    return NULL;
}
