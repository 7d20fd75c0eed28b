// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/goal.h"

#include "engine/engine.h"
#include "engine/renewal.h"
#include "engine/site_clock.h"

/* Pieces of one answer that are put together; a longer chain is looked at again when it comes to its end. */
#define PIECES_MAX (4 * DEMAND_HOLDS_MAX)

/* What one clock says of all that is wanted. */
struct view {
    const struct policy_site *site;
    const struct demand *demand;
    usec utc_minus_boot;
};

/* From an instant on, as long as nothing that it depends on changes. */
struct piece {
    bool on;
    usec until_boot;
    struct cause cause;
};

static enum cause_kind kind_of(enum interval_kind kind)
{
    switch (kind) {
    case INTERVAL_ACTIVE_HOURS: return CAUSE_ACTIVE_HOURS;
    case INTERVAL_MAINTENANCE_WINDOW: return CAUSE_MAINTENANCE_WINDOW;
    case INTERVAL_EXCLUDE: return CAUSE_EXCLUDE;
    case INTERVAL_RENEWAL_WINDOW: break; /* is in no calendar of goals */
    }
    return CAUSE_NONE;
}

static struct cause cause_of(const struct calendar_answer *answer)
{
    struct cause cause = {.kind = CAUSE_NONE, .until_utc = answer->until};

    if (answer->because) {
        cause.kind = kind_of(answer->because->kind);
        cause.name = answer->because->name;
        cause.reason = answer->because->reason;
        cause.line = answer->because->line;
    }
    return cause;
}

static struct cause cause_of_hold(const struct hold *hold)
{
    return (struct cause){.kind = hold->kind, .reason = hold->reason, .until_utc = hold->until_utc};
}

static usec to_boot(const struct view *view, usec utc)
{
    return utc == USEC_INFINITY ? USEC_INFINITY : utc - view->utc_minus_boot;
}

/* The hold that lasts longest of those that are, or are not, break-glass; NULL: none. */
static const struct hold *longest_hold(const struct view *view, usec boot, bool break_glass)
{
    const struct hold *longest = NULL;

    for (size_t i = 0; i < view->demand->n_holds; i++) {
        const struct hold *hold = &view->demand->holds[i];

        if (hold->until_boot > boot && (hold->kind == CAUSE_BREAK_GLASS) == break_glass &&
            (!longest || hold->until_boot > longest->until_boot))
            longest = hold;
    }
    return longest;
}

/* A hold counts where no exclude cuts it, and where there are hours or it needs none. */
static void add_hold(const struct view *view, usec boot, struct piece *piece)
{
    const struct hold *hold = longest_hold(view, boot, false);
    struct calendar_answer excluded;

    if (!hold || piece->on)
        return; /* inside the hours it adds nothing until their end, which is another piece */
    calendar_excluded_at(view->site->calendar, boot + view->utc_minus_boot, &excluded);
    piece->until_boot =
        usec_min(piece->until_boot, usec_min(hold->until_boot, to_boot(view, excluded.until)));
    if (excluded.on || !view->site->on_demand_outside_hours)
        return;
    piece->on = true;
    piece->cause = cause_of_hold(hold);
}

static void take_disable(const struct view *view, usec boot, struct piece *piece)
{
    const struct demand *demand = view->demand;

    if (!demand->disabled || demand->disabled_until_boot <= boot)
        return;
    piece->until_boot = usec_min(piece->until_boot, demand->disabled_until_boot);
    if (!piece->on)
        return;
    piece->on = false;
    piece->cause = (struct cause){
        .kind = CAUSE_DISABLE,
        .reason = *demand->disabled_reason ? demand->disabled_reason : NULL,
        .until_utc = demand->disabled_until_utc,
    };
}

static struct piece piece_at(const struct view *view, usec boot)
{
    const struct hold *break_glass = longest_hold(view, boot, true);
    struct calendar_answer hours;
    struct piece piece;

    calendar_at(view->site->calendar, boot + view->utc_minus_boot, &hours);
    piece =
        (struct piece){.on = hours.on, .until_boot = to_boot(view, hours.until), .cause = cause_of(&hours)};
    add_hold(view, boot, &piece);
    take_disable(view, boot, &piece);
    if (!break_glass)
        return piece;
    piece.until_boot = usec_min(piece.until_boot, break_glass->until_boot);
    if (!piece.on)
        piece.cause = cause_of_hold(break_glass);
    piece.on = true;
    return piece;
}

/* The piece that begins now, with all that follow and say the same. The calendar has put its own together. */
static struct piece merged(const struct view *view, usec boot)
{
    struct piece first = piece_at(view, boot);

    if (view->demand->n_holds == 0 && !view->demand->disabled)
        return first;
    for (int i = 0; i < PIECES_MAX && first.until_boot != USEC_INFINITY; i++) {
        struct piece next = piece_at(view, first.until_boot);

        if (next.on != first.on)
            break;
        first.until_boot = next.until_boot;
    }
    return first;
}

