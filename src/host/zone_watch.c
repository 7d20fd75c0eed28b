// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/zone_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include <systemd/sd-event.h>

#include "os/clock.h"
#include "os/zone_file.h"

#define DIRECTORIES_MAX 64 /* tzdata 2025b has 20 */
#define CHANGES         (IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE)

struct zone_watch {
    struct loop *loop;
    struct loop_timer *timer;
    zone_watch_handler handler;
    void *context;
    struct {
        char *path;
        sd_event_source *source;
    } directories[DIRECTORIES_MAX];
    size_t n;
};

static void on_settled(void *context)
{
    struct zone_watch *watch = context;

    watch->handler(watch->context);
}

static int on_change(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
    struct zone_watch *watch = userdata;

    (void)source;
    (void)event;
    return loop_timer_set(watch->timer, clock_boot() + ZONE_WATCH_SETTLES);
}

int zone_watch_new(struct loop *loop, zone_watch_handler handler, void *context,
                   struct zone_watch **ret_watch)
{
    _cleanup_(zone_watch_freep) struct zone_watch *watch = calloc(1, sizeof(*watch));
    int r;

    if (!watch)
        return -ENOMEM;
    watch->loop = loop;
    watch->handler = handler;
    watch->context = context;
    r = loop_timer_new(loop, LOOP_USUAL, on_settled, watch, &watch->timer);
    if (r == 0)
        *ret_watch = steal_pointer(&watch);
    return r;
}

static void forget(struct zone_watch *watch)
{
    while (watch->n > 0) {
        sd_event_source_disable_unref(watch->directories[--watch->n].source);
        free(watch->directories[watch->n].path);
    }
}

struct zone_watch *zone_watch_free(struct zone_watch *watch)
{
    if (watch) {
        forget(watch);
        loop_timer_free(watch->timer);
        free(watch);
    }
    return NULL;
}

/* Each directory once. */
static int add(struct zone_watch *watch, const char *directory)
{
    _cleanup_free_ char *path = NULL;
    int r;

    for (size_t i = 0; i < watch->n; i++)
        if (strcmp(watch->directories[i].path, directory) == 0)
            return 0;
    if (watch->n == DIRECTORIES_MAX)
        return -E2BIG;
    path = strdup(directory);
    if (!path)
        return -ENOMEM;
    r = sd_event_add_inotify(loop_event(watch->loop), &watch->directories[watch->n].source, directory,
                             CHANGES, on_change, watch);
    if (r < 0)
        return r;
    watch->directories[watch->n++].path = steal_pointer(&path);
    return 0;
}

/* Where the zone's name is a link, its directory is another's: so each of those on the way is looked at, and
 * the first of them, where every upgrade leaves its marks. */
static int add_zone(struct zone_watch *watch, const char *name)
{
    char path[PATH_MAX], *slash;
    int r = 0;

    if (snprintf(path, sizeof(path), "%s/%s", zone_file_directory(), name) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    while (r == 0 && (slash = strrchr(path, '/')) && strcmp(path, zone_file_directory()) != 0) {
        *slash = '\0';
        r = add(watch, path);
    }
    return r;
}

int zone_watch_set(struct zone_watch *watch, const char *const *names, size_t n)
{
    int r = 0;

    forget(watch);
    for (size_t i = 0; i < n && r == 0; i++)
        r = add_zone(watch, names[i]);
    return r;
}
