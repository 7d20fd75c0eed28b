// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/invariants.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LAST_MINUTE   (60 * USEC_PER_SEC)
#define LIFE_LATE     USEC_PER_SEC       /* a timer that is late, as rule 4 allows */
#define EARLIER_MOST  (3 * USEC_PER_SEC) /* clocks within two seconds count as one, and replies take time */
#define UNREAD_SLACK  (5 * USEC_PER_SEC)
#define REPLY_MOST    (30 * USEC_PER_SEC) /* the breaker counts from the reply on */
#define NEAR          (5 * USEC_PER_SEC)
#define SAME_END      USEC_PER_SEC
#define GRANTS_MINUTE 3
#define GRANTS_LEAST  12
#define POSTS_HOUR    150
#define CLOCKS_MINUTE (USEC_PER_MINUTE - 100 * USEC_PER_MSEC) /* drift, where a ledger dates by UTC */
#define CLOCKS_HOUR   (USEC_PER_HOUR - 2 * USEC_PER_SEC)

void invariants_break(struct invariants *invariants, enum invariant invariant, unsigned daemon,
                      const char *format, ...)
{
    struct breach *breach = &invariants->breach;
    va_list arguments;

    if (breach->invariant != 0 || invariants->unjudged)
        return;
    breach->invariant = invariant;
    breach->at_true = invariants->now_true;
    breach->daemon = daemon;
    va_start(arguments, format);
    vsnprintf(breach->text, sizeof(breach->text), format, arguments);
    va_end(arguments);
}

void invariants_init(struct invariants *invariants, unsigned n_daemons, usec now_true)
{
    *invariants = (struct invariants){.now_true = now_true, .n_daemons = n_daemons};
    for (unsigned i = 1; i <= n_daemons; i++) {
        struct ward *ward = &invariants->wards[i];

        ward->required_since = ward->gap_since = ward->exposed_since = USEC_INFINITY;
        ward->excused_gap = ward->excused_exposure = ward->memory_since = now_true;
    }
}

static unsigned most_grants(unsigned duration_minutes)
{
    unsigned most = 3 * ((60 + duration_minutes - 1) / duration_minutes);

    return most > GRANTS_LEAST ? most : GRANTS_LEAST;
}

enum counted {
    COUNTED_SENT,
    COUNTED_ACTED, /* by when they were sent */
    COUNTED_HEARD, /* all, by when the daemon heard of them */
};

/* How many POSTs within that time, this instant included. */
static unsigned count(const struct ward *ward, usec now_true, usec span, enum counted counted,
                      unsigned *ret_most)
{
    unsigned n = 0;

    *ret_most = 0;
    for (size_t i = 0; i < INVARIANTS_POSTS_MAX; i++) {
        const struct post *post = &ward->posts[i];
        usec at_true = counted == COUNTED_HEARD ? post->heard_true : post->sent_true;

        if (at_true < now_true - span || (counted == COUNTED_ACTED && post->acted_true == USEC_INFINITY))
            continue;
        n++;
        if (post->most_grants > *ret_most)
            *ret_most = post->most_grants;
    }
    return n;
}

/* Whether rule 11 may hold a POST back now, or has until a moment ago. A POST that failed may count as a
 * grant.
 */
static bool breaker_may_hold(const struct ward *ward, usec now_true)
{
    /* What a ledger dated by a clock that was set since counts for longer. */
    usec more = INVARIANTS_GRACE + REPLY_MOST +
                (ward->memory_since > now_true - 2 * USEC_PER_HOUR ? USEC_PER_HOUR : 0);
    unsigned most;

    if (count(ward, now_true, USEC_PER_MINUTE + more, COUNTED_HEARD, &most) >= GRANTS_MINUTE)
        return true;
    /* A daemon that was started since knows of its own policy alone. */
    return count(ward, now_true, USEC_PER_HOUR + more, COUNTED_HEARD, &most) >=
           most_grants(ward->facts.duration_minutes);
}

/* Whether all that is left is a last minute for which rule 11 has held back the last POST that could reach
 * the end. */
static bool breaker_may_take_last_minute(const struct ward *ward, usec from_true)
{
    return ward->facts.required_until_true - from_true < LAST_MINUTE &&
           breaker_may_hold(ward, ward->facts.required_until_true - LAST_MINUTE);
}

/* I1: a key of ours is not live outside the goal but for the outage that keeps the DELETE away and one retry
 * delay. */
