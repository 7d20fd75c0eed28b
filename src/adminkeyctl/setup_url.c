// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What people have at hand, as the URL of a site. Whether the policy wants it, its reader says.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adminkeyctl/setup_answers.h"
#include "base/text.h"

/* Hosts of the vendor that are no site, which people may have copied. */
static const struct {
    const char *host, *words;
} not_sites[] = {
    {"admin.atlassian.com", "that is the administration of all your sites; name the site itself"},
    {"id.atlassian.com", "that is where accounts and tokens are kept; name the site itself"},
    {"api.atlassian.com",
     "that is the gateway for scoped tokens, which serves no admin keys; name the site itself"},
};

static int check_host(const char *host, size_t size, struct error *ret_error)
{
    if (size == 0 || memchr(host, '@', size) || memchr(host, ' ', size)) {
        error_set(ret_error, "no site's address: it looks like acme, acme.atlassian.net or\n"
                             "https://acme.atlassian.net/wiki/...");
        return -EINVAL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(not_sites); i++)
        if (size == strlen(not_sites[i].host) && strncasecmp(host, not_sites[i].host, size) == 0) {
            error_set(ret_error, "%s: %s, such as acme.atlassian.net", not_sites[i].host, not_sites[i].words);
            return -EINVAL;
        }
    return 0;
}

int setup_url_normalise(const char *text, char **ret_url, struct error *ret_error)
{
    const char *scheme = "https://", *host = text + strspn(text, " "), *known;
    size_t size;
    int r;

    if (strncasecmp(host, "http://", 7) == 0)
        scheme = "http://";
    if (strncasecmp(host, scheme, strlen(scheme)) == 0)
        host += strlen(scheme);
    size = strcspn(host, "/?#");
    while (size > 0 && host[size - 1] == ' ')
        size--;
    r = check_host(host, size, ret_error);
    if (r < 0)
        return r;
    known =
        memchr(host, '.', size) || memchr(host, ':', size) || memchr(host, '[', size) ? "" : ".atlassian.net";
    if (asprintf(ret_url, "%s%.*s%s", scheme, (int)size, host, known) < 0)
        return -ENOMEM;
    for (char *at = *ret_url; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return 0;
}

int setup_url_site_name(const char *url, char **ret_name)
{
    const char *host = strstr(url, "://");
    size_t size;

    host = host ? host + 3 : url;
    size = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (size == 0 || size > 63 || *host == '-' || strspn(host, "0123456789.:") == strlen(host))
        *ret_name = strdup("confluence");
    else
        *ret_name = strndup(host, size);
    return *ret_name ? 0 : -ENOMEM;
}
