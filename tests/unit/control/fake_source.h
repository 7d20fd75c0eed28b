// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A daemon without a daemon: what control/source.h asks for, from values that a test sets.
 */

#include "control/service.h"

#define FAKE_SITES_MAX 5000

struct fake {
    struct daemon_status daemon;
    struct site_status sites[FAKE_SITES_MAX];
    char names[FAKE_SITES_MAX][16];
    size_t n_sites;
    int reload_result;
    unsigned reloads;
    void (*on_reload)(struct fake *fake);
    void *userdata;
    struct control_source source;
    struct bouncer *bouncer; /* root, uid 10 is an operator, group 20 may view */
    struct service service;
};

#define FAKE_NOW INT64_C(1795420800000000) /* 2026-11-23T08:00:00Z */

extern const struct peer fake_root, fake_operator, fake_viewer, fake_stranger;

/* A daemon with that many sites, "site-0000" and on, each off. Asserts that there is memory. */
struct fake *fake_new(size_t n_sites);
void fake_free(struct fake *fake);
