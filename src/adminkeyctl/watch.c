// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl watch [SITE] [--notify]
 *
 * On a terminal the picture is drawn anew in its place, each second and at each change; elsewhere each change
 * is a line.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/monitor.h"
#include "adminkeyctl/notification.h"
#include "adminkeyctl/reply_text.h"
#include "adminkeyctl/status_text.h"
#include "base/text.h"
#include "os/clock.h"

#define TICK USEC_PER_SEC

/* One site as last told. */
struct watched {
    struct message_reply reply;
    struct site_view view;   /* into the reply */
    char *line;              /* as last printed or notified of */
    usec expires_site, life; /* of the key, from when it was first seen */
};

struct watch {
    const struct arguments *arguments;
    struct monitor *monitor;
    struct paint paint;
    struct watched *list; /* by name */
    size_t n, newest;
    unsigned drawn; /* lines of the picture that stands on the terminal */
};

static void watched_done(struct watched *watched)
{
    message_reply_done(&watched->reply);
    free(watched->line);
}

static void watch_done(struct watch *watch)
{
    monitor_free(watch->monitor);
    for (size_t i = 0; i < watch->n; i++)
        watched_done(&watch->list[i]);
    free(watch->list);
}

/* The place of that site in the list, made where there is none. NULL: out of memory. */
static struct watched *find(struct watch *watch, const char *site)
{
    struct watched *list;
    size_t at = 0;

    while (at < watch->n && strcmp(watch->list[at].view.site, site) < 0)
        at++;
    if (at < watch->n && text_equal(watch->list[at].view.site, site))
        return &watch->list[at];
    list = reallocarray(watch->list, watch->n + 1, sizeof(*list));
    if (!list)
        return NULL;
    watch->list = list;
    memmove(&list[at + 1], &list[at], (watch->n - at) * sizeof(*list));
    list[at] = (struct watched){.expires_site = STATUS_NEVER};
    watch->n++;
    return &list[at];
}

/* A key that was seen from its first second on shows its whole life; of others it must be guessed. */
static void note_life(struct watched *watched, bool is_first, usec now_utc)
{
    if (watched->view.expires_site == watched->expires_site)
        return;
    watched->life =
        is_first || watched->view.expires_utc == STATUS_NEVER ? 0 : watched->view.expires_utc - now_utc;
    watched->expires_site = watched->view.expires_site;
}

static char *change_line(const struct site_view *view, usec now_utc)
{
    char *line = NULL;
    size_t size;
    FILE *stream = open_memstream(&line, &size);

    if (!stream)
        return NULL;
    status_text_change(stream, view, now_utc);
    if (fclose(stream) == 0)
        return line;
    free(line);
    return NULL;
}

/* Tells of a change where the words for it are others than the last ones. */
static int tell_change(struct watch *watch, struct watched *watched, usec now_utc)
{
    _cleanup_free_ char *line = change_line(&watched->view, now_utc);
    bool is_first = !watched->line;
    char time[PAINT_TIME_MAX];

    if (!line)
        return -ENOMEM;
    if (watched->line && text_equal(line, watched->line))
        return 0;
    if (!watch->paint.bars && !watch->arguments->json) {
        printf("%s %s\n", paint_time(time, now_utc, 0), line);
        fflush(stdout);
    }
    if (watch->arguments->notify && !is_first)
        notification_show(line, view_is_degraded(&watched->view));
    free(watched->line);
    watched->line = steal_pointer(&line);
    return 0;
}

/* Takes the reply. An exit status. */
static int take_reply(struct watch *watch, struct message_reply *reply)
{
    usec now_utc = clock_utc();
    struct watched *watched;
    struct site_view view;
    bool is_first;

    if (!view_site(reply->parameters, &view))
        return monitor_complain_of_garbage(watch->monitor);
    if (watch->arguments->json)
        reply_print_json(reply);
    watched = find(watch, view.site);
    if (!watched) {
        fprintf(stderr, "adminkeyctl: out of memory\n");
        return STATUS_UNREACHABLE;
    }
    is_first = !watched->view.site;
    watch->newest = (size_t)(watched - watch->list);
    message_reply_done(&watched->reply);
    watched->reply = *reply;
    *reply = (struct message_reply){0};
    watched->view = view;
    note_life(watched, is_first, now_utc);
    return tell_change(watch, watched, now_utc) < 0 ? STATUS_UNREACHABLE : STATUS_DONE;
}