static void check_exposure(struct invariants *invariants, unsigned daemon, usec to_true)
{
    const struct ward *ward = &invariants->wards[daemon];
    usec from;

    if (ward->exposed_since == USEC_INFINITY)
        return;
    /* What outlives its own stretch was measured when it was granted. */
    if (ward->exposed_since >= invariants->truth.stretch_ends_true - SAME_END)
        return;
    from = usec_max(ward->exposed_since, ward->excused_exposure);
    if (to_true > from + INVARIANTS_GRACE)
        invariants_break(invariants, INVARIANT_EXPOSURE, daemon,
                         "the key has been live outside the goal for %.3f s, and for %.3f s without excuse",
                         usec_seconds(to_true - ward->exposed_since), usec_seconds(to_true - from));
}

/* I2: the key is live during all of the goal but for the first request's latency, and a last minute of which
 * less than one was left when it could first be asked for. */
static void check_coverage(struct invariants *invariants, unsigned daemon, usec to_true)
{
    struct ward *ward = &invariants->wards[daemon];
    usec could, from;

    if (ward->gap_since == USEC_INFINITY)
        return;
    /* Nothing could be asked for: it is wanted for less than a minute. */
    if (ward->facts.required_until_true - ward->required_since < LAST_MINUTE)
        return;
    could = usec_max(ward->required_since, ward->excused_gap) + INVARIANTS_GRACE;
    if (to_true <= could)
        return;
    if ((ward->gap_since <= could || ward->excused_gap >= ward->required_since) &&
        ward->facts.required_until_true - could < LAST_MINUTE)
        return;
    from = usec_max(ward->gap_since, could);
    /* A fault has struck since the key was granted, and too little was left to ask for more. */
    if (ward->facts.required_until_true - from <= UNREAD_SLACK &&
        ward->excused_gap >= invariants->truth.granted_true)
        return;
    if (ward->facts.required_until_true - from <= ward->facts.end_slack)
        return;
    if (breaker_may_take_last_minute(ward, from))
        return;
    if (breaker_may_hold(ward, to_true)) {
        ward->excused_gap = to_true; /* rule 11; once it opens, the first request's latency counts anew */
        return;
    }
    invariants_break(invariants, INVARIANT_COVERAGE, daemon,
                     "the key has not been live inside the goal for %.3f s, and for %.3f s without excuse",
                     usec_seconds(to_true - ward->gap_since), usec_seconds(to_true - from));
}

void invariants_pass(struct invariants *invariants, usec to_true)
{
    invariants->now_true = to_true;
    for (unsigned i = 1; i <= invariants->n_daemons; i++) {
        check_exposure(invariants, i, to_true);
        check_coverage(invariants, i, to_true);
    }
}

static void since(usec *since_true, bool holds, usec now_true)
{
    if (!holds)
        *since_true = USEC_INFINITY;
    else if (*since_true == USEC_INFINITY)
        *since_true = now_true;
}

static void recompute(struct invariants *invariants, unsigned daemon)
{
    struct ward *ward = &invariants->wards[daemon];
    const struct facts *facts = &ward->facts;
    const struct truth *truth = &invariants->truth;
    bool required = facts->up && facts->enforces && facts->required;

    since(&ward->required_since, required, invariants->now_true);
    since(&ward->gap_since, required && !facts->confined && !truth->live, invariants->now_true);
    since(&ward->exposed_since,
          facts->up && facts->enforces && !facts->allowed && truth->live && truth->issuer == daemon,
          invariants->now_true);
}

void invariants_key(struct invariants *invariants, const struct truth *truth)
{
    if (truth->live != invariants->truth.live)
        invariants->turned_true = invariants->now_true;
    invariants->truth = *truth;
    for (unsigned i = 1; i <= invariants->n_daemons; i++)
        recompute(invariants, i);
}

void invariants_facts(struct invariants *invariants, unsigned daemon, const struct facts *facts)
{
    struct ward *ward = &invariants->wards[daemon];

    if (facts->required != ward->facts.required || facts->allowed != ward->facts.allowed ||
        facts->up != ward->facts.up || facts->enforces != ward->facts.enforces ||
        facts->confined != ward->facts.confined)
        ward->changed_true = invariants->now_true;
    ward->facts = *facts;
    recompute(invariants, daemon);
}

void invariants_excuse_gap(struct invariants *invariants, unsigned daemon, usec until_true)
{
    struct ward *ward = &invariants->wards[daemon];

    ward->excused_gap = usec_max(ward->excused_gap, until_true);
}

void invariants_excuse_exposure(struct invariants *invariants, unsigned daemon, usec until_true)
{
    struct ward *ward = &invariants->wards[daemon];

    ward->excused_exposure = usec_max(ward->excused_exposure, until_true);
}

