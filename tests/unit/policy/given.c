// SPDX-License-Identifier: GPL-3.0-or-later
#include "given.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/reader.h"
#include "zones.h"

int parse_policy(const char *yaml, size_t size, bool all_keys, struct problems *problems,
                 struct policy **ret_policy)
{
    *problems = PROBLEMS_INIT;
    if (all_keys)
        return reader_parse(yaml, size, &test_zones, true, problems, ret_policy);
    return policy_parse(yaml, size, &test_zones, problems, ret_policy);
}

void print_problems(const struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++)
        printf("# %u:%u: %s: %s\n", problems->list[i].line, problems->list[i].column, problems->list[i].key,
               problems->list[i].message);
}

struct policy *accept_policy(const char *yaml, bool all_keys)
{
    struct policy *policy = NULL;
    struct problems problems;
    int r = parse_policy(yaml, strlen(yaml), all_keys, &problems, &policy);

    print_problems(&problems);
    assert_int_equal(r, 0);
    assert_int_equal(problems.n_errors, 0);
    assert_non_null(policy);
    problems_done(&problems);
    return policy;
}
