// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/reading.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define SAID_MAX 512

int reading_refuse(struct reading *reading, const struct node *node, const char *format, ...)
{
    char path[NODE_PATH_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    return problems_add(reading->problems, false, node->line, node->column, node_path(path, node), "%s",
                        said);
}

int reading_refuse_key(struct reading *reading, const struct node *node, const char *format, ...)
{
    char path[NODE_PATH_MAX], said[SAID_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(said, sizeof(said), format, arguments);
    va_end(arguments);
    return problems_add(reading->problems, false, node->key_line, node->key_column, node_path(path, node),
                        "%s", said);
}

int reading_refuse_missing(struct reading *reading, const struct node *map, const char *name,
                           const char *expects)
{
    char parent[NODE_PATH_MAX], path[NODE_PATH_MAX + 64];

    node_path(parent, map);
    snprintf(path, sizeof(path), "%s%s%s", parent, *parent ? "." : "", name);
    return problems_add(reading->problems, false, map->key_line, map->key_column, path,
                        "'%s' is missing here: write %s", name, expects);
}

static int find_zone(struct reading *reading, const char *name, const struct zone **ret_zone)
{
    struct policy *policy = reading->policy;
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
    r = reading->zones->read(reading->zones->context, name, &bytes);
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

int reading_find_zone(struct reading *reading, const struct node *node, const struct zone **ret_zone)
{
    char shown[NODE_SHOWN_MAX];
    int r = is_zone_name(node->text) ? find_zone(reading, node->text, ret_zone) : -ENOENT;

    if (r == 0)
        return 0;
    *ret_zone = NULL;
    node_shown(shown, node->text);
    if (r == -ENOENT)
        return reading_refuse(
            reading, node,
            "'%s' is not a time zone of this system: write an IANA name such as Europe/Berlin, "
            "or install tzdata if it is missing",
            shown);
    if (r == -EBADMSG)
        return reading_refuse(reading, node,
                              "this system's table of the zone '%s' is damaged: install tzdata anew", shown);
    return r;
}
