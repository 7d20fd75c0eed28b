// SPDX-License-Identifier: GPL-3.0-or-later
#include "fake_source.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const gid_t viewer_groups[] = {7, 20};

const struct peer fake_root = {.uid = 0, .gid = 0};
const struct peer fake_operator = {.uid = 10, .gid = 10};
const struct peer fake_viewer = {.uid = 11, .gid = 11, .groups = viewer_groups, .n_groups = 2};
const struct peer fake_stranger = {.uid = 12, .gid = 12};

static void get_daemon(void *context, struct daemon_status *ret_status)
{
    *ret_status = ((struct fake *)context)->daemon;
}

static size_t get_n_sites(void *context)
{
    return ((struct fake *)context)->n_sites;
}

static void get_site(void *context, size_t index, struct site_status *ret_status)
{
    struct fake *fake = context;

    assert_true(index < fake->n_sites);
    *ret_status = fake->sites[index];
}

static int do_reload(void *context)
{
    struct fake *fake = context;

    fake->reloads++;
    if (fake->on_reload)
        fake->on_reload(fake);
    return fake->reload_result;
}

static int find_user(const char *name, uid_t *ret_uid)
{
    if (strcmp(name, "operator") != 0)
        return -ENOENT;
    *ret_uid = 10;
    return 0;
}

static int find_group(const char *name, gid_t *ret_gid)
{
    if (strcmp(name, "adminkey") != 0)
        return -ENOENT;
    *ret_gid = 20;
    return 0;
}

static void set_site(struct fake *fake, size_t index)
{
    snprintf(fake->names[index], sizeof(fake->names[index]), "site-%04u", (unsigned)index);
    fake->sites[index] = (struct site_status){
        .site = fake->names[index],
        .url = "https://acme.atlassian.net",
        .user = "key-admin@acme.example",
        .enforce = true,
        .state = SITE_OFF,
        .agrees = true,
        .expires_utc = STATUS_NEVER,
        .renews_utc = STATUS_NEVER,
        .proved_off_utc = FAKE_NOW,
        .next_change_utc = STATUS_NEVER,
        .outage_tolerated_until_utc = STATUS_NEVER,
        .token_expires_utc = STATUS_NEVER,
        .foreign_expires_utc = STATUS_NEVER,
        .foreign_seen_utc = STATUS_NEVER,
    };
}

struct fake *fake_new(size_t n_sites)
{
    static const struct principal_finder finder = {.user = find_user, .group = find_group};
    char *users[] = {(char[]){"operator"}}, *groups[] = {(char[]){"adminkey"}};
    struct policy policy = {
        .operators = {.users = users, .n_users = 1},
        .viewers = {.groups = groups, .n_groups = 1},
    };
    struct problems warnings = PROBLEMS_INIT;
    struct fake *fake = calloc(1, sizeof(*fake));

    assert_non_null(fake);
    assert_true(n_sites <= FAKE_SITES_MAX);
    fake->daemon = (struct daemon_status){
        .version = "1.2.3",
        .since_utc = FAKE_NOW,
        .policy_path = "/etc/adminkeyd/policy.yaml",
        .policy_loaded_utc = FAKE_NOW,
        .rejected_utc = STATUS_NEVER,
    };
    fake->n_sites = n_sites;
    for (size_t i = 0; i < n_sites; i++)
        set_site(fake, i);
    fake->source = (struct control_source){
        .context = fake, .daemon = get_daemon, .n_sites = get_n_sites, .site = get_site, .reload = do_reload};
    assert_int_equal(bouncer_new(&policy, 30, &finder, &warnings, &fake->bouncer), 0);
    assert_int_equal(warnings.n, 0);
    fake->service = (struct service){.source = &fake->source, .bouncer = fake->bouncer};
    return fake;
}

void fake_free(struct fake *fake)
{
    bouncer_free(fake->bouncer);
    free(fake);
}
