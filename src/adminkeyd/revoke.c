// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/revoke.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyd/keeper.h"
#include "adminkeyd/policy_file.h"
#include "adminkeyd/policy_journal.h"
#include "base/text.h"
#include "os/clock.h"

/* As long as a key can live that was enabled just now. */
#define LONGEST_LIFE (CONFLUENCE_MINUTES_MAX * USEC_PER_MINUTE)

struct revocation;

struct target {
    struct revocation *revocation;
    struct policy_site site; /* the policy's, but to be switched off whatever `on_stop` says */
    struct keeper *keeper;
    bool over;
};

struct revocation {
    struct surroundings surroundings;
    struct target *targets; /* sorted by name */
    size_t n_targets, n_over;
};

static void on_keeper(void *context, struct keeper *keeper)
{
    struct target *target = context;
    struct revocation *revocation = target->revocation;

    if (target->over || !keeper_is_stopped(keeper))
        return;
    target->over = true;
    if (++revocation->n_over == revocation->n_targets)
        loop_end(revocation->surroundings.loop, 0);
}

static void recall(void *context, const struct record *record)
{
    struct revocation *revocation = context;

    for (size_t low = 0, high = revocation->n_targets; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(record->site, revocation->targets[middle].site.name);

        if (order == 0) {
            keeper_remember(revocation->targets[middle].keeper, record);
            return;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
}

/* --all: whatever is on counts as ours, and as live for as long as a key can be. */
static void claim(const struct target *target)
{
    struct record record = {.kind = RECORD_SEEN, .ours = true, .has_expiry = true};

    record.at_utc = clock_utc();
    record.expires_site = record.at_utc + LONGEST_LIFE;
    text_copy(record.site, sizeof(record.site), target->site.name);
    keeper_remember(target->keeper, &record);
}

static int set_up(struct revocation *revocation, const struct policy *policy)
{
    revocation->targets = calloc(policy->n_sites, sizeof(*revocation->targets));
    if (!revocation->targets)
        return -ENOMEM;
    for (size_t i = 0; i < policy->n_sites; i++) {
        struct target *target = &revocation->targets[i];
        int r;

        *target = (struct target){.revocation = revocation, .site = policy->sites[i]};
        target->site.on_stop = POLICY_DISABLE;
        r = keeper_new(&revocation->surroundings, &target->site, on_keeper, target, &target->keeper);
        if (r < 0)
            return r;
        revocation->n_targets++;
    }
    return 0;
}

/* The engines are told to stop: for a restart, which keeps what the policy wants; else for good. */
static int carry_out(struct revocation *revocation, bool all)
{
    size_t damaged;
    int r;

    r = ledger_replay(revocation->surroundings.ledger, recall, revocation, &damaged);
    if (r < 0)
        return r;
    for (size_t i = 0; i < revocation->n_targets; i++) {
        if (all || damaged > 0)
            claim(&revocation->targets[i]);
        keeper_stop(revocation->targets[i].keeper, !all);
    }
    return loop_run(revocation->surroundings.loop);
}

static bool is_settled(const struct target *target, bool all)
{
    struct site_status status;

    keeper_status(target->keeper, &status);
    return !keeper_has_called(target->keeper) || status.proved_off_utc != STATUS_NEVER ||
           (status.goal_on && !all);
}

static int judge(const struct revocation *revocation, bool all)
{
    int outcome = 0;

    for (size_t i = 0; i < revocation->n_targets; i++) {
        const struct target *target = &revocation->targets[i];

        if (is_settled(target, all))
            continue;
        outcome = REVOKE_NOT_PROVED;
        journal_say(
            &revocation->surroundings.journal, REPORT_KEY_LEFT, target->site.name,
            "the key could not be proved off; one of ours ends by itself within %d minutes at the latest. "
            "Run adminkeyd --revoke-only again, or switch it off in the site's settings",
            CONFLUENCE_MINUTES_MAX);
    }
    return outcome;
}

static void revocation_done(struct revocation *revocation)
{
    for (size_t i = 0; i < revocation->n_targets; i++)
        keeper_free(revocation->targets[i].keeper);
    free(revocation->targets);
    if (revocation->surroundings.loop)
        surroundings_done(&revocation->surroundings);
}

int revoke_run(const struct options *options, struct journal journal, struct error *ret_error)
{
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(problems_done) struct problems kept_problems = PROBLEMS_INIT;
    _cleanup_(policy_file_unrefp) struct policy_file *file = NULL;
    _cleanup_(revocation_done) struct revocation revocation = {0};
    int r;

    r = policy_file_load(options->policy, &problems, &file);
    if (r == POLICY_FILE_REFUSED && policy_file_load_kept(options->ledger, &kept_problems, &file) == 0) {
        policy_journal_rejected(&journal, options->policy, &problems,
                                ": keys are switched off by the last one that was in force");
        r = 0;
    } else if (r == POLICY_FILE_REFUSED) {
        policy_journal_rejected(&journal, options->policy, &problems, ": nothing can be switched off by it");
        return REVOKE_POLICY_REFUSED;
    }
    if (r == 0)
        r = surroundings_init(&revocation.surroundings, journal, options->ledger, ret_error);
    if (r == 0)
        r = set_up(&revocation, file->policy);
    if (r == 0)
        r = carry_out(&revocation, options->revoke_all);
    if (r < 0 && !*ret_error->text)
        error_set(ret_error, "cannot revoke: %s", strerror(-r));
    return r < 0 ? r : judge(&revocation, options->revoke_all);
}
