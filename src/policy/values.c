// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The text that stands there to what the program works with. A message never repeats what may hold a secret:
 * addresses, users, tokens.
 */
#include "policy/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/dates.h"

#define URL_MAX            300
#define HOST_MAX           253
#define USER_MAX           254
#define CREDENTIAL_MAX     128
#define PATH_BYTES_MAX     4095
#define NAME_MAX_BYTES     256
#define DURATION_INPUT_MAX 64
#define PAGE_DIGITS_MAX    19

static int keep_text(const char *text, void *field)
{
    char *copy;

    if (!field)
        return 0;
    copy = strdup(text);
    if (!copy)
        return -ENOMEM;
    *(char **)field = copy;
    return 0;
}

static int read_version(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    char shown[NODE_SHOWN_MAX];

    (void)key;
    (void)field;
    if (text_equal(node->text, "1"))
        return 0;
    return reading_refuse(reading, node, "version '%s' is not known: this adminkeyd reads version 1",
                          node_shown(shown, node->text));
}

static int read_zone(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    (void)key;
    /* A zone that is refused leaves none: what depends on it is then not judged. */
    int r = reading_find_zone(reading, node, &reading->zone);

    if (r == 0)
        *(const struct zone **)field = reading->zone;
    return r;
}

static int read_boolean(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false}};
    char shown[NODE_SHOWN_MAX];

    (void)key;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (text_equal(node->text, words[i].word)) {
            if (field)
                *(bool *)field = words[i].value;
            return 0;
        }
    return reading_refuse(reading, node, "'%s' is none of yes, no, true, false",
                          node_shown(shown, node->text));
}

static int read_choice(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    char shown[NODE_SHOWN_MAX];

    for (int i = 0; key->choices[i]; i++) {
        if (!text_equal(node->text, key->choices[i]))
            continue;
        if (field)
            *(int *)field = i;
        return 0;
    }
    return reading_refuse(reading, node, "'%s' is not known here: write %s", node_shown(shown, node->text),
                          key->expects);
}

/* Limits read better in hours and minutes than in the shortest form: "60m", "24h". */
static const char *limit_format(char buffer[static DURATION_TEXT_MAX], usec limit)
{
    bool hours = limit > USEC_PER_HOUR && limit % USEC_PER_HOUR == 0;

    snprintf(buffer, DURATION_TEXT_MAX, "%lld%c",
             (long long)(limit / (hours ? USEC_PER_HOUR : USEC_PER_MINUTE)), hours ? 'h' : 'm');
    return buffer;
}

/* Reads a duration within the key's limits; *ret is -1 where it was refused. */
static int read_limited(struct reading *reading, const struct key *key, const struct node *node, usec *ret)
{
    char low[DURATION_TEXT_MAX], high[DURATION_TEXT_MAX], shown[NODE_SHOWN_MAX];
    const char *allowed_by = key->allowed_by ? key->allowed_by : "is allowed";
    struct error error = {""};
    usec duration;

    *ret = -1;
    limit_format(low, key->low);
    limit_format(high, key->high);
    node_shown(shown, node->text);
    if (strlen(node->text) > DURATION_INPUT_MAX)
        return reading_refuse(reading, node, "'%s' is not a duration: write %s", shown, key->expects);
    if (duration_parse(node->text, &duration, &error) < 0)
        return reading_refuse(reading, node, "%s", error.text);
    if (duration > key->high)
        return reading_refuse(reading, node, "%s is more than %s (%s to %s)", shown, allowed_by, low, high);
    if (duration < key->low && key->high == DURATION_MAX)
        return reading_refuse(reading, node, "%s is less than %s (%s at least)", shown, allowed_by, low);
    if (duration < key->low)
        return reading_refuse(reading, node, "%s is less than %s (%s to %s)", shown, allowed_by, low, high);
    *ret = duration;
    return 0;
}

static int read_duration(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    usec duration;
    int r = read_limited(reading, key, node, &duration);

    if (r == 0 && duration >= 0 && field)
        *(usec *)field = duration;
    return r;
}

static int read_minutes(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    usec duration;
    int r = read_limited(reading, key, node, &duration);

    if (r < 0 || duration < 0)
        return r;
    if (duration % USEC_PER_MINUTE)
        return reading_refuse(reading, node, "%s is not a number of whole minutes: write %um or %um",
                              node->text, (unsigned)(duration / USEC_PER_MINUTE),
                              (unsigned)(duration / USEC_PER_MINUTE) + 1);
    *(unsigned *)field = (unsigned)(duration / USEC_PER_MINUTE);
    return 0;
}

static int read_last_day(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    char shown[NODE_SHOWN_MAX];
    int32_t days;

    if (!date_parse(node->text, &days))
        return reading_refuse(reading, node, "'%s' is not a date: write %s", node_shown(shown, node->text),
                              key->expects);
    if (reading->zone)
        *(usec *)field = zone_first_reach(reading->zone, (days + 1) * USEC_PER_DAY);
    return 0;
}

