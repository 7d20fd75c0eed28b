// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The control socket without a daemon behind it: serves three made-up sites at the path given, until its
 * standard input ends. Each line there is an order: "site N" tells that a site changed, "daemon" that
 * everything did. The second argument, where given, is the uid of an operator.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/control_server.h"

#define SITES 3

static struct control_server *server;
static unsigned changes;

static void get_daemon(void *context, struct daemon_status *ret_status)
{
    (void)context;
    *ret_status = (struct daemon_status){
        .version = "1", .policy_path = "/p", .policy_sha256 = "", .rejected_utc = STATUS_NEVER};
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
    *ret_status = (struct site_status){.site = names[index], .url = "u", .user = "v", .failures = changes};
}

static int do_reload(void *context)
{
    (void)context;
    control_server_daemon_changed(server);
    return 0;
}

static int on_order(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    char order[64] = "";

    (void)events;
    (void)userdata;
    if (read(fd, order, sizeof(order) - 1) <= 0)
        return sd_event_exit(sd_event_source_get_event(source), 0);
    changes++;
    if (strncmp(order, "site ", 5) == 0)
        control_server_site_changed(server, (size_t)atoi(order + 5));
    else
        control_server_daemon_changed(server);
    return 0;
}

static int find_user(const char *name, uid_t *ret_uid)
{
    *ret_uid = (uid_t)atoi(name);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct control_source source = {
        .daemon = get_daemon, .n_sites = get_n_sites, .site = get_site, .reload = do_reload};
    const struct principal_finder finder = {.user = find_user};
    struct policy policy = {.operators = {.users = argv + 2, .n_users = argc > 2}};
    struct service service = {.source = &source};
    struct bouncer *bouncer;
    struct error error = {0};
    sd_event *event;

    if (argc < 2 || bouncer_new(&policy, getuid(), &finder, NULL, &bouncer) < 0 || sd_event_new(&event) < 0)
        return 2;
    service.bouncer = bouncer;
    if (control_server_new(event, argv[1], &service, &server, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (sd_event_add_io(event, NULL, STDIN_FILENO, EPOLLIN, on_order, NULL) < 0)
        return 2;
    printf("listening\n");
    fflush(stdout);
    sd_event_loop(event);
    control_server_free(server);
    bouncer_free(bouncer);
    sd_event_unref(event);
    return 0;
}
