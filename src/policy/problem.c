// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MESSAGE_MAX 512

static int problems_keep(struct problems *problems, const struct problem *problem)
{
    struct problem *list;
    size_t n = problems->n;

    /* Grows at each power of two. */
    if ((n & (n - 1)) == 0) {
        list = realloc(problems->list, (n ? 2 * n : 1) * sizeof(*list));
        if (!list)
            return -ENOMEM;
        problems->list = list;
    }
    problems->list[problems->n++] = *problem;
    return 0;
}

int problems_add(struct problems *problems, bool warning, unsigned line, unsigned column, const char *key,
                 const char *format, ...)
{
    struct problem problem = {.warning = warning, .line = line, .column = column};
    _cleanup_free_ char *own_key = NULL, *own_message = NULL;
    char text[4 * MESSAGE_MAX], message[MESSAGE_MAX];
    va_list arguments;
    int r;

    if (problems->n < PROBLEMS_MAX) {
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        text_copy(message, sizeof(message), text); /* never cut inside a character */
        problem.key = own_key = strdup(key);
        problem.message = own_message = strdup(message);
        if (!own_key || !own_message)
            return -ENOMEM;
        r = problems_keep(problems, &problem);
        if (r < 0)
            return r;
        steal_pointer(&own_key);
        steal_pointer(&own_message);
    } else {
        problems->n_dropped++;
    }
    *(warning ? &problems->n_warnings : &problems->n_errors) += 1;
    return 0;
}

static bool stands_after(const struct problem *a, const struct problem *b)
{
    return a->line != b->line ? a->line > b->line : a->column > b->column;
}

/* By insertion: stable, needs no memory, and the list is short and nearly sorted. */
void problems_sort(struct problems *problems)
{
    for (size_t i = 1; i < problems->n; i++) {
        struct problem problem = problems->list[i];
        size_t at = i;

        for (; at > 0 && stands_after(&problems->list[at - 1], &problem); at--)
            problems->list[at] = problems->list[at - 1];
        problems->list[at] = problem;
    }
}

void problems_done(struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        free(problems->list[i].key);
        free(problems->list[i].message);
    }
    free(problems->list);
    *problems = PROBLEMS_INIT;
}