/* drawing */

/* Prints the line cut to the terminal's width: one that wraps would spoil the count of lines to go back.
 * Colour sequences have no width. */
static void print_cut(const char *line, size_t size, unsigned width)
{
    unsigned column = 0;

    for (size_t i = 0; i < size && column <= width; i++) {
        unsigned char byte = (unsigned char)line[i];

        if (byte == 033) {
            size_t end = i + strcspn(line + i, "m");

            fwrite(line + i, 1, end - i + 1, stdout);
            i = end;
            continue;
        }
        if ((byte & 0xc0) != 0x80 && ++column > width)
            break;
        fputc(byte, stdout);
    }
    fputs("\033[0m\033[K\n", stdout);
}

static unsigned print_picture(const char *picture, const struct watch *watch)
{
    unsigned lines = 0, height = terminal_height(STDOUT_FILENO);

    for (const char *line = picture; *line && lines + 1 < height; lines++) {
        size_t size = strcspn(line, "\n");

        print_cut(line, size, watch->paint.width);
        line += size + (line[size] == '\n');
    }
    return lines;
}

static void write_picture(FILE *out, const struct watch *watch, usec now_utc)
{
    struct daemon_view daemon;

    if (monitor_is_away(watch->monitor))
        fprintf(out, "adminkeyd is not reachable, trying again; this is what it said last:\n\n");
    for (size_t i = 0; i < watch->n; i++) {
        const struct watched *watched = &watch->list[i];

        if (watch->n == 1)
            status_text_site(out, &watch->paint, &watched->view, now_utc, watched->life);
        else
            status_text_line(out, &watch->paint, &watched->view, now_utc, watched->life);
    }
    if (watch->n > 0 && view_daemon(watch->list[watch->newest].reply.parameters, &daemon)) {
        fprintf(out, "\n");
        status_text_daemon(out, &watch->paint, &daemon, now_utc);
    }
}

static void draw(struct watch *watch)
{
    _cleanup_free_ char *picture = NULL;
    size_t size;
    FILE *stream = open_memstream(&picture, &size);

    if (!stream)
        return;
    watch->paint.width = terminal_width(STDOUT_FILENO);
    write_picture(stream, watch, clock_utc());
    if (fclose(stream) != 0)
        return;
    if (watch->drawn > 0)
        printf("\033[%uA", watch->drawn);
    watch->drawn = print_picture(picture, watch);
    printf("\033[J");
    fflush(stdout);
}

/* Whether a picture is drawn at all. */
static bool draws(const struct watch *watch)
{
    return watch->paint.bars && !watch->arguments->json;
}

/* Tells of what comes, for as long as it comes. An exit status. */
static int follow(struct watch *watch)
{
    int r = STATUS_DONE;

    while (r == STATUS_DONE) {
        _cleanup_(message_reply_done) struct message_reply reply = {0};

        r = monitor_next(watch->monitor, draws(watch) ? clock_boot() + TICK : USEC_INFINITY, &reply);
        if (r == STATUS_DONE)
            r = take_reply(watch, &reply);
        else if (r == CLIENT_TIMED_OUT)
            r = STATUS_DONE;
        if (r == STATUS_DONE && draws(watch) && !monitor_has_more(watch->monitor))
            draw(watch);
    }
    return r;
}

int verb_watch(const struct arguments *arguments)
{
    _cleanup_(watch_done) struct watch watch = {.arguments = arguments, .paint = paint_for_stdout(arguments)};
    int r;

    r = monitor_open(arguments, draws(&watch), &watch.monitor);
    if (r != STATUS_DONE)
        return r;
    if (arguments->notify && notification_prepare() < 0)
        fprintf(
            stderr,
            "adminkeyctl: notify-send is not there, so the desktop is told nothing: install libnotify-bin "
            "(Debian) or libnotify (Fedora)\n");
    return follow(&watch);
}
