// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adminkeyd/keeper.h"
#include "base/text.h"
#include "os/clock.h"

#define ROTATE_AGAIN USEC_PER_HOUR /* after a rotation that failed */

struct member {
    struct fleet *fleet;
    struct keeper *keeper;
    size_t index;
    bool fresh; /* not in force yet */
    bool begun; /* has made its first step */
    bool settled, stopped;
    bool restless; /* has something left to do before the machine sleeps */
    /* of a site that is gone */
    bool parting;
    struct member *next_parting;
    struct policy_file *old_policy;
    struct policy_site old_site; /* like the old policy's, but to be switched off */
};

struct fleet {
    struct surroundings *surroundings;
    struct policy_file *policy; /* in force; NULL: none yet */
    struct member **members;    /* sorted by name */
    size_t n_members, n_settled, n_stopped;
    struct member *parting;
    bool begun;
    bool asleep, locked; /* the machine */
    size_t n_restless;
    usec rotate_boot; /* not before */
    fleet_handler handler;
    void *context;
};

static void set_restless(struct member *member, bool restless)
{
    member->fleet->n_restless += (size_t)restless - (size_t)member->restless;
    member->restless = restless;
}

static struct member *member_free(struct member *member)
{
    if (member) {
        set_restless(member, false);
        keeper_free(member->keeper);
        policy_file_unref(member->old_policy);
        free(member);
    }
    return NULL;
}
DEFINE_CLEANUP(struct member *, member_free);

static const char *member_name(const struct member *member)
{
    return keeper_site(member->keeper)->name;
}

static struct member *find_member(struct member *const *members, size_t n, const char *name)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, member_name(members[middle]));

        if (order == 0)
            return members[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* the ledger's rotation */

static int write_open_of(const struct member *member, struct ledger *fresh)
{
    struct record records[ENGINE_OPEN_RECORDS_MAX];
    size_t n = keeper_open_records(member->keeper, records);
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++)
        r = ledger_append(fresh, &records[i], false);
    return r;
}

static int write_open(void *context, struct ledger *fresh)
{
    struct fleet *fleet = context;
    int r = 0;

    for (size_t i = 0; i < fleet->n_members && r == 0; i++)
        r = write_open_of(fleet->members[i], fresh);
    for (const struct member *member = fleet->parting; member && r == 0; member = member->next_parting)
        r = write_open_of(member, fresh);
    return r;
}

static void rotate_ledger(struct fleet *fleet)
{
    struct surroundings *surroundings = fleet->surroundings;
    int r;

    if (!ledger_is_full(surroundings->ledger) || clock_boot() < fleet->rotate_boot)
        return;
    r = ledger_rotate(surroundings->ledger, write_open, fleet);
    if (r == 0)
        return;
    fleet->rotate_boot = clock_boot() + ROTATE_AGAIN;
    journal_say(
        &surroundings->journal, REPORT_LEDGER_FAILED, NULL,
        "the ledger is large and cannot be rotated: %s. It grows on; see the disk of the state directory",
        strerror(-r));
}

/* members */

static void leave(struct fleet *fleet, struct member *member)
{
    struct member **link = &fleet->parting;

    while (*link != member)
        link = &(*link)->next_parting;
    *link = member->next_parting;
    member_free(member);
}

static void on_keeper(void *context, struct keeper *keeper)
{
    struct member *member = context;
    struct fleet *fleet = member->fleet;
    size_t index = keeper_has_changed(keeper) && !member->parting ? member->index : FLEET_NO_SITE;

    if (!member->parting && !member->settled && keeper_is_settled(keeper)) {
        member->settled = true;
        fleet->n_settled++;
    }
    if (!member->parting && !member->stopped && keeper_is_stopped(keeper)) {
        member->stopped = true;
        fleet->n_stopped++;
    }
    if (member->restless && keeper_is_sleep_ready(keeper))
        set_restless(member, false);
    rotate_ledger(fleet);
    if (member->parting && keeper_is_stopped(keeper))
        leave(fleet, member);
    fleet->handler(fleet->context, index);
}

static int member_new(struct fleet *fleet, const struct policy_site *site, struct member **ret_member)
{
    _cleanup_(member_freep) struct member *member = calloc(1, sizeof(*member));
    int r;

    if (!member)
        return -ENOMEM;
    member->fleet = fleet;
    member->fresh = true;
    r = keeper_new(fleet->surroundings, site, on_keeper, member, &member->keeper);
    if (r == 0)
        *ret_member = steal_pointer(&member);
    return r;
}

