// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * YAML bytes as a tree of scalars, lists and maps, each with its place. What a policy never needs is refused
 * here: other encodings than UTF-8, a second document, anchors, aliases, tags, control characters, and an API
 * token anywhere. What keys mean, the tree does not know; two equal keys of a map both stand in it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "policy/problem.h"

#define TREE_NODES_MAX (1024 * 1024)

enum node_kind {
    NODE_SCALAR,
    NODE_LIST,
    NODE_MAP,
    NODE_REFUSED, /* a problem was noted already: say nothing more about it */
};

struct node {
    enum node_kind kind;
    bool quoted;                   /* a scalar in quotes */
    unsigned line, column;         /* 1-based, of the value; columns in characters */
    unsigned key_line, key_column; /* of its key; of the value where it has none */
    const char *key;               /* in a map; else NULL */
    const char *text;              /* of a scalar; else NULL. UTF-8 without control characters */
    struct node *parent;           /* NULL: the root */
    struct node *first, *last;     /* children */
    struct node *next;             /* sibling */
    size_t index;                  /* among the parent's children, from 0 */
    size_t n;                      /* children */
};

struct tree;

enum tree_outcome {
    TREE_REFUSED = 1, /* no tree can be made of it; `problems` says why */
};

/* Problems that leave a tree are appended too, with the result 0. 0, TREE_REFUSED or -ENOMEM. */
int tree_parse(const void *yaml, size_t size, struct problems *problems, struct tree **ret_tree);
struct tree *tree_free(struct tree *tree);
DEFINE_CLEANUP(struct tree *, tree_free);

const struct node *tree_root(const struct tree *tree);

/* The first child of a map with that key, or NULL. */
const struct node *node_child(const struct node *map, const char *key);

/* "sites.acme.active_hours[0].times[1]"; cut at the buffer's end. */
#define NODE_PATH_MAX 512
const char *node_path(char buffer[static NODE_PATH_MAX], const struct node *node);

/* The text as it may be shown in a message: cut, and never a token. */
#define NODE_SHOWN_MAX 80
const char *node_shown(char buffer[static NODE_SHOWN_MAX], const char *text);
