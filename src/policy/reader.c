// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/reader.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/intervals.h"
#include "policy/values.h"

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

static int read_map(struct reading *reading, enum key_map map, const struct node *node, void *target);

/* An entry of `times` in its long form. */
static int read_times_map(struct reading *reading, const struct node *node, struct interval *interval)
{
    struct interval_times times = {-1, -1};
    int r = read_map(reading, MAP_TIMES, node, &times);

    if (r < 0 || times.start < 0 || times.end < 0)
        return r;
    return intervals_add_times(reading, node, interval, times);
}

static int read_scalar(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    value_function take = values_for(key->type);

    if (!take)
        take = intervals_value_for(key->type);
    if (node->kind == NODE_REFUSED)
        return 0;
    if (node->kind == NODE_MAP && shapes[key->type] == SHAPE_LIST_MIXED)
        return read_times_map(reading, node, field);
    if (node->kind != NODE_SCALAR)
        return reading_refuse(reading, node, "%s stands where %s is due", kind_words[node->kind],
                              key->expects);
    if (!*node->text || (!node->quoted && (text_equal(node->text, "~") || text_equal(node->text, "null"))))
        return reading_refuse(reading, node, "no value: write %s", key->expects);
    return take(reading, key, node, field);
}

static int read_list(struct reading *reading, const struct key *key, const struct node *node, void *field)
{
    size_t max = key->type == KEY_NAMES ? POLICY_PRINCIPALS_MAX : INTERVAL_LIST_MAX;
    int r = 0;

    if (node->kind == NODE_SCALAR && *node->text)
        return reading_refuse(reading, node, "a single value stands where a list is due: put it into [ ]");
    if (node->kind != NODE_LIST)
        return reading_refuse(reading, node,
                              "%s stands where a list is due: write a list, of which each entry is %s",
                              node->kind == NODE_SCALAR ? "nothing" : kind_words[node->kind], key->expects);
    if (node->n == 0)
        return reading_refuse(reading, node, "an empty list: write %s into it, or leave '%s' out",
                              key->expects, key->name);
    if (node->n > max)
        return reading_refuse(reading, node, "%zu entries are more than the %zu that a list may have",
                              node->n, max);
    for (const struct node *item = node->first; item && r == 0; item = item->next)
        r = read_scalar(reading, key, item, field);
    return r;
}

static int read_principals(struct reading *reading, const struct key *key, const struct node *node,
                           void *field)
{
    if (node->n == 0)
        return reading_refuse(reading, node, "an empty map names nobody: write %s, or leave '%s' out",
                              key->expects, key->name);
    return read_map(reading, key->inner, node, field);
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
static int make_calendar(struct reading *reading, bool renewal_windows, struct calendar **ret_calendar)
{
    _cleanup_free_ struct interval *list = calloc(reading->n_intervals + 1, sizeof(*list));
    size_t n = 0;
    int r;

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < reading->n_intervals; i++)
        if (is_renewal_window(&reading->intervals[i]) == renewal_windows)
            list[n++] = reading->intervals[i];
    if (renewal_windows && n == 0)
        return 0;
    r = calendar_new(list, n, ret_calendar);
    if (r < 0)
        return r;
    steal_pointer(&list);
    for (size_t i = 0; i < reading->n_intervals; i++) /* the calendar owns what they own */
        if (is_renewal_window(&reading->intervals[i]) == renewal_windows)
            reading->intervals[i] = (struct interval){.kind = reading->intervals[i].kind};
    return 0;
}

/* Moves the intervals of the site into its calendars; where anything is wrong, there are none. */
static int finish_calendars(struct reading *reading, const struct node *node, struct policy_site *site)
{
    int r = 0;

    if (reading->n_intervals > CALENDAR_INTERVALS_MAX)
        r = reading_refuse_key(reading, node, "%zu intervals are more than the %d that a site may have",
                               reading->n_intervals, CALENDAR_INTERVALS_MAX);
    else if (reading->problems->n_errors == reading->errors_before)
        r = make_calendar(reading, false, &site->calendar);
    if (r == 0 && site->calendar)
        r = make_calendar(reading, true, &site->renewal_windows);
    for (size_t i = 0; i < reading->n_intervals; i++)
        interval_done(&reading->intervals[i]);
    free(reading->intervals);
    reading->intervals = NULL;
    reading->n_intervals = reading->intervals_capacity = 0;
    return r;
}

