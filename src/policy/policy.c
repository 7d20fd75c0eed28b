// SPDX-License-Identifier: GPL-3.0-or-later
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/reader.h"

int policy_parse(const void *yaml, size_t size, const struct zone_reader *zones, struct problems *problems,
                 struct policy **ret_policy)
{
    return reader_parse(yaml, size, zones, false, problems, ret_policy);
}

static void names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

static void principals_done(struct policy_principals *principals)
{
    names_free(principals->users, principals->n_users);
    names_free(principals->groups, principals->n_groups);
}

static void site_done(struct policy_site *site)
{
    calendar_free(site->calendar);
    calendar_free(site->renewal_windows);
    free(site->name);
    free(site->url);
    free(site->user);
    free(site->token);
    free(site->ca_file);
    free(site->proxy);
}

struct policy *policy_free(struct policy *policy)
{
    if (!policy)
        return NULL;
    for (size_t i = 0; i < policy->n_sites; i++)
        site_done(&policy->sites[i]);
    free(policy->sites);
    principals_done(&policy->operators);
    principals_done(&policy->viewers);
    for (size_t i = 0; i < policy->n_zones; i++)
        zone_free(policy->zones[i]);
    free(policy->zones);
    free(policy);
    return NULL;
}

static int compare_name(const void *name, const void *site)
{
    return strcmp(name, ((const struct policy_site *)site)->name);
}

const struct policy_site *policy_find_site(const struct policy *policy, const char *name)
{
    return bsearch(name, policy->sites, policy->n_sites, sizeof(*policy->sites), compare_name);
}