void invariants_disturb(struct invariants *invariants, unsigned daemon)
{
    struct ward *ward = &invariants->wards[daemon];

    ward->disturbed_newest = (ward->disturbed_newest + 1) % INVARIANTS_DISTURBED_MAX;
    ward->disturbed_true[ward->disturbed_newest] = invariants->now_true;
}

void invariants_forgot(struct invariants *invariants, unsigned daemon)
{
    invariants->wards[daemon].memory_since = invariants->now_true;
}

void invariants_lost(struct invariants *invariants, unsigned daemon)
{
    invariants->wards[daemon].lost_true = invariants->now_true;
    invariants_forgot(invariants, daemon);
}

static unsigned count_disturbances(const struct ward *ward, usec now_true)
{
    unsigned n = 0;

    for (size_t i = 0; i < INVARIANTS_DISTURBED_MAX; i++)
        n += ward->disturbed_true[i] > 0 && ward->disturbed_true[i] > now_true - USEC_PER_HOUR;
    return n > 0 ? n + 1 : 0;
}

/* I4: the breaker, in every window of time. */
static void check_rate(struct invariants *invariants, unsigned daemon)
{
    const struct ward *ward = &invariants->wards[daemon];
    usec now = invariants->now_true;
    unsigned others = count_disturbances(ward, now); /* each may have misled a read of what a POST made */
    unsigned most, n;

    n = count(ward, now, CLOCKS_MINUTE, COUNTED_ACTED, &most);
    if (n > GRANTS_MINUTE + others && ward->memory_since <= now - CLOCKS_MINUTE)
        invariants_break(invariants, INVARIANT_RATE, daemon, "%u grants within a minute", n);
    if (ward->memory_since > now - CLOCKS_HOUR)
        return;
    n = count(ward, now, CLOCKS_HOUR, COUNTED_ACTED, &most);
    if (n > most + others)
        invariants_break(invariants, INVARIANT_RATE, daemon, "%u grants within an hour", n);
    n = count(ward, now, CLOCKS_HOUR, COUNTED_SENT, &most);
    if (n > POSTS_HOUR)
        invariants_break(invariants, INVARIANT_RATE, daemon, "%u POSTs within an hour", n);
}

static void add_post(const struct invariants *invariants, struct ward *ward)
{
    ward->newest = (ward->newest + 1) % INVARIANTS_POSTS_MAX;
    ward->posts[ward->newest] = (struct post){
        .sent_true = invariants->now_true,
        .acted_true = USEC_INFINITY,
        .heard_true = invariants->now_true,
        .most_grants = most_grants(ward->facts.duration_minutes),
    };
}

void invariants_ghost(struct invariants *invariants, unsigned daemon)
{
    add_post(invariants, &invariants->wards[daemon]);
}

void invariants_heard(struct invariants *invariants, unsigned daemon)
{
    struct ward *ward = &invariants->wards[daemon];

    ward->posts[ward->newest].heard_true = invariants->now_true;
}

void invariants_call(struct invariants *invariants, unsigned daemon, const char *wrong)
{
    if (wrong)
        invariants_break(invariants, INVARIANT_OBEDIENCE, daemon, "%s", wrong);
}

void invariants_post(struct invariants *invariants, unsigned daemon, unsigned minutes, bool intent_is_durable)
{
    struct ward *ward = &invariants->wards[daemon];

    if (minutes < CONFLUENCE_MINUTES_MIN || minutes > CONFLUENCE_MINUTES_MAX)
        invariants_break(invariants, INVARIANT_MINUTES, daemon, "a POST carries %u minutes", minutes);
    if (!ward->facts.allowed && invariants->now_true < ward->facts.allowed_from_true)
        invariants_break(invariants, INVARIANT_EXPOSURE, daemon, "a POST is sent outside the goal");
    if (!ward->facts.enforces)
        invariants_break(invariants, INVARIANT_EXPOSURE, daemon, "a POST is sent though enforce is no");
    if (!intent_is_durable)
        invariants_break(invariants, INVARIANT_RECORD, daemon,
                         "a POST is sent without its intent on the disk");
    add_post(invariants, ward);
    check_rate(invariants, daemon);
}

/* I3, second half: no POST moves the expiry of a key earlier that the daemon could know of. */
static void check_earlier(struct invariants *invariants, const struct grant *grant)
{
    const struct ward *ward = &invariants->wards[grant->daemon];
    const struct truth *before = &grant->before;
    /* What a request that took its time made lives beyond the end: of that, nothing is wanted. */
    usec reached_true = usec_min(before->ends_true, grant->stretch_ends_true);

    if (!before->live || before->late || before->issuer != grant->daemon || grant->late || grant->whim ||
        ward->memory_since > before->granted_true)
        return;
    if (grant->ends_true < reached_true - EARLIER_MOST - grant->slack - ward->facts.end_slack)
        invariants_break(invariants, INVARIANT_MINUTES, grant->daemon,
                         "a POST moves the expiry earlier by %.3f s",
                         usec_seconds(before->ends_true - grant->ends_true));
}