/* a policy comes into force */

/* The members of the new policy, before any of it is in force. */
struct crew {
    struct member **members;
    size_t n, n_fresh;
};

static void crew_done(struct crew *crew)
{
    for (size_t i = 0; i < crew->n; i++)
        if (crew->members[i]->fresh)
            member_free(crew->members[i]);
    free(crew->members);
}

static bool same_account(const struct policy_site *a, const struct policy_site *b)
{
    return text_equal(a->name, b->name) && text_equal(a->url, b->url) && text_equal(a->user, b->user);
}

static int muster(struct fleet *fleet, const struct policy *policy, struct crew *crew)
{
    crew->members = calloc(policy->n_sites, sizeof(*crew->members));
    if (!crew->members)
        return -ENOMEM;
    for (size_t i = 0; i < policy->n_sites; i++) {
        const struct policy_site *site = &policy->sites[i];
        struct member *known = find_member(fleet->members, fleet->n_members, site->name);

        if (known && same_account(keeper_site(known->keeper), site)) {
            crew->members[crew->n++] = known;
        } else {
            int r = member_new(fleet, site, &crew->members[crew->n]);

            if (r < 0)
                return r;
            crew->n++;
            crew->n_fresh++;
        }
    }
    return 0;
}

static void recall(void *context, const struct record *record)
{
    const struct crew *crew = context;
    struct member *member = find_member(crew->members, crew->n, record->site);

    if (member && member->fresh)
        keeper_remember(member->keeper, record);
}

static int recall_ledger(struct fleet *fleet, struct crew *crew, size_t *ret_damaged)
{
    size_t damaged = 0;
    int r;

    if (crew->n_fresh > 0) {
        r = ledger_replay(fleet->surroundings->ledger, recall, crew, &damaged);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; damaged > 0 && i < crew->n; i++)
        if (crew->members[i]->fresh)
            keeper_remember_damage(crew->members[i]->keeper);
    *ret_damaged = damaged;
    return 0;
}

/* The site is gone: its key is switched off, whatever `on_stop` says of the daemon's own end. */
static void part(struct fleet *fleet, struct member *member)
{
    member->parting = true;
    member->next_parting = fleet->parting;
    fleet->parting = member;
    member->old_policy = policy_file_ref(fleet->policy);
    member->old_site = *keeper_site(member->keeper);
    if (member->old_site.on_stop == POLICY_KEEP) {
        member->old_site.on_stop = POLICY_DISABLE;
        keeper_take_policy(member->keeper, &member->old_site);
    }
    keeper_stop(member->keeper, false);
}

/* A site that comes back before it was switched off: two keepers of one key would undo each other's work. */
static void drop_parting(struct fleet *fleet, const struct policy_site *site)
{
    for (struct member *member = fleet->parting, *next; member; member = next) {
        next = member->next_parting;
        if (same_account(keeper_site(member->keeper), site))
            leave(fleet, member);
    }
}

/* Its first step: whatever it has to know of the machine by then. */
static void begin(struct member *member)
{
    const struct fleet *fleet = member->fleet;

    if (member->begun)
        return;
    member->begun = true;
    if (fleet->locked)
        keeper_tell(member->keeper, ENGINE_LOCKED);
    if (fleet->asleep) {
        set_restless(member, true);
        keeper_tell(member->keeper, ENGINE_SLEEP);
    }
    if (!fleet->locked && !fleet->asleep)
        keeper_wake(member->keeper);
}

static void start(struct member *member, const struct policy_site *site)
{
    if (member->fresh) {
        drop_parting(member->fleet, site);
        member->fresh = false;
        if (member->fleet->begun)
            begin(member);
    } else {
        member->begun = true;
        keeper_take_policy(member->keeper, site);
    }
}

static void put_in_force(struct fleet *fleet, struct crew *crew, struct policy_file *file)
{
    _cleanup_free_ struct member **old = fleet->members;
    size_t n_old = fleet->n_members;
    struct policy_file *old_policy = fleet->policy;

    fleet->members = steal_pointer(&crew->members);
    fleet->n_members = crew->n;
    crew->n = 0;
    fleet->n_settled = 0;
    for (size_t i = 0; i < fleet->n_members; i++) {
        fleet->members[i]->index = i;
        fleet->n_settled += fleet->members[i]->settled;
    }
    for (size_t i = 0; i < n_old; i++)
        if (find_member(fleet->members, fleet->n_members, member_name(old[i])) != old[i])
            part(fleet, old[i]);
    fleet->policy = policy_file_ref(file);
    for (size_t i = 0; i < fleet->n_members; i++)
        start(fleet->members[i], &file->policy->sites[i]);
    policy_file_unref(old_policy); /* not before: until now, members that stay were using it */
}

