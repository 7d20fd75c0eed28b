// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The practice site: a Confluence Cloud on loopback that does with admin keys what the vendor documents, and
 * what goes wrong in the world when it is told to. For tests, and for those who want to watch adminkeyd at
 * work.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "console.h"
#include "site.h"
#include "web.h"

usec site_true_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (usec)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

usec site_time(const struct site *site)
{
    return site_true_time() + site->offset;
}

/* Logs each key's end at the instant at which it comes. */
static void *watch_keys(void *context)
{
    struct site *site = context;

    pthread_mutex_lock(&site->lock);
    while (!site->ending) {
        usec left = accounts_expire(site), until;
        struct timespec deadline;

        if (left == USEC_INFINITY) {
            pthread_cond_wait(&site->changed, &site->lock);
            continue;
        }
        until = site_true_time() + left;
        deadline.tv_sec = until / USEC_PER_SEC;
        deadline.tv_nsec = until % USEC_PER_SEC * 1000;
        pthread_cond_timedwait(&site->changed, &site->lock, &deadline);
    }
    pthread_mutex_unlock(&site->lock);
    return NULL;
}

static int write_port(const char *path, unsigned short port)
{
    char temporary[4096];
    FILE *file;

    snprintf(temporary, sizeof(temporary), "%s.new", path);
    file = fopen(temporary, "we");
    if (!file)
        return -errno;
    fprintf(file, "%u\n", port);
    return fclose(file) == 0 && rename(temporary, path) == 0 ? 0 : -errno;
}

static int serve(struct site *site)
{
    struct console *console = NULL;
    struct web *web = NULL;
    unsigned short port;
    pthread_t watcher;
    sigset_t signals;
    int signal, r;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    r = web_start(site, &web, &port);
    if (r == 0)
        r = console_start(site, &console);
    if (r == 0)
        r = -pthread_create(&watcher, NULL, watch_keys, site);
    if (r == 0) {
        r = write_port(site->options->port_file, port);
        if (r == 0)
            sigwait(&signals, &signal);
        pthread_mutex_lock(&site->lock);
        site->ending = true;
        pthread_cond_broadcast(&site->changed);
        pthread_mutex_unlock(&site->lock);
        pthread_join(watcher, NULL);
    }
    if (console)
        console_stop(console);
    if (web)
        web_stop(web);
    return r;
}

int main(int argc, char **argv)
{
    static struct site site = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct options options;
    int r = options_parse(argc, argv, &options);

    if (r != 0)
        return r;
    signal(SIGPIPE, SIG_IGN);
    site.options = &options;
    r = accounts_init(&site.accounts, &options);
    if (r == 0)
        r = story_log_open(&site.log, options.log);
    if (r == 0)
        r = serve(&site);
    faults_clear(&site.faults);
    accounts_done(&site.accounts);
    story_log_close(&site.log);
    if (r < 0)
        fprintf(stderr, "practice-site: %s\n", strerror(-r));
    return r < 0 ? 1 : 0;
}
