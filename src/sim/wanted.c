// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/state.h"

#define AGREE       (28 * USEC_PER_SEC) /* below this the engine may not take the clocks for different */
#define DISAGREE    (31 * USEC_PER_SEC) /* beyond this, and what a Date leaves open, it must */
#define KNOWN_OFF   (3 * USEC_PER_SEC)  /* likewise for an offset that counts */
#define DRIFT_PARTS 2500                /* the engine allows for 200 ppm, each way */
#define SAME_CLOCK  USEC_PER_MSEC
#define SLACK_SAME  USEC_PER_SEC /* how short of the end a grant may fall, clocks alike: rules 3 and 6 */
#define SLACK_MEAN  USEC_PER_MINUTE
#define SLACK_OFF   (3200 * USEC_PER_MSEC) /* and where they differ */

usec wanted_disagreement(const struct machine *machine)
{
    usec now = machine->world->now_true;
    usec difference = clocks_error(&machine->clocks, now) - machine->world->site.offset;

    return difference < 0 ? -difference : difference;
}

usec wanted_clock_doubt(const struct machine *machine)
{
    if (machine->clock_doubt == USEC_INFINITY)
        return USEC_INFINITY;
    return machine->clock_doubt + (machine->world->now_true - machine->heard_true) / DRIFT_PARTS;
}

/* Whether the daemon must know of such a difference from the Dates that it has seen. */
static bool is_known(const struct machine *machine, usec beyond)
{
    usec doubt = wanted_clock_doubt(machine);

    return doubt != USEC_INFINITY && wanted_disagreement(machine) > beyond + doubt;
}

/* Whose clock tells the hours. */
struct view {
    struct machine *machine;
    bool by_site;
};

static usec to_utc(const struct view *view, usec at_true)
{
    return view->by_site ? site_now(&view->machine->world->site, at_true)
                         : clocks_utc(&view->machine->clocks, at_true);
}

static usec to_true(const struct view *view, usec utc)
{
    const struct clocks *clocks = &view->machine->clocks;

    if (utc == USEC_INFINITY)
        return USEC_INFINITY;
    return view->by_site ? utc - view->machine->world->site.offset
                         : clocks_when(clocks, utc - clocks->utc_minus_boot);
}

/* Looks are many and windows long: what the calendar said holds until it said that it changes. */
static struct hours hours_at(const struct view *view, usec utc)
{
    struct machine *machine = view->machine;
    const struct calendar *calendar = machine->site->calendar;
    struct calendar_answer answer;

    for (size_t i = 0; i < ARRAY_SIZE(machine->hours); i++) {
        const struct hours *hours = &machine->hours[i];

        if (hours->calendar == calendar && hours->from_utc <= utc && utc < hours->until_utc)
            return *hours;
    }
    calendar_at(calendar, utc, &answer);
    machine->hours_next = (machine->hours_next + 1) % ARRAY_SIZE(machine->hours);
    return machine->hours[machine->hours_next] = (struct hours){calendar, utc, answer.until, answer.on};
}

/* Whether the key is wanted, and until when that surely stays so. */
static bool is_wanted(const struct view *view, usec at_true, usec *ret_until_true)
{
    const struct policy_site *site = view->machine->site;
    usec utc = to_utc(view, at_true);
    struct hours hours = hours_at(view, utc);
    struct calendar_answer excluded;
    struct asked_answer asked;
    bool on = hours.on;

    asked_at(view->machine, at_true, &asked);
    *ret_until_true = usec_min(to_true(view, hours.until_utc), asked.until_true);
    if (!on && asked.held && site->on_demand_outside_hours) {
        calendar_excluded_at(site->calendar, utc, &excluded);
        *ret_until_true = usec_min(*ret_until_true, to_true(view, excluded.until));
        on = !excluded.on;
    }
    return (on && !asked.disabled) || asked.glass_until_boot > 0;
}

#define PIECES_MAX 64

/* The same to its end: windows, holds and what else touches are one. */
static bool look(const struct view *view, usec *ret_until_true)
{
    bool on = is_wanted(view, view->machine->world->now_true, ret_until_true);
    usec until_true;

    for (int i = 0; i < PIECES_MAX && *ret_until_true != USEC_INFINITY &&
                    is_wanted(view, *ret_until_true, &until_true) == on;
         i++)
        *ret_until_true = until_true;
    return on;
}

static void ask_local(struct machine *machine)
{
    struct view view = {machine, false};

    machine->local_on = look(&view, &machine->local_until_true);
}

static void ask_site(struct machine *machine)
{
    struct view view = {machine, true};

    machine->site_on = look(&view, &machine->site_until_true);
}

struct door wanted_door(const struct machine *machine)
{
    const struct policy_site *site = machine->site;
    struct calendar_answer hours, excluded;
    usec utc = clocks_utc(&machine->clocks, machine->world->now_true);

