// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SAID_MAX 512

/* What may stand where a value of that type is due. */
enum shape {
    SHAPE_SCALAR, /* zero: most types */
    SHAPE_MAP,
    SHAPE_LIST,       /* of scalars */
    SHAPE_LIST_MIXED, /* of scalars and maps */
    SHAPE_OWN,        /* the reader of the type looks for itself */
};

static const enum shape shapes[KEY_TYPES_MAX] = {
    [KEY_MAP] = SHAPE_MAP,       [KEY_PRINCIPALS] = SHAPE_MAP,     [KEY_SITES] = SHAPE_MAP,
    [KEY_INTERVALS] = SHAPE_OWN, [KEY_NAMES] = SHAPE_LIST,         [KEY_TIMES] = SHAPE_LIST_MIXED,
    [KEY_WEEKDAYS] = SHAPE_LIST, [KEY_DAYS_OF_MONTH] = SHAPE_LIST, [KEY_MONTHS] = SHAPE_LIST,
    [KEY_YEARS] = SHAPE_LIST,    [KEY_DATES] = SHAPE_LIST,
};

static const char *const kind_words[] = {
    [NODE_SCALAR] = "a single value",
    [NODE_LIST] = "a list",
    [NODE_MAP] = "a map",
    [NODE_REFUSED] = "a value",
};