static int read_wall(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    char shown[NODE_SHOWN_MAX];
    usec wall;

    if (!wall_parse(node->text, &wall))
        return reading_refuse(reading, node,
                              "'%s' is not a local date and time: write %s, between 1970 and %d",
                              node_shown(shown, node->text), key->expects, ZONE_YEAR_LAST);
    *(usec *)field = wall;
    return 0;
}

static int read_text(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    if (strlen(node->text) > (size_t)key->high)
        return reading_refuse(reading, node, "%zu bytes are more than the %d that fit here",
                              strlen(node->text), (int)key->high);
    return keep_text(node->text, field);
}

static int read_page(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    if (strlen(node->text) > PAGE_DIGITS_MAX || strspn(node->text, "0123456789") != strlen(node->text))
        return reading_refuse(reading, node, "not the number of a page: write %s, as in the page's address",
                              key->expects);
    return keep_text(node->text, field);
}

static int read_path(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    if (*node->text != '/' || strlen(node->text) > PATH_BYTES_MAX)
        return reading_refuse(reading, node, "not an absolute path: write %s", key->expects);
    return keep_text(node->text, field);
}

/* One '@' with something on both sides. A colon would end the name in HTTP's basic authentication. */
static int read_user(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    const char *at = strchr(node->text, '@');

    if (strlen(node->text) > USER_MAX || !at || at == node->text || !at[1] || strchr(at + 1, '@') ||
        strpbrk(node->text, " :,;<>\"/\\"))
        return reading_refuse(reading, node, "not an e-mail address: write %s", key->expects);
    return keep_text(node->text, field);
}

/* Older API tokens are 24 letters and digits. Names of people's choice rarely mix all three kinds for so
 * long. */
static bool looks_like_token(const char *text)
{
    bool upper = false, lower = false, digit = false;
    size_t size = strlen(text);

    for (const char *at = text; *at; at++) {
        upper = upper || isupper((unsigned char)*at);
        lower = lower || islower((unsigned char)*at);
        digit = digit || isdigit((unsigned char)*at);
        if (strchr("-._", *at))
            return false;
    }
    return size >= 20 && upper && lower && digit;
}

static bool is_credential_name(const char *text)
{
    return strlen(text) <= CREDENTIAL_MAX && isalnum((unsigned char)*text) &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(text);
}

static int read_token(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    if (*node->text == '/')
        return read_path(reading, key, node, field);
    if (looks_like_token(node->text))
        return reading_refuse(reading, node,
                              "this looks like an API token, which must not stand in a policy: revoke it, "
                              "and write %s",
                              key->expects);
    if (!is_credential_name(node->text))
        return reading_refuse(reading, node,
                              "neither a credential's name (letters, digits, '.', '_' and '-') nor an "
                              "absolute path: write %s",
                              key->expects);
    return keep_text(node->text, field);
}

/* The parts of an address; nothing is copied. */
struct url {
    const char *rest; /* behind the scheme */
    const char *host;
    size_t host_size; /* with the brackets of an IPv6 address */
    const char *port; /* NULL: none */
    size_t port_size;
    const char *path; /* "" or what follows */
};

static bool is_host(const char *host, size_t size)
{
    if (size == 0 || size > HOST_MAX)
        return false;
    if (*host == '[')
        return size > 3 && strspn(host + 1, "0123456789abcdefABCDEF:.") == size - 2 &&
               memchr(host, ':', size);
    for (size_t i = 0, label = 0; i < size; i++) {
        bool edge = i == label || i + 1 == size || host[i + 1] == '.';

        if (host[i] == '.' ? i == label : !isalnum((unsigned char)host[i]) && (host[i] != '-' || edge))
            return false;
        if (host[i] == '.')
            label = i + 1;
    }
    return true;
}

static bool is_port(const char *port, size_t size)
{
    return size > 0 && size <= 5 && strspn(port, "0123456789") >= size && atoi(port) >= 1 &&
           atoi(port) <= 65535;
}

/* Splits what stands behind the scheme. NULL, or what is wrong with it. */
static const char *split_url(const char *rest, struct url *url)
{
    size_t size = strcspn(rest, "/?#");
    const char *colon;

    if (memchr(rest, '@', size))
        return "a user or password must not stand in an address: take out what stands before the '@'";
    url->host = rest;
    url->path = rest + size;
    if (*rest == '[') {
        const char *bracket = memchr(rest, ']', size);

        colon = bracket && bracket[1] == ':' ? bracket + 1 : NULL;
        if (!bracket || (!colon && bracket + 1 != rest + size))
            return "not an IPv6 address in brackets: write it as in https://[2001:db8::1]";
    } else {
        colon = memchr(rest, ':', size);
    }
    url->host_size = colon ? (size_t)(colon - rest) : size;
    url->port = colon ? colon + 1 : NULL;
    url->port_size = colon ? size - url->host_size - 1 : 0;
    if (!is_host(url->host, url->host_size))
        return "not the name of a host: write it in ASCII (an international name in its xn-- form)";
    if (url->port && !is_port(url->port, url->port_size))
        return "not a port: write a number from 1 to 65535 behind the ':'";
    return NULL;
}