    calendar_at(site->calendar, utc, &hours);
    calendar_excluded_at(site->calendar, utc, &excluded);
    return (struct door){
        .now_utc = utc,
        .most = site->on_demand_limit,
        .until_utc =
            usec_min(excluded.on ? utc : excluded.until, site->on_demand_outside_hours ? USEC_INFINITY
                                                         : hours.on                    ? hours.until
                                                                                       : utc),
    };
}

/* What the limits leave is known to so much: a daemon that has lost replies, or was away, counts what may
 * have been; and what a request that came late has made counts only from when the daemon hears of it. */
#define LIMIT_DOUBT (62 * USEC_PER_MINUTE)
#define LIMIT_LATE  (5 * USEC_PER_MINUTE)
#define DAY_MOST                                                                                             \
    (50 * USEC_PER_HOUR) /* a local day, whatever zone and clock, and the stretch that ends it               \
                          */

void wanted_spend(struct machine *machine, usec spent, bool live)
{
    struct allowance *allowance = &machine->allowance;

    if (live && !machine->denied) { /* nobody counts what a read has denied */
        allowance->stretch_used += spent;
        allowance->day_used += spent;
    }
    if (allowance->in_stretch) {
        allowance->stretch_wanted += spent;
        allowance->day_wanted += spent;
    }
}

void wanted_forget(struct machine *machine)
{
    machine->allowance.doubtful = true;
    machine->allowance.doubtful_until_true = machine->world->now_true + DAY_MOST;
}

static int32_t local_day(const struct machine *machine, usec utc)
{
    return (int32_t)(zone_wall(machine->site->zone, utc) / USEC_PER_DAY);
}

/* The daemon waits for the earliest that the site's clock may read: where that is not its own, until its
 * doubt is over, too. */
static void excuse_midnight(struct machine *machine)
{
    usec doubt = wanted_clock_doubt(machine);

    if (machine->site->limit_per_day > 0 && doubt != USEC_INFINITY &&
        wanted_disagreement(machine) > USEC_PER_SEC)
        judge_excuse(machine, machine->world->now_true + doubt, 0);
}

/* A day begins when it has begun by both clocks; an earlier one comes back when both are back there. A daemon
 * that does not know of the difference may begin it by its own. */
static void turn_day(struct machine *machine)
{
    struct allowance *allowance = &machine->allowance;
    usec now = machine->world->now_true, midnight_utc;
    usec local_utc = clocks_utc(&machine->clocks, now), site_utc = site_now(&machine->world->site, now);
    usec utc = usec_min(local_utc, site_utc), latest_utc = usec_max(local_utc, site_utc);
    int32_t begun = local_day(machine, utc), reached = local_day(machine, latest_utc);

    if (begun > allowance->day) {
        allowance->day_used = allowance->day_wanted = 0;
        allowance->day = begun;
        excuse_midnight(machine);
    } else if (reached < allowance->day) {
        allowance->day = reached;
    }
    allowance->may_be_over = reached > allowance->day && !is_known(machine, KNOWN_OFF);
    midnight_utc = zone_first_reach(machine->site->zone, (begun + 1) * USEC_PER_DAY);
    allowance->looks_true = now + midnight_utc - (latest_utc < midnight_utc ? latest_utc : utc);
}

/* What limits leave of so much at a stretch and on a day. */
static usec left_of(const struct policy_site *site, usec stretch, usec day)
{
    usec left = USEC_INFINITY;

    if (site->limit_continuous > 0)
        left = usec_min(left, site->limit_continuous - stretch);
    return site->limit_per_day > 0 ? usec_min(left, site->limit_per_day - day) : left;
}

/* Counted whatever the policy: the next one may have limits. */
static void turn_stretch(struct machine *machine)
{
    struct allowance *allowance = &machine->allowance;
    bool on = machine->local_on || machine->site_on;

    turn_day(machine);
    if (on && !allowance->in_stretch) {
        machine->stretch_true = machine->world->now_true;
        machine->stretch_is_odd = false;
        allowance->stretch_used = allowance->stretch_wanted = 0;
        allowance->doubtful =
            allowance->doubtful && machine->world->now_true < allowance->doubtful_until_true;
    }
    allowance->in_stretch = on;
}

/* For people: what the policy wants once the limits that it has are spent by the site's truth. Of a limit,
 * less than a minute is of no use where no key is live. */
static void want(struct machine *machine)
{
    struct allowance *allowance = &machine->allowance;
    usec now = machine->world->now_true;
    usec left = left_of(machine->site, allowance->stretch_used, allowance->day_used);
    bool live = machine->world->site.live && machine->world->site.issuer == machine->number;
    struct asked_answer asked;

    asked_at(machine, now, &asked);
    machine->wanted =
        machine->facts.required && (left >= (live ? 1 : USEC_PER_MINUTE) || asked.glass_until_boot > 0);
    if (live && left > 0 && left != USEC_INFINITY)
        allowance->looks_true = usec_min(allowance->looks_true, now + left);
}

