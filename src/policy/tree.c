// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/tree.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/text.h"
#include "policy/policy.h"

#define BLOCK_SIZE   (64 * 1024)
#define TOKEN_PREFIX "ATATT3" /* of the vendor's API tokens */

/* Nodes and texts live as long as the tree, in blocks that never move. */
struct block {
    struct block *next;
    size_t used, size;
    _Alignas(max_align_t) char data[];
};

struct tree {
    struct block *blocks;
    struct node *root;
    size_t n_nodes;
};

/* What is being read. */
struct builder {
    yaml_parser_t yaml;
    const char *bytes;
    size_t size;
    struct problems *problems;
    struct tree *tree;
    struct node *open; /* the innermost list or map that has not ended */
    unsigned depth;
    const char *key; /* read, and waiting for its value */
    unsigned key_line, key_column;
    bool finished;
};

static void *tree_allocate(struct tree *tree, size_t size)
{
    struct block *block = tree->blocks;
    void *result;

    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (!block || block->size - block->used < size) {
        size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;

        block = malloc(sizeof(*block) + capacity);
        if (!block)
            return NULL;
        *block = (struct block){.next = tree->blocks, .size = capacity};
        tree->blocks = block;
    }
    result = block->data + block->used;
    block->used += size;
    return result;
}

struct tree *tree_free(struct tree *tree)
{
    if (!tree)
        return NULL;
    while (tree->blocks) {
        struct block *block = tree->blocks;

        tree->blocks = block->next;
        free(block);
    }
    free(tree);
    return NULL;
}

const struct node *tree_root(const struct tree *tree)
{
    return tree->root;
}

const struct node *node_child(const struct node *map, const char *key)
{
    for (const struct node *child = map->first; child; child = child->next)
        if (child->key && text_equal(child->key, key))
            return child;
    return NULL;
}

const char *node_path(char buffer[static NODE_PATH_MAX], const struct node *node)
{
    const struct node *steps[POLICY_NESTING_MAX + 1];
    char text[NODE_PATH_MAX], shown[NODE_SHOWN_MAX];
    size_t n = 0, used = 0;

    for (; node && node->parent && n < ARRAY_SIZE(steps); node = node->parent)
        steps[n++] = node;
    text[0] = '\0';
    while (n-- > 0 && used < sizeof(text)) {
        if (steps[n]->key)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? "." : "",
                                     node_shown(shown, steps[n]->key));
        else
            used += (size_t)snprintf(text + used, sizeof(text) - used, "[%zu]", steps[n]->index);
    }
    text_copy(buffer, NODE_PATH_MAX, text);
    return buffer;
}

const char *node_shown(char buffer[static NODE_SHOWN_MAX], const char *text)
{
    static const char ellipsis[] = "...";

    if (strstr(text, TOKEN_PREFIX))
        return strcpy(buffer, "(a token)");
    text_copy(buffer, NODE_SHOWN_MAX - sizeof(ellipsis), text);
    if (strlen(buffer) < strlen(text))
        strcat(buffer, ellipsis);
    return buffer;
}

/* Places are computed from an offset only where libyaml does not know them. */
static void place_of(const char *bytes, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
    const char *line = bytes;
    unsigned number = 1;

    for (const char *at; (at = memchr(line, '\n', (size_t)(bytes + offset - line))); line = at + 1)
        number++;
    *ret_line = number;
    *ret_column = (unsigned)text_characters(line, (size_t)(bytes + offset - line)) + 1;
}

static int refuse_offset(struct builder *builder, size_t offset, const char *message)
{
    unsigned line, column;
    int r;

    place_of(builder->bytes, offset, &line, &column);
    r = problems_add(builder->problems, false, line, column, "", "%s", message);
    return r < 0 ? r : TREE_REFUSED;
}

static bool key_is_due(const struct builder *builder)
{
    return builder->open && builder->open->kind == NODE_MAP && !builder->key;
}

/* A place inside the tree that is being built: the path is that of the value to come. */
static int note(struct builder *builder, yaml_mark_t mark, const char *message)
{
    struct node here = {.parent = builder->open, .key = builder->key};
    const struct node *of = key_is_due(builder) ? builder->open : &here;
    char path[NODE_PATH_MAX];

    if (builder->open)
        here.index = builder->open->n;
    return problems_add(builder->problems, false, (unsigned)mark.line + 1, (unsigned)mark.column + 1,
                        node_path(path, of), "%s", message);
}