static bool is_loopback(const struct url *url)
{
    unsigned a, b, c;
    char host[16], more;

    if ((url->host_size == 9 && strncasecmp(url->host, "localhost", 9) == 0) ||
        (url->host_size == 5 && strncmp(url->host, "[::1]", 5) == 0))
        return true;
    if (url->host_size >= sizeof(host))
        return false;
    memcpy(host, url->host, url->host_size);
    host[url->host_size] = '\0';
    return sscanf(host, "127.%3u.%3u.%3u%c", &a, &b, &c, &more) == 3 && a < 256 && b < 256 && c < 256;
}

/* scheme://host[:port], lower case. */
static int keep_url(const char *scheme, const struct url *url, void *field)
{
    char text[URL_MAX];

    snprintf(text, sizeof(text), "%s%.*s%s%.*s", scheme, (int)url->host_size, url->host, url->port ? ":" : "",
             (int)url->port_size, url->port ? url->port : "");
    for (char *at = text; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return keep_text(text, field);
}

/* The scheme that the text begins with, in any case, or NULL. */
static const char *find_scheme(const char *text, const char *const *schemes)
{
    for (; *schemes; schemes++)
        if (strncasecmp(text, *schemes, strlen(*schemes)) == 0)
            return *schemes;
    return NULL;
}

static int read_url(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    static const char *const schemes[] = {"https://", "http://", NULL};
    const char *scheme = find_scheme(node->text, schemes), *fault;
    struct url url = {NULL};

    if (!scheme)
        return reading_refuse(reading, node, "the address must begin with https://: write %s", key->expects);
    fault = split_url(node->text + strlen(scheme), &url);
    if (fault)
        return reading_refuse(reading, node, "%s", fault);
    if (strncmp(url.path, "/wiki", 5) == 0)
        return reading_refuse(reading, node,
                              "/wiki does not belong into the address: end it behind the host, adminkeyd "
                              "adds what is needed");
    if (*url.path && !text_equal(url.path, "/"))
        return reading_refuse(reading, node,
                              "the address must end behind the host: take out the path or query");
    if (*scheme == 'h' && text_equal(scheme, "http://") && !is_loopback(&url))
        return reading_refuse(reading, node,
                              "http:// would send the token in clear: write https:// (http:// is allowed "
                              "to a loopback address only)");
    return keep_url(scheme, &url, field);
}

static int read_proxy(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    static const char *const schemes[] = {"http://", "https://", "socks5h://", "socks5://", NULL};
    const char *scheme = find_scheme(node->text, schemes), *fault;
    struct url url = {NULL};

    if (!scheme)
        return reading_refuse(reading, node,
                              "a proxy's address begins with http://, https://, socks5:// or socks5h://: "
                              "write %s",
                              key->expects);
    fault = split_url(node->text + strlen(scheme), &url);
    if (fault)
        return reading_refuse(reading, node, "%s", fault);
    if (*url.path && !text_equal(url.path, "/"))
        return reading_refuse(reading, node, "a proxy's address must end behind the host and port");
    return keep_url(scheme, &url, field);
}

/* One entry of a list of users or groups: an array, and its length behind it. */
static int read_name(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    struct {
        char **names;
        size_t n;
    } *list = field;

    if (strlen(node->text) > NAME_MAX_BYTES || *node->text == '-' || strpbrk(node->text, " :,/"))
        return reading_refuse(reading, node, "not a name that the system could know: write %s", key->expects);
    if (!list->names && !(list->names = calloc(node->parent->n, sizeof(*list->names))))
        return -ENOMEM;
    list->names[list->n] = strdup(node->text);
    return list->names[list->n] ? (list->n++, 0) : -ENOMEM;
}

value_function values_for(enum key_type type)
{
    static const value_function functions[KEY_TYPES_MAX] = {
        [KEY_VERSION] = read_version,   [KEY_ZONE] = read_zone,       [KEY_URL] = read_url,
        [KEY_USER] = read_user,         [KEY_TOKEN] = read_token,     [KEY_PATH] = read_path,
        [KEY_PROXY] = read_proxy,       [KEY_TEXT] = read_text,       [KEY_PAGE] = read_page,
        [KEY_LAST_DAY] = read_last_day, [KEY_BOOLEAN] = read_boolean, [KEY_MINUTES] = read_minutes,
        [KEY_DURATION] = read_duration, [KEY_CHOICE] = read_choice,   [KEY_NAMES] = read_name,
        [KEY_WALL] = read_wall,
    };

    return functions[type];
}
