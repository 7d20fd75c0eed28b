// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as a policy. Read twice: as it is, and with the keys that are not supported yet. What is accepted
 * is looked at from a day of 2026 on, as `adminkeyctl check` does.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "policy/reader.h"
#include "../unit/policy/zones.h"

#define NOW_UTC (INT64_C(1795435200) * USEC_PER_SEC)

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_problems(const struct problems *problems)
{
    demand(problems->n <= PROBLEMS_MAX);
    demand(problems->n + problems->n_dropped == problems->n_errors + problems->n_warnings);
    for (size_t i = 0; i < problems->n; i++)
        demand(problems->list[i].line > 0 && problems->list[i].column > 0 && *problems->list[i].message);
}

static void read_policy(const uint8_t *data, size_t size, bool all_keys)
{
    struct problems problems = PROBLEMS_INIT;
    struct policy *policy = NULL;
    int r = reader_parse(data, size, &test_zones, all_keys, &problems, &policy);

    demand(r == 0 || r == POLICY_REFUSED);
    demand((r == 0) == (policy != NULL));
    demand((r == 0) == (problems.n_errors == 0));
    if (policy)
        demand(policy_warn(policy, NOW_UTC, &problems) == 0 && problems.n_errors == 0);
    check_problems(&problems);
    for (size_t i = 0; policy && i < policy->n_sites; i++)
        demand(policy->sites[i].calendar &&
               policy_find_site(policy, policy->sites[i].name) == &policy->sites[i]);
    policy_free(policy);
    problems_done(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_policy(data, size, false);
    read_policy(data, size, true);
    return 0;
}