static int refuse(struct builder *builder, yaml_mark_t mark, const char *message)
{
    int r = note(builder, mark, message);

    return r < 0 ? r : TREE_REFUSED;
}

static int check_bytes(struct builder *builder)
{
    const char *nul;
    size_t offset;

    if (builder->size > POLICY_BYTES_MAX)
        return refuse_offset(builder, 0, "the file is larger than 8 MiB, which is more than a policy may be");
    nul = memchr(builder->bytes, '\0', builder->size);
    if (nul)
        return refuse_offset(builder, (size_t)(nul - builder->bytes),
                             "a NUL byte: this is not a text file; a policy is YAML in UTF-8");
    if (!text_is_utf8(builder->bytes, builder->size, &offset))
        return refuse_offset(builder, offset, "not valid UTF-8: save the file in UTF-8");
    return 0;
}

/* libyaml's own finding, in words that say what to do. */
static int refuse_syntax(struct builder *builder)
{
    const yaml_parser_t *yaml = &builder->yaml;
    const char *problem = yaml->problem ? yaml->problem : "unreadable";
    char message[256];

    if (yaml->error == YAML_MEMORY_ERROR)
        return -ENOMEM;
    if (yaml->error == YAML_READER_ERROR) {
        snprintf(message, sizeof(message), "not valid YAML: %s", problem);
        return refuse_offset(
            builder, yaml->problem_offset < builder->size ? yaml->problem_offset : builder->size, message);
    }
    if (strstr(problem, "cannot start any token"))
        snprintf(
            message, sizeof(message),
            "not valid YAML: a tab, @, ` or %% cannot begin a value: indent with spaces, quote such text");
    else if (yaml->context)
        snprintf(message, sizeof(message), "not valid YAML: %s (%s from line %zu)", problem, yaml->context,
                 yaml->context_mark.line + 1);
    else
        snprintf(message, sizeof(message), "not valid YAML: %s", problem);
    return refuse(builder, yaml->problem_mark, message);
}

/* What no scalar of a policy may hold; NULL: nothing of it. Lines that break would forge log lines. */
static const char *forbidden_in(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i], next = i + 1 < size ? (unsigned char)text[i + 1] : 0;

        if (byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next < 0xa0))
            return "holds a control character or a line break: write it as one line of plain text";
    }
    if (strstr(text, TOKEN_PREFIX))
        return "this looks like an API token, which must not stand in a policy: revoke it, and name a "
               "credential "
               "or a file that holds the new one";
    return NULL;
}

static struct node *builder_append(struct builder *builder, enum node_kind kind, yaml_mark_t mark)
{
    struct tree *tree = builder->tree;
    struct node *node = tree_allocate(tree, sizeof(*node)), *parent = builder->open;

    if (!node)
        return NULL;
    *node = (struct node){.kind = kind, .parent = parent, .key = builder->key};
    node->line = node->key_line = (unsigned)mark.line + 1;
    node->column = node->key_column = (unsigned)mark.column + 1;
    if (builder->key) {
        node->key_line = builder->key_line;
        node->key_column = builder->key_column;
        builder->key = NULL;
    }
    if (!parent) {
        tree->root = node;
    } else {
        node->index = parent->n++;
        *(parent->last ? &parent->last->next : &parent->first) = node;
        parent->last = node;
    }
    tree->n_nodes++;
    return node;
}