usec goal_left_of_stretch(const struct goal_question *question)
{
    usec limit = question->site->limit_continuous;

    return limit == 0 ? USEC_INFINITY : limit - usec_min(limit, question->usage->stretch_used);
}

usec goal_left_of_day(const struct goal_question *question)
{
    usec limit = question->site->limit_per_day;

    return limit == 0 ? USEC_INFINITY : limit - usec_min(limit, question->usage->day_used);
}

static usec next_midnight_boot(const struct goal_question *question, const struct instant *now)
{
    usec midnight_utc = usage_next_midnight(question->usage, question->site->zone);
    usec site_utc = site_clock_now(question->clock, now).earliest;

    return now->boot + (midnight_utc - usec_min(now->utc, site_utc));
}

static void spend(struct goal *goal, usec until_boot, const struct instant *now)
{
    goal->on = false;
    goal->until_boot = usec_min(goal->until_boot, until_boot);
    goal->until_utc =
        goal->until_boot == USEC_INFINITY ? USEC_INFINITY : now->utc + (goal->until_boot - now->boot);
    goal->cause = (struct cause){.kind = CAUSE_LIMIT, .until_utc = goal->until_utc};
}

static void shorten(struct goal *goal, usec until_boot, const struct instant *now)
{
    if (until_boot >= goal->until_boot)
        return;
    goal->until_boot = until_boot;
    goal->until_utc = now->utc + (until_boot - now->boot);
}

static void spend_limits(const struct goal_question *question, const struct instant *now, struct goal *goal)
{
    usec least = question->live ? 1 : USEC_PER_MINUTE - RENEWAL_LATE;
    usec stretch = goal_left_of_stretch(question), day = goal_left_of_day(question), midnight_boot;

    if (stretch < least) {
        spend(goal, goal->until_boot, now);
        return;
    }
    if (stretch != USEC_INFINITY)
        shorten(goal, now->boot + stretch, now);
    if (day == USEC_INFINITY)
        return;
    midnight_boot = next_midnight_boot(question, now);
    if (day < least)
        spend(goal, midnight_boot, now);
    else if (now->boot + day < midnight_boot)
        shorten(goal, now->boot + day, now);
    else if (question->site->limit_per_day < USEC_PER_DAY)
        shorten(goal, midnight_boot + question->site->limit_per_day, now); /* then tomorrow's is spent */
}

/* Break-glass is not cut by a limit; what comes after it is. */
static void apply_limits(const struct view *view, const struct goal_question *question,
                         const struct instant *now, struct goal *goal)
{
    const struct hold *break_glass = longest_hold(view, now->boot, true);
    struct goal limited = *goal;

    spend_limits(question, now, &limited);
    if (!break_glass || (limited.on && limited.until_boot >= break_glass->until_boot)) {
        *goal = limited;
        return;
    }
    shorten(goal, break_glass->until_boot, now);
    if (!limited.on)
        goal->cause = cause_of_hold(break_glass);
}

/* Both clocks have a say. */
static void apply_distrust(const struct goal_question *question, const struct instant *now, struct goal *goal)
{
    usec offset = site_clock_offset(question->clock, now);
    struct site_time site_now = site_clock_now(question->clock, now);
    struct view view = {question->site, question->demand, site_now.latest - now->boot};
    struct piece there;

    if (offset == 0)
        return;
    there = merged(&view, now->boot);
    if (offset > SITE_CLOCK_DISTRUST || offset < -SITE_CLOCK_DISTRUST) {
        if (there.on) { /* it began for sure only when the earliest that the site's clock may read says so */
            struct view earliest = {question->site, question->demand, site_now.earliest - now->boot};
            struct piece began = merged(&earliest, now->boot);

            there.on = began.on;
            there.until_boot = usec_min(there.until_boot, began.until_boot);
        }
        goal->distrusted = goal->on && !there.on;
        goal->on = goal->on && there.on;
    } else if (goal->on && !there.on && offset > 0) {
        goal->on = false; /* the site is ahead: the stretch has ended there */
    } else if (!goal->on || !there.on) {
        return;
    }
    if (there.until_boot < goal->until_boot) {
        goal->until_boot = there.until_boot;
        goal->until_utc = there.until_boot + view.utc_minus_boot;
    }
}

void goal_at(const struct goal_question *question, const struct instant *now, struct goal *ret_goal)
{
    struct view view = {question->site, question->demand, now->utc - now->boot};
    struct piece here = merged(&view, now->boot);

    *ret_goal = (struct goal){
        .on = here.on,
        .until_boot = here.until_boot,
        .until_utc = here.until_boot == USEC_INFINITY ? USEC_INFINITY : here.until_boot + view.utc_minus_boot,
        .cause = here.cause,
    };
    apply_distrust(question, now, ret_goal);
    ret_goal->wanted = ret_goal->on;
    ret_goal->wanted_until_boot = ret_goal->until_boot;
    if (ret_goal->on)
        apply_limits(&view, question, now, ret_goal);
}
