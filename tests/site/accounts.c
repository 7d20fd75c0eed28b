// SPDX-License-Identifier: GPL-3.0-or-later
#include "accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "site.h"

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, section 4. */
static void encode_base64(const char *text, char *out)
{
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = (unsigned)(unsigned char)text[i] << 16;

        bits |= i + 1 < size ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
        bits |= i + 2 < size ? (unsigned)(unsigned char)text[i + 2] : 0;
        *out++ = base64_letters[bits >> 18 & 63];
        *out++ = base64_letters[bits >> 12 & 63];
        *out++ = i + 1 < size ? base64_letters[bits >> 6 & 63] : '=';
        *out++ = i + 2 < size ? base64_letters[bits & 63] : '=';
    }
    *out = '\0';
}

static bool is_role(const char *text)
{
    return text_equal(text, "admin") || text_equal(text, "member") || text_equal(text, "scoped");
}

static int init_account(struct account *account, const char *words)
{
    const char *role = strrchr(words, ':'), *colon = strchr(words, ':');
    char credentials[512], encoded[1024];

    if (!role || role == colon || !is_role(role + 1) || (size_t)(role - words) >= sizeof(credentials))
        return -EINVAL;
    snprintf(credentials, sizeof(credentials), "%.*s", (int)(role - words), words);
    encode_base64(credentials, encoded);
    account->user = strndup(words, (size_t)(colon - words));
    account->admin = text_equal(role, ":admin");
    account->scoped = text_equal(role, ":scoped");
    if (!account->user || asprintf(&account->authorization, "Basic %s", encoded) < 0)
        return -ENOMEM;
    return 0;
}

int accounts_init(struct accounts *accounts, const struct options *options)
{
    for (size_t i = 0; i < options->n_accounts; i++) {
        int r = init_account(&accounts->list[accounts->n++], options->accounts[i]);

        if (r < 0)
            return r;
    }
    return 0;
}

void accounts_done(struct accounts *accounts)
{
    for (size_t i = 0; i < accounts->n; i++) {
        free(accounts->list[i].user);
        free(accounts->list[i].authorization);
    }
    accounts->n = 0;
}

struct account *accounts_by_authorization(struct accounts *accounts, const char *authorization)
{
    for (size_t i = 0; authorization && i < accounts->n; i++)
        if (text_equal(accounts->list[i].authorization, authorization) && !accounts->list[i].scoped)
            return &accounts->list[i];
    return NULL;
}

struct account *accounts_by_user(struct accounts *accounts, const char *user)
{
    for (size_t i = 0; user && i < accounts->n; i++)
        if (text_equal(accounts->list[i].user, user))
            return &accounts->list[i];
    return NULL;
}

bool accounts_is_live(const struct site *site, const struct account *account)
{
    return account->live && site_time(site) < account->expires;
}

void accounts_switch(struct site *site, struct account *account, usec expires, const char *by)
{
    bool was_live;

    accounts_expire(site);
    was_live = account->live;
    account->live = expires > 0;
    account->expires = expires;
    if (was_live || account->live)
        story_log_key(site, account->user,
                      !account->live ? "disabled"
                      : was_live     ? "renewed"
                                     : "enabled",
                      expires, by);
}

usec accounts_expire(struct site *site)
{
    usec now = site_time(site), next = USEC_INFINITY;

    for (size_t i = 0; i < site->accounts.n; i++) {
        struct account *account = &site->accounts.list[i];

        if (!account->live)
            continue;
        if (account->expires > now) {
            if (account->expires - now < next)
                next = account->expires - now;
            continue;
        }
        account->live = false;
        story_log_key(site, account->user, "expired", account->expires, "time");
    }
    return next;
}