static int read_site(struct reading *reading, const struct node *node)
{
    struct policy *policy = reading->policy;
    struct policy_site *site = &policy->sites[policy->n_sites];
    int r, q;

    if (!is_site_name(node->key))
        r = reading_refuse_key(
            reading, node,
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
        return reading_refuse(reading, node,
                              "%s stands where a site's keys are due: write url, user and token below it",
                              kind_words[node->kind]);
    reading->zone = site->zone;
    r = read_map(reading, MAP_SITE, node, site);
    q = finish_calendars(reading, node, site);
    return r < 0 ? r : q;
}

static int compare_keys(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
    int order = strcmp(x->key, y->key);

    return order ? order : x->index < y->index ? -1 : 1;
}

/* Sorted first, so that a name that comes twice is found among ten thousand. */
static int read_sites(struct reading *reading, const struct node *node)
{
    _cleanup_free_ const struct node **sites = NULL;
    size_t n = 0;
    int r = 0;

    if (node->n == 0)
        return reading_refuse(reading, node, "no site: write at least one, a name with its keys below it");
    if (node->n > POLICY_SITES_MAX)
        return reading_refuse(reading, node, "%zu sites are more than the %d that a policy may have", node->n,
                              POLICY_SITES_MAX);
    sites = calloc(node->n, sizeof(*sites));
    reading->policy->sites = calloc(node->n, sizeof(*reading->policy->sites));
    if (!sites || !reading->policy->sites)
        return -ENOMEM;
    for (const struct node *site = node->first; site; site = site->next)
        sites[n++] = site;
    qsort(sites, n, sizeof(*sites), compare_keys);
    for (size_t i = 0; i < n && r == 0; i++)
        if (i > 0 && text_equal(sites[i]->key, sites[i - 1]->key))
            r = reading_refuse_key(reading, sites[i],
                                   "this site stands here twice, first on line %u: drop one of them",
                                   sites[i - 1]->key_line);
        else
            r = read_site(reading, sites[i]);
    return r;
}

/* Takes what the interval owns, in any case. */
static int keep_interval(struct reading *reading, struct interval *interval)
{
    if (reading->n_intervals == reading->intervals_capacity) {
        size_t capacity = reading->intervals_capacity ? 2 * reading->intervals_capacity : 4;
        struct interval *list = reallocarray(reading->intervals, capacity, sizeof(*list));

        if (!list) {
            interval_done(interval);
            return -ENOMEM;
        }
        reading->intervals = list;
        reading->intervals_capacity = capacity;
    }
    reading->intervals[reading->n_intervals++] = *interval;
    return 0;
}

static int read_interval(struct reading *reading, const struct key *key, const struct node *node)
{
    struct interval interval = {
        .kind = (enum interval_kind)key->kind,
        .line = node->line,
        .column = node->column,
        .zone = reading->zone,
        .from_wall = USEC_INFINITY,
        .until_wall = USEC_INFINITY,
    };
    const struct zone *zone = reading->zone;
    size_t errors = reading->problems->n_errors;
    int r;

    if (node->kind == NODE_REFUSED)
        return 0;
    if (node->kind != NODE_MAP)
        return reading_refuse(reading, node,
                              "this is not an interval: write keys such as weekdays and times behind the "
                              "'-', all of them of the same depth");
    r = read_map(reading, MAP_INTERVAL, node, &interval);
    reading->zone = zone; /* location is this interval's alone */
    if (r == 0)
        r = intervals_check(reading, node, &interval, errors);
    if (r < 0) {
        interval_done(&interval);
        return r;
    }
    return keep_interval(reading, &interval);
}

static int read_intervals(struct reading *reading, const struct key *key, const struct node *node)
{
    bool may_be_never = key->fallback;
    int r = 0;

    if (node->kind == NODE_SCALAR && may_be_never && text_equal(node->text, "never"))
        return 0;
    if (node->kind != NODE_LIST)
        return reading_refuse(reading, node, "not a list: write %s, each entry behind a '-'", key->expects);
    if (node->n == 0)
        return may_be_never ? reading_refuse(reading, node, "an empty list: write 'never' if that is meant")
                            : reading_refuse(reading, node, "an empty list: leave '%s' out if none is meant",
                                             key->name);
    for (const struct node *item = node->first; item && r == 0; item = item->next)
        r = read_interval(reading, key, item);
    return r;
}

static int read_value(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    void *field = key->offset == KEY_NOWHERE ? NULL : (char *)target + key->offset;

    switch (shapes[key->type]) {
    case SHAPE_SCALAR: return read_scalar(reading, key, node, field);
    case SHAPE_LIST:
    case SHAPE_LIST_MIXED: return read_list(reading, key, node, field);
    case SHAPE_OWN: return read_intervals(reading, key, node);
    case SHAPE_MAP: break;
    }
    if (node->kind != NODE_MAP)
        return reading_refuse(
            reading, node, "%s stands where a map is due: write %s, each on a line below it",
            node->kind == NODE_SCALAR && !*node->text ? "nothing" : kind_words[node->kind], key->expects);
    if (key->type == KEY_SITES)
        return read_sites(reading, node);
    if (key->type == KEY_PRINCIPALS)
        return read_principals(reading, key, node, field);
    return read_map(reading, key->inner, node, target);
}

/* What is not written has its default, which goes the same way as if it were. */
static int read_default(struct reading *reading, const struct key *key, void *target)
{
    struct node written = {.kind = NODE_SCALAR, .text = key->fallback};
    struct node empty = {.kind = NODE_MAP};
    struct policy_principals *principals;
    size_t n;

    if (key->type == KEY_MAP)
        return read_map(reading, key->inner, &empty, target);
    if (!key->fallback || key->type == KEY_INTERVALS || key->offset == KEY_NOWHERE)
        return 0;
    if (key->type != KEY_PRINCIPALS)
        return read_value(reading, key, &written, target);
    principals = (struct policy_principals *)((char *)target + key->offset);
    principals->by_default = true;
    written.parent = &(struct node){.kind = NODE_LIST, .n = 1};
    return read_scalar(reading, &keys_of(key->inner, &n)[1], &written, &principals->groups);
}

static int read_found(struct reading *reading, const struct key *key, const struct node *node, void *target)
{
    if (node->kind == NODE_REFUSED)
        return 0;
    if (key->later && !reading->all_keys)
        return reading_refuse_key(reading, node,
                                  "not supported yet by this version of adminkeyd: take it out");
    if (key->place)
        *(struct policy_place *)((char *)target + key->place) =
            (struct policy_place){node->line, node->column};
    return read_value(reading, key, node, target);
}

static int refuse_unknown(struct reading *reading, enum key_map map, const struct node *node)
{
    /* Not looked for where nobody would read it: it is slow, and a file may hold a million of them. */
    const char *nearest = reading->problems->n < PROBLEMS_MAX ? keys_nearest(map, node->key) : NULL;

    if (text_equal(node->key, "?")) /* its text was refused already */
        return 0;
    if (nearest)
        return reading_refuse_key(reading, node, "unknown key: did you mean '%s'?", nearest);
    return reading_refuse_key(reading, node, "unknown key: adminkeyd-policy(5) lists those that there are");
}

static int read_map(struct reading *reading, enum key_map map, const struct node *node, void *target)
{
    const struct node *found[KEYS_IN_MAP_MAX] = {NULL};
    size_t n, i;
    const struct key *rows = keys_of(map, &n);
    int r = 0;

    for (const struct node *child = node->first; child && r == 0; child = child->next) {
        for (i = 0; i < n && !text_equal(rows[i].name, child->key); i++)
            ;
        if (i == n)
            r = refuse_unknown(reading, map, child);
        else if (found[i])
            r = reading_refuse_key(reading, child,
                                   "this key stands here twice, first on line %u: drop one of them",
                                   found[i]->key_line);
        else
            found[i] = child;
    }
    for (i = 0; i < n && r == 0; i++)
        if (found[i])
            r = read_found(reading, &rows[i], found[i], target);
        else if (rows[i].required)
            r = reading_refuse_missing(reading, node, rows[i].name, rows[i].expects);
        else
            r = read_default(reading, &rows[i], target);
    return r;
}

static int read_tree(struct reading *reading, const struct tree *tree)
{
    const struct node *root = tree_root(tree);

    if (root->kind == NODE_MAP)
        return read_map(reading, MAP_POLICY, root, reading->policy);
    if (root->kind == NODE_REFUSED)
        return 0;
    return reading_refuse(reading, root, "%s stands where a policy is due: it begins with 'version: 1'",
                          kind_words[root->kind]);
}

int reader_parse(const void *yaml, size_t size, const struct zone_reader *zones, bool all_keys,
                 struct problems *problems, struct policy **ret_policy)
{
    _cleanup_(policy_freep) struct policy *policy = calloc(1, sizeof(*policy));
    _cleanup_(tree_freep) struct tree *tree = NULL;
    struct reading reading = {.zones = zones,
                              .problems = problems,
                              .all_keys = all_keys,
                              .policy = policy,
                              .errors_before = problems->n_errors};
    int r;

    if (!policy)
        return -ENOMEM;
    r = tree_parse(yaml, size, problems, &tree);
    if (r == 0)
        r = read_tree(&reading, tree);
    if (r < 0)
        return r;
    problems_sort(problems);
    if (problems->n_errors > reading.errors_before)
        return POLICY_REFUSED;
    *ret_policy = steal_pointer(&policy);
    return 0;
}