static const char *builder_text(struct builder *builder, const char *text, size_t size)
{
    char *copy = tree_allocate(builder->tree, size + 1);

    if (copy) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

static int take_scalar(struct builder *builder, const yaml_event_t *event)
{
    const char *text =
        builder_text(builder, (const char *)event->data.scalar.value, event->data.scalar.length);
    const char *fault;
    struct node *node;
    int r = 0;

    if (!text)
        return -ENOMEM;
    fault = forbidden_in(text, event->data.scalar.length);
    if (fault)
        r = note(builder, event->start_mark, fault);
    if (r < 0)
        return r;
    if (key_is_due(builder)) {
        builder->key = fault ? "?" : text;
        builder->key_line = (unsigned)event->start_mark.line + 1;
        builder->key_column = (unsigned)event->start_mark.column + 1;
        return 0;
    }
    node = builder_append(builder, fault ? NODE_REFUSED : NODE_SCALAR, event->start_mark);
    if (!node)
        return -ENOMEM;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = fault ? NULL : text;
    return 0;
}

static int take_collection(struct builder *builder, enum node_kind kind, yaml_mark_t mark)
{
    struct node *node;

    if (key_is_due(builder))
        return refuse(builder, mark, "a list or map stands where a key is due");
    if (builder->depth == POLICY_NESTING_MAX)
        return refuse(builder, mark, "nested deeper than 32 levels, which no policy needs");
    node = builder_append(builder, kind, mark);
    if (!node)
        return -ENOMEM;
    builder->open = node;
    builder->depth++;
    return 0;
}

static int take_alias(struct builder *builder, yaml_mark_t mark)
{
    int r;

    if (key_is_due(builder))
        return refuse(builder, mark, "an alias (*) is not allowed in a policy: write the key out");
    r = note(builder, mark, "an alias (*) is not allowed in a policy: write the value out");
    if (r < 0)
        return r;
    return builder_append(builder, NODE_REFUSED, mark) ? 0 : -ENOMEM;
}

/* Anchors and tags are noted; the value is read on, for its own faults. */
static int note_decoration(struct builder *builder, const yaml_event_t *event, const void *anchor,
                           const void *tag)
{
    int r = 0;

    if (anchor)
        r = note(builder, event->start_mark, "an anchor (&) is not allowed in a policy: take it out");
    if (r == 0 && tag)
        r = note(builder, event->start_mark, "a tag (!) is not allowed in a policy: take it out");
    return r;
}

static int take_event(struct builder *builder, const yaml_event_t *event)
{
    int r;

    if (builder->tree->n_nodes >= TREE_NODES_MAX)
        return refuse(builder, event->start_mark, "more than a million values, which no policy needs");
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return builder->tree->root ? refuse(builder, event->start_mark,
                                            "a second document (---) begins here: a policy is one document")
                                   : 0;
    case YAML_ALIAS_EVENT: return take_alias(builder, event->start_mark);
    case YAML_SCALAR_EVENT:
        r = note_decoration(builder, event, event->data.scalar.anchor, event->data.scalar.tag);
        return r < 0 ? r : take_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        r = note_decoration(builder, event, event->data.sequence_start.anchor,
                            event->data.sequence_start.tag);
        return r < 0 ? r : take_collection(builder, NODE_LIST, event->start_mark);
    case YAML_MAPPING_START_EVENT:
        r = note_decoration(builder, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return r < 0 ? r : take_collection(builder, NODE_MAP, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->open = builder->open->parent;
        builder->depth--;
        return 0;
    case YAML_STREAM_END_EVENT: builder->finished = true; return 0;
    default: return 0;
    }
}

static int build(struct builder *builder)
{
    int r = 0;

    while (r == 0 && !builder->finished) {
        yaml_event_t event;

        if (!yaml_parser_parse(&builder->yaml, &event))
            return refuse_syntax(builder);
        r = take_event(builder, &event);
        yaml_event_delete(&event);
    }
    if (r == 0 && !builder->tree->root)
        r = refuse_offset(builder, 0, "the file is empty: a policy begins with 'version: 1'");
    return r;
}

int tree_parse(const void *yaml, size_t size, struct problems *problems, struct tree **ret_tree)
{
    _cleanup_(tree_freep) struct tree *tree = calloc(1, sizeof(*tree));
    struct builder builder = {.bytes = size ? yaml : "", .size = size, .problems = problems, .tree = tree};
    int r;

    if (!tree)
        return -ENOMEM;
    r = check_bytes(&builder);
    if (r != 0)
        return r;
    if (!yaml_parser_initialize(&builder.yaml))
        return -ENOMEM;
    yaml_parser_set_encoding(&builder.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.yaml, (const unsigned char *)builder.bytes, size);
    r = build(&builder);
    yaml_parser_delete(&builder.yaml);
    if (r == 0)
        *ret_tree = steal_pointer(&tree);
    return r;
}