/* I1, second half: no grant outlives the stretch that it was asked for in. */
static void check_life(struct invariants *invariants, const struct grant *grant)
{
    usec latency = invariants->now_true - grant->sent_true;

    if (grant->stretch_ends_true == USEC_INFINITY)
        return;
    if (grant->ends_true > grant->stretch_ends_true + LIFE_LATE + latency + grant->slack)
        invariants_break(invariants, INVARIANT_EXPOSURE, grant->daemon,
                         "a key is to live %.3f s beyond the end of the stretch, and the request took %.3f s",
                         usec_seconds(grant->ends_true - grant->stretch_ends_true), usec_seconds(latency));
}

void invariants_grant(struct invariants *invariants, const struct grant *grant)
{
    struct ward *ward = &invariants->wards[grant->daemon];

    for (size_t i = 0; i < INVARIANTS_POSTS_MAX && !grant->late; i++)
        if (ward->posts[i].sent_true == grant->sent_true)
            ward->posts[i].acted_true = invariants->now_true;
    check_earlier(invariants, grant);
    check_life(invariants, grant);
    check_rate(invariants, grant->daemon);
}

/* Where it is to leave no key of its own, and nothing excuses one. */
static void check_leaving(struct invariants *invariants, unsigned daemon, const char *what)
{
    const struct ward *ward = &invariants->wards[daemon];
    const struct truth *truth = &invariants->truth;

    if (truth->live && !truth->late && truth->issuer == daemon && ward->facts.enforces &&
        truth->ends_true > invariants->now_true + INVARIANTS_SAME_CLOCK &&
        invariants->now_true > ward->excused_exposure + INVARIANTS_GRACE)
        invariants_break(invariants, INVARIANT_EXPOSURE, daemon, "%s, and its key is live", what);
}

void invariants_stopped(struct invariants *invariants, unsigned daemon)
{
    check_leaving(invariants, daemon, "the daemon has stopped");
}

void invariants_asleep(struct invariants *invariants, unsigned daemon)
{
    check_leaving(invariants, daemon, "the daemon lets the machine sleep");
}

/* I8: once faults stop, knowledge and goal agree. */
usec invariants_progress(struct invariants *invariants, unsigned daemon, const struct site_status *status)
{
    const struct ward *ward = &invariants->wards[daemon];
    const struct facts *facts = &ward->facts;
    const struct truth *truth = &invariants->truth;
    usec calm = usec_max(usec_max(ward->excused_gap, ward->excused_exposure), ward->changed_true);

    if (!facts->up || !facts->enforces || facts->confined || breaker_may_hold(ward, invariants->now_true))
        return USEC_INFINITY;
    if (invariants->now_true < calm + INVARIANTS_PROGRESS)
        return calm + INVARIANTS_PROGRESS;
    if (facts->required && facts->required_until_true - calm < LAST_MINUTE + INVARIANTS_PROGRESS)
        return USEC_INFINITY;
    if (facts->required && breaker_may_take_last_minute(ward, invariants->now_true))
        return USEC_INFINITY;
    if (facts->required && (facts->required_until_true - invariants->now_true < NEAR ||
                            (truth->live && truth->ends_true - invariants->now_true < NEAR)))
        return invariants->now_true + NEAR; /* clocks may tell the end differently */
    if (!facts->allowed && invariants->now_true - usec_max(invariants->turned_true, ward->state_true) < NEAR)
        return invariants->now_true + NEAR; /* it is looked at just now */
    if (facts->required && (!truth->live || status->state != SITE_ON))
        invariants_break(invariants, INVARIANT_PROGRESS, daemon,
                         "calm has lasted, the key is wanted on, and is %s",
                         truth->live ? site_state_name(status->state) : "not live");
    if (!facts->allowed && truth->live && truth->issuer == daemon)
        invariants_break(invariants, INVARIANT_PROGRESS, daemon,
                         "calm has lasted, and a key is on, unwanted");
    if (!facts->allowed && !truth->live && status->state != SITE_OFF && status->state != SITE_ON)
        invariants_break(invariants, INVARIANT_PROGRESS, daemon,
                         "calm has lasted, off is wanted, and the state is %s",
                         site_state_name(status->state));
    return USEC_INFINITY;
}