int reader_refuse(struct reader *reader, const struct node *node, const char *format, ...)
{
    char path[NODE_PATH_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    return problems_add(reader->problems, false, node->line, node->column, node_path(path, node), "%s", said);
}

int reader_refuse_key(struct reader *reader, const struct node *node, const char *format, ...)
{
    char path[NODE_PATH_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    return problems_add(reader->problems, false, node->key_line, node->key_column, node_path(path, node),
                        "%s", said);
}

int reader_refuse_missing(struct reader *reader, const struct node *map, const char *name,
                          const char *expects)
{
    char parent[NODE_PATH_MAX], path[NODE_PATH_MAX + 64];

    node_path(parent, map);
    snprintf(path, sizeof(path), "%s%s%s", parent, *parent ? "." : "", name);
    return problems_add(reader->problems, false, map->key_line, map->key_column, path,
                        "'%s' is missing here: write %s", name, expects);
}

static int find_zone(struct reader *reader, const char *name, const struct zone **ret_zone)
{
    struct policy *policy = reader->policy;
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(ZONE_FILE_MAX);
    struct zone **zones, *zone;
    int r;

    for (size_t i = 0; i < policy->n_zones; i++)
        if (text_equal(zone_name(policy->zones[i]), name)) {
            *ret_zone = policy->zones[i];
            return 0;
        }
    zones = reallocarray(policy->zones, policy->n_zones + 1, sizeof(*zones));
    if (!zones)
        return -ENOMEM;
    policy->zones = zones;
    r = reader->zones->read(reader->zones->context, name, &bytes);
    if (r == 0)
        r = zone_parse(name, bytes_text(&bytes), bytes.size, &zone);
    if (r < 0)
        return r;
    *ret_zone = zones[policy->n_zones++] = zone;
    return 0;
}

/* Names that a zone directory has for other purposes, or that lead out of it. */
static bool is_zone_name(const char *name)
{
    static const char *const not_zones[] = {"localtime", "posixrules", "Factory"};

    for (size_t i = 0; i < ARRAY_SIZE(not_zones); i++)
        if (text_equal(name, not_zones[i]))
            return false;
    return strlen(name) <= ZONE_NAME_MAX && *name != '/' && !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == strlen(name);
}

int reader_find_zone(struct reader *reader, const struct node *node, const struct zone **ret_zone)
{
    char shown[NODE_SHOWN_MAX];
    int r = is_zone_name(node->text) ? find_zone(reader, node->text, ret_zone) : -ENOENT;

    if (r == 0)
        return 0;
    *ret_zone = NULL;
    node_shown(shown, node->text);
    if (r == -ENOENT)
        return reader_refuse(
            reader, node,
            "'%s' is not a time zone of this system: write an IANA name such as Europe/Berlin, "
            "or install tzdata if it is missing",
            shown);
    if (r == -EBADMSG)
        return reader_refuse(reader, node,
                             "this system's table of the zone '%s' is damaged: install tzdata anew", shown);
    return r;
}

static int read_scalar(struct reader *reader, const struct key *key, const struct node *node, void *field)
{
    value_function take = value_for(key->type);

    if (!take)
        take = interval_value_for(key->type);
    if (node->kind == NODE_REFUSED)
        return 0;
    if (node->kind == NODE_MAP && shapes[key->type] == SHAPE_LIST_MIXED)
        return take(reader, key, node, field);
    if (node->kind != NODE_SCALAR)
        return reader_refuse(reader, node, "%s stands where %s is due", kind_words[node->kind], key->expects);
    if (!*node->text || (!node->quoted && (text_equal(node->text, "~") || text_equal(node->text, "null"))))
        return reader_refuse(reader, node, "no value: write %s", key->expects);
    return take(reader, key, node, field);
}

static int read_list(struct reader *reader, const struct key *key, const struct node *node, void *field)
{
    size_t max = key->type == KEY_NAMES ? POLICY_PRINCIPALS_MAX : INTERVAL_LIST_MAX;
    int r = 0;

    if (node->kind == NODE_SCALAR && *node->text)
        return reader_refuse(reader, node, "a single value stands where a list is due: put it into [ ]");
    if (node->kind != NODE_LIST)
        return reader_refuse(reader, node,
                             "%s stands where a list is due: write a list, of which each entry is %s",
                             node->kind == NODE_SCALAR ? "nothing" : kind_words[node->kind], key->expects);
    if (node->n == 0)
        return reader_refuse(reader, node, "an empty list: write %s into it, or leave '%s' out", key->expects,
                             key->name);
    if (node->n > max)
        return reader_refuse(reader, node, "%zu entries are more than the %zu that a list may have", node->n,
                             max);
    for (const struct node *item = node->first; item && r == 0; item = item->next)
        r = read_scalar(reader, key, item, field);
    return r;
}

static int read_principals(struct reader *reader, const struct key *key, const struct node *node, void *field)
{
    if (node->n == 0)
        return reader_refuse(reader, node, "an empty map names nobody: write %s, or leave '%s' out",
                             key->expects, key->name);
    return reader_read_map(reader, key->inner, node, field);
}

static bool is_site_name(const char *name)
{
    return strlen(name) <= POLICY_SITE_NAME_MAX && *name && *name != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static bool is_renewal_window(const struct interval *interval)
{
    return interval->kind == INTERVAL_RENEWAL_WINDOW;
}

/* Moves some of the site's intervals into a calendar of their own. */
static int make_calendar(struct reader *reader, bool renewal_windows, struct calendar **ret_calendar)
{
    _cleanup_free_ struct interval *list = calloc(reader->n_intervals + 1, sizeof(*list));
    size_t n = 0;
    int r;

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < reader->n_intervals; i++)
        if (is_renewal_window(&reader->intervals[i]) == renewal_windows)
            list[n++] = reader->intervals[i];
    if (renewal_windows && n == 0)
        return 0;
    r = calendar_new(list, n, ret_calendar);
    if (r < 0)
        return r;
    steal_pointer(&list);
    for (size_t i = 0; i < reader->n_intervals; i++) /* the calendar owns what they own */
        if (is_renewal_window(&reader->intervals[i]) == renewal_windows)
            reader->intervals[i] = (struct interval){.kind = reader->intervals[i].kind};
    return 0;
}

/* Moves the intervals of the site into its calendars; where anything is wrong, there are none. */
static int finish_calendars(struct reader *reader, const struct node *node, struct policy_site *site)
{
    int r = 0;

    if (reader->n_intervals > CALENDAR_INTERVALS_MAX)
        r = reader_refuse_key(reader, node, "%zu intervals are more than the %d that a site may have",
                              reader->n_intervals, CALENDAR_INTERVALS_MAX);
    else if (reader->problems->n_errors == reader->errors_before)
        r = make_calendar(reader, false, &site->calendar);
    if (r == 0 && site->calendar)
        r = make_calendar(reader, true, &site->renewal_windows);
    for (size_t i = 0; i < reader->n_intervals; i++)
        interval_done(&reader->intervals[i]);
    free(reader->intervals);
    reader->intervals = NULL;
    reader->n_intervals = reader->intervals_capacity = 0;
    return r;
}

static int read_site(struct reader *reader, const struct node *node)
{
    struct policy *policy = reader->policy;
    struct policy_site *site = &policy->sites[policy->n_sites];
    int r, q;

    if (!is_site_name(node->key))
        r = reader_refuse_key(
            reader, node,
            "not a name for a site: write up to %d lower-case letters, digits and '-', the first "
            "of them no '-'",
            POLICY_SITE_NAME_MAX);
    else
        r = (site->name = strdup(node->key)) ? 0 : -ENOMEM;
    if (r < 0)
        return r;
    policy->n_sites++; /* from here on policy_free frees what it has */
    site->line = node->key_line;
    site->zone = policy->zone;
    site->token_expires_utc = USEC_INFINITY;
    if (node->kind == NODE_REFUSED)
        return 0;
    if (node->kind != NODE_MAP)
        return reader_refuse(reader, node,
                             "%s stands where a site's keys are due: write url, user and token below it",
                             kind_words[node->kind]);
    reader->zone = site->zone;
    r = reader_read_map(reader, MAP_SITE, node, site);
    q = finish_calendars(reader, node, site);
    return r < 0 ? r : q;
}

static int compare_keys(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
    int order = strcmp(x->key, y->key);

    return order ? order : x->index < y->index ? -1 : 1;
}

/* Sorted first, so that a name that comes twice is found among ten thousand. */
static int read_sites(struct reader *reader, const struct node *node)
{
    _cleanup_free_ const struct node **sites = NULL;
    size_t n = 0;
    int r = 0;

    if (node->n == 0)
        return reader_refuse(reader, node, "no site: write at least one, a name with its keys below it");
    if (node->n > POLICY_SITES_MAX)
        return reader_refuse(reader, node, "%zu sites are more than the %d that a policy may have", node->n,
                             POLICY_SITES_MAX);
    sites = calloc(node->n, sizeof(*sites));
    reader->policy->sites = calloc(node->n, sizeof(*reader->policy->sites));
    if (!sites || !reader->policy->sites)
        return -ENOMEM;
    for (const struct node *site = node->first; site; site = site->next)
        sites[n++] = site;
    qsort(sites, n, sizeof(*sites), compare_keys);
    for (size_t i = 0; i < n && r == 0; i++)
        if (i > 0 && text_equal(sites[i]->key, sites[i - 1]->key))
            r = reader_refuse_key(reader, sites[i],
                                  "this site stands here twice, first on line %u: drop one of them",
                                  sites[i - 1]->key_line);
        else
            r = read_site(reader, sites[i]);
    return r;
}

static int read_value(struct reader *reader, const struct key *key, const struct node *node, void *target)
{
    void *field = key->offset == KEY_NOWHERE ? NULL : (char *)target + key->offset;

    switch (shapes[key->type]) {
    case SHAPE_SCALAR: return read_scalar(reader, key, node, field);
    case SHAPE_LIST:
    case SHAPE_LIST_MIXED: return read_list(reader, key, node, field);
    case SHAPE_OWN: return intervals_read(reader, key, node);
    case SHAPE_MAP: break;
    }
    if (node->kind != NODE_MAP)
        return reader_refuse(reader, node, "%s stands where a map is due: write %s, each on a line below it",
                             node->kind == NODE_SCALAR && !*node->text ? "nothing" : kind_words[node->kind],
                             key->expects);
    if (key->type == KEY_SITES)
        return read_sites(reader, node);
    if (key->type == KEY_PRINCIPALS)
        return read_principals(reader, key, node, field);
    return reader_read_map(reader, key->inner, node, target);
}

/* What is not written has its default, which goes the same way as if it were. */
static int read_default(struct reader *reader, const struct key *key, void *target)
{
    struct node written = {.kind = NODE_SCALAR, .text = key->fallback};
    struct node empty = {.kind = NODE_MAP};
    struct policy_principals *principals;
    size_t n;

    if (key->type == KEY_MAP)
        return reader_read_map(reader, key->inner, &empty, target);
    if (!key->fallback || key->type == KEY_INTERVALS || key->offset == KEY_NOWHERE)
        return 0;
    if (key->type != KEY_PRINCIPALS)
        return read_value(reader, key, &written, target);
    principals = (struct policy_principals *)((char *)target + key->offset);
    principals->by_default = true;
    written.parent = &(struct node){.kind = NODE_LIST, .n = 1};
    return read_scalar(reader, &keys_of(key->inner, &n)[1], &written, &principals->groups);
}

static int read_found(struct reader *reader, const struct key *key, const struct node *node, void *target)
{
    if (node->kind == NODE_REFUSED)
        return 0;
    if (key->later && !reader->all_keys)
        return reader_refuse_key(reader, node, "not supported yet by this version of adminkeyd: take it out");
    if (key->place)
        *(struct policy_place *)((char *)target + key->place) =
            (struct policy_place){node->line, node->column};
    return read_value(reader, key, node, target);
}

static int refuse_unknown(struct reader *reader, enum key_map map, const struct node *node)
{
    /* Not looked for where nobody would read it: it is slow, and a file may hold a million of them. */
    const char *nearest = reader->problems->n < PROBLEMS_MAX ? keys_nearest(map, node->key) : NULL;

    if (text_equal(node->key, "?")) /* its text was refused already */
        return 0;
    if (nearest)
        return reader_refuse_key(reader, node, "unknown key: did you mean '%s'?", nearest);
    return reader_refuse_key(reader, node, "unknown key: adminkeyd-policy(5) lists those that there are");
}

int reader_read_map(struct reader *reader, enum key_map map, const struct node *node, void *target)
{
    const struct node *found[KEYS_IN_MAP_MAX] = {NULL};
    size_t n, i;
    const struct key *rows = keys_of(map, &n);
    int r = 0;

    for (const struct node *child = node->first; child && r == 0; child = child->next) {
        for (i = 0; i < n && !text_equal(rows[i].name, child->key); i++)
            ;
        if (i == n)
            r = refuse_unknown(reader, map, child);
        else if (found[i])
            r = reader_refuse_key(reader, child,
                                  "this key stands here twice, first on line %u: drop one of them",
                                  found[i]->key_line);
        else
            found[i] = child;
    }
    for (i = 0; i < n && r == 0; i++)
        if (found[i])
            r = read_found(reader, &rows[i], found[i], target);
        else if (rows[i].required)
            r = reader_refuse_missing(reader, node, rows[i].name, rows[i].expects);
        else
            r = read_default(reader, &rows[i], target);
    return r;
}

static int read_tree(struct reader *reader, const struct tree *tree)
{
    const struct node *root = tree_root(tree);

    if (root->kind == NODE_MAP)
        return reader_read_map(reader, MAP_POLICY, root, reader->policy);
    if (root->kind == NODE_REFUSED)
        return 0;
    return reader_refuse(reader, root, "%s stands where a policy is due: it begins with 'version: 1'",
                         kind_words[root->kind]);
}

int reader_parse(const void *yaml, size_t size, const struct zone_reader *zones, bool all_keys,
                 struct problems *problems, struct policy **ret_policy)
{
    _cleanup_(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
    _cleanup_(tree_freep) struct tree *tree = NULL;
    struct reader reader = {.zones = zones,
                            .problems = problems,
                            .all_keys = all_keys,
                            .policy = policy,
                            .errors_before = problems->n_errors};
    int r;

    if (!policy)
        return -ENOMEM;
    r = tree_parse(yaml, size, problems, &tree);
    if (r == 0)
        r = read_tree(&reader, tree);
    if (r < 0)
        return r;
    problems_sort(problems);
    if (problems->n_errors > reader.errors_before)
        return POLICY_REFUSED;
    *ret_policy = steal_pointer(&policy);
    return 0;
}
