// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/state.h"

#define AGREE       (28 * USEC_PER_SEC) /* below this the engine may not take the clocks for different */
#define DISAGREE    (31 * USEC_PER_SEC) /* beyond this, and what a Date leaves open, it must */
#define KNOWN_OFF   (3 * USEC_PER_SEC)  /* likewise for an offset that counts */
#define DRIFT_PARTS 2500                /* the engine allows for 200 ppm, each way */
#define SAME_CLOCK  USEC_PER_MSEC
#define SLACK_SAME  (600 * USEC_PER_MSEC) /* how short of the end a grant may fall, clocks alike */
#define SLACK_MEAN  USEC_PER_MINUTE
#define SLACK_OFF   (3200 * USEC_PER_MSEC) /* and where they differ */

static usec smaller(usec a, usec b)
{
    return a < b ? a : b;
}

static usec larger(usec a, usec b)
{
    return a > b ? a : b;
}

static usec disagreement(const struct machine *machine)
{
    usec now = machine->world->now_true;
    usec difference = clocks_error(&machine->clocks, now) - machine->world->site.offset;

    return difference < 0 ? -difference : difference;
}

/* Whether the daemon must know of such a difference from the Dates that it has seen. */
static bool is_known(const struct machine *machine, usec beyond)
{
    usec now = machine->world->now_true;

    return machine->best_round_trip != USEC_INFINITY &&
           disagreement(machine) >
               beyond + machine->best_round_trip + (now - machine->heard_true) / DRIFT_PARTS;
}

static void ask_local(struct machine *machine)
{
    usec now = machine->world->now_true, utc = clocks_utc(&machine->clocks, now);
    struct calendar_answer answer;

    calendar_at(machine->site->calendar, utc, &answer);
    machine->local_on = answer.on;
    machine->local_until_true = USEC_INFINITY;
    if (answer.until != USEC_INFINITY)
        machine->local_until_true =
            clocks_when(&machine->clocks, clocks_boot(&machine->clocks, now) + (answer.until - utc));
}

static void ask_site(struct machine *machine)
{
    usec now = machine->world->now_true;
    struct calendar_answer answer;

    calendar_at(machine->site->calendar, site_now(&machine->world->site, now), &answer);
    machine->site_on = answer.on;
    machine->site_until_true =
        answer.until == USEC_INFINITY ? USEC_INFINITY : answer.until - machine->world->site.offset;
}

void wanted_look(struct machine *machine)
{
    usec now = machine->world->now_true, apart;
    bool differ;

    if (!machine->looks && now < machine->local_until_true && now < machine->site_until_true &&
        machine->clocks.ppm == 0)
        return;
    if (machine->looks || now >= machine->local_until_true || machine->clocks.ppm != 0)
        ask_local(machine);
    if (machine->looks || now >= machine->site_until_true)
        ask_site(machine);
    machine->looks = false;
    apart = disagreement(machine);
    differ = is_known(machine, DISAGREE);
    machine->facts = (struct facts){
        .up = machine_is_awake(machine) && !machine->stopping && machine->sleeps_true == USEC_INFINITY,
        .enforces = machine->site->enforce,
        .required = machine->local_on && machine->site_on && apart <= AGREE,
        .allowed = differ ? machine->local_on && machine->site_on : machine->local_on || machine->site_on,
        .confined = machine->site->renewal_windows && machine->site->renewal_mode == POLICY_RENEWAL_ONLY,
        .required_until_true = smaller(machine->local_until_true, machine->site_until_true),
        .allowed_from_true = machine->site_until_true -
                             (machine->world->site.guesses.rounding == SITE_ROUNDS_UP ? USEC_PER_SEC : 0),
        .end_slack = (now < machine->settles_true ? SLACK_MEAN
                      : apart > SAME_CLOCK        ? SLACK_OFF
                                                  : SLACK_SAME) +
                     (machine->world->site.guesses.rounding == SITE_ROUNDS_DOWN ? USEC_PER_SEC : 0),
        .duration_minutes = machine->site->duration_minutes,
    };
    invariants_facts(&machine->world->invariants, machine->number, &machine->facts);
    machine->inspect_true = smaller(machine->inspect_true, now + INVARIANTS_PROGRESS);
}

usec wanted_stretch_end(const struct machine *machine)
{
    usec local = machine->local_on ? machine->local_until_true : 0;
    usec site = machine->site_on ? machine->site_until_true : 0;

    return is_known(machine, KNOWN_OFF) && local && site ? smaller(local, site) : larger(local, site);
}