/* The daemon may count what may have been on, but no more than was wanted. No limit cuts break-glass. */
static void apply_limits(struct machine *machine)
{
    struct allowance *allowance = &machine->allowance;
    usec now = machine->world->now_true, left, spare, glass_until_true;
    struct asked_answer asked;

    /* Until a new day's first stretch; and where two use one account, each counts what it knows of. */
    if (allowance->doubtful || machine->world->settings.n_daemons > 1) {
        machine->facts.required = false;
        return;
    }
    asked_at(machine, now, &asked);
    if (asked.glass_until_boot > 0) {
        glass_until_true = clocks_when(&machine->clocks, asked.glass_until_boot);
        machine->facts.required_until_true = usec_min(machine->facts.required_until_true, glass_until_true);
        allowance->looks_true = usec_min(allowance->looks_true, glass_until_true);
        return;
    }
    left = left_of(machine->site, allowance->stretch_wanted, allowance->day_wanted) - LIMIT_DOUBT;
    spare =
        left_of(machine->site, allowance->stretch_used, allowance->may_be_over ? 0 : allowance->day_used) +
        LIMIT_LATE;
    machine->facts.required = machine->facts.required && left > 0;
    machine->facts.allowed = machine->facts.allowed && spare > 0;
    if (left > 0) {
        machine->facts.required_until_true = usec_min(machine->facts.required_until_true, now + left);
        allowance->looks_true = usec_min(allowance->looks_true, now + left);
    }
    if (spare > 0)
        allowance->looks_true = usec_min(allowance->looks_true, now + spare);
}

static bool has_limits(const struct policy_site *site)
{
    return site->limit_continuous > 0 || site->limit_per_day > 0;
}

/* How short of the end a grant may fall: where the clocks differ, by what is not known of that, too. */
static usec end_slack(const struct machine *machine, usec apart)
{
    usec slack = SLACK_SAME, doubt = wanted_clock_doubt(machine);

    if (machine->world->now_true < machine->settles_true)
        slack = SLACK_MEAN;
    else if (apart > SAME_CLOCK)
        slack = SLACK_OFF + (doubt == USEC_INFINITY ? 0 : doubt);
    return slack + (machine->world->site.guesses.rounding == SITE_ROUNDS_DOWN ? USEC_PER_SEC : 0);
}

/* A policy that confines renewals has no say before the first key of a stretch. */
static bool is_confined(const struct machine *machine)
{
    if (!machine->site->renewal_windows || machine->site->renewal_mode != POLICY_RENEWAL_ONLY)
        return false;
    return machine->granted_true >= machine->stretch_true || machine->world->settings.n_daemons > 1;
}

void wanted_look(struct machine *machine)
{
    usec now = machine->world->now_true, apart;
    bool differ;

    if (!machine->looks && now < machine->local_until_true && now < machine->site_until_true &&
        machine->clocks.ppm == 0 && now < machine->allowance.looks_true)
        return;
    if (machine->looks || now >= machine->local_until_true || machine->clocks.ppm != 0)
        ask_local(machine);
    if (machine->looks || now >= machine->site_until_true)
        ask_site(machine);
    machine->looks = false;
    apart = wanted_disagreement(machine);
    differ = is_known(machine, DISAGREE);
    machine->facts = (struct facts){
        .up = machine_is_awake(machine) && !machine->stopping && machine->sleeps_true == USEC_INFINITY,
        .enforces = machine->site->enforce,
        .required = machine->local_on && machine->site_on && apart <= AGREE,
        .allowed = differ ? machine->local_on && machine->site_on : machine->local_on || machine->site_on,
        .required_until_true = usec_min(machine->local_until_true, machine->site_until_true),
        .allowed_from_true = machine->site_until_true -
                             (machine->world->site.guesses.rounding == SITE_ROUNDS_UP ? USEC_PER_SEC : 0),
        .end_slack = end_slack(machine, apart),
        .duration_minutes = machine->site->duration_minutes,
    };
    if (machine->locked && machine->site->on_lock == POLICY_DISABLE)
        machine->facts.required = machine->facts.allowed = false;
    turn_stretch(machine);
    want(machine);
    if (has_limits(machine->site))
        apply_limits(machine);
    machine->facts.confined = is_confined(machine);
    if (machine->allowance.doubtful || machine->world->settings.n_daemons > 1)
        machine->wanted = machine->facts.required; /* what another has used, or was lost, nobody can tell */
    invariants_facts(&machine->world->invariants, machine->number, &machine->facts);
    machine->inspect_true = usec_min(machine->inspect_true, now + INVARIANTS_PROGRESS);
}

usec wanted_stretch_end(const struct machine *machine)
{
    usec local = machine->local_on ? machine->local_until_true : 0;
    usec site = machine->site_on ? machine->site_until_true : 0;

    return is_known(machine, KNOWN_OFF) && local && site ? usec_min(local, site) : usec_max(local, site);
}