int fleet_take_policy(struct fleet *fleet, struct policy_file *file, size_t *ret_damaged)
{
    _cleanup_(crew_done) struct crew crew = {0};
    int r;

    r = muster(fleet, file->policy, &crew);
    if (r == 0)
        r = recall_ledger(fleet, &crew, ret_damaged);
    if (r == 0)
        put_in_force(fleet, &crew, file);
    return r;
}

/* the fleet */

int fleet_new(struct surroundings *surroundings, fleet_handler handler, void *context,
              struct fleet **ret_fleet)
{
    struct fleet *fleet = calloc(1, sizeof(*fleet));

    if (!fleet)
        return -ENOMEM;
    *fleet = (struct fleet){.surroundings = surroundings, .handler = handler, .context = context};
    *ret_fleet = fleet;
    return 0;
}

struct fleet *fleet_free(struct fleet *fleet)
{
    if (!fleet)
        return NULL;
    for (size_t i = 0; i < fleet->n_members; i++)
        member_free(fleet->members[i]);
    while (fleet->parting)
        leave(fleet, fleet->parting);
    free(fleet->members);
    policy_file_unref(fleet->policy);
    free(fleet);
    return NULL;
}

/* Those that part, too: their keys are not off yet. */
static void tell_all(struct fleet *fleet, enum engine_event_kind kind)
{
    for (size_t i = 0; i < fleet->n_members; i++)
        if (fleet->members[i]->begun)
            keeper_tell(fleet->members[i]->keeper, kind);
    for (struct member *member = fleet->parting, *next; member; member = next) {
        next = member->next_parting;
        keeper_tell(member->keeper, kind);
    }
}

void fleet_begin(struct fleet *fleet)
{
    fleet->begun = true;
    for (size_t i = 0; i < fleet->n_members; i++)
        begin(fleet->members[i]);
}

void fleet_wake(struct fleet *fleet)
{
    tell_all(fleet, ENGINE_WAKE);
}

void fleet_lock(struct fleet *fleet, bool locked)
{
    fleet->locked = locked;
    tell_all(fleet, locked ? ENGINE_LOCKED : ENGINE_UNLOCKED);
}

void fleet_sleep(struct fleet *fleet, bool asleep)
{
    fleet->asleep = asleep;
    for (size_t i = 0; i < fleet->n_members; i++)
        set_restless(fleet->members[i], asleep && fleet->members[i]->begun);
    for (struct member *member = fleet->parting; member; member = member->next_parting)
        set_restless(member, asleep);
    tell_all(fleet, asleep ? ENGINE_SLEEP : ENGINE_AWAKE);
}

void fleet_network_up(struct fleet *fleet)
{
    tell_all(fleet, ENGINE_NETWORK);
}

void fleet_stop(struct fleet *fleet, bool restart)
{
    fleet_begin(fleet);
    for (size_t i = 0; i < fleet->n_members; i++)
        keeper_stop(fleet->members[i]->keeper, restart);
}

size_t fleet_size(const struct fleet *fleet)
{
    return fleet->n_members;
}

const struct policy_site *fleet_site(const struct fleet *fleet, size_t index)
{
    return keeper_site(fleet->members[index]->keeper);
}

void fleet_status(const struct fleet *fleet, size_t index, struct site_status *ret_status)
{
    keeper_status(fleet->members[index]->keeper, ret_status);
}

bool fleet_is_settled(const struct fleet *fleet)
{
    return fleet->n_settled == fleet->n_members;
}

bool fleet_is_stopped(const struct fleet *fleet)
{
    return fleet->n_stopped == fleet->n_members && !fleet->parting;
}

bool fleet_is_sleep_ready(const struct fleet *fleet)
{
    return fleet->n_restless == 0;
}

usec fleet_due_boot(const struct fleet *fleet)
{
    usec due_boot = USEC_INFINITY;

    for (size_t i = 0; i < fleet->n_members; i++) {
        usec of_member = keeper_due_boot(fleet->members[i]->keeper);

        due_boot = of_member < due_boot ? of_member : due_boot;
    }
    return due_boot;
}
