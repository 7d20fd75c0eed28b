// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/retry.h"

#include <string.h>

#include "engine/mutant.h"

static bool blocks(enum verdict verdict)
{
    return verdict == VERDICT_CREDENTIAL || verdict == VERDICT_NOT_ELIGIBLE || verdict == VERDICT_REFUSED;
}

void retry_reset(struct retry *retry)
{
    struct retry fresh = {0};

    memcpy(fresh.floor_boot, retry->floor_boot, sizeof(fresh.floor_boot));
    *retry = fresh;
}

void retry_fresh(struct retry *retry, enum confluence_call call)
{
    retry->attempts[call] = 0;
    retry->next_boot[call] = 0;
}

void retry_forgive(struct retry *retry)
{
    retry->failures = 0;
    retry->blocked = false;
    retry->suspicion.seen = 0;
}

void retry_succeeded(struct retry *retry, enum confluence_call call)
{
    retry_fresh(retry, call);
    if (call == CONFLUENCE_GET && retry->failures > 0 && retry->failing != CONFLUENCE_GET)
        return;
    for (int other = 0; other < N_CONFLUENCE_CALLS; other++)
        retry_fresh(retry, (enum confluence_call)other);
    retry_forgive(retry);
}

/* The verdict to go by, once the doubtful one was seen often and long enough. */
static enum verdict confirm(struct retry *retry, const struct confluence_reply *reply, usec now_boot)
{
    usec span = reply->suspect == VERDICT_CREDENTIAL ? RETRY_CONFIRM_401 : RETRY_CONFIRM_4XX;

    if (MUTANT(MUTANT_CONFIRM))
        return reply->suspect;
    if (reply->suspect == reply->verdict) {
        if (blocks(reply->verdict) && retry->suspicion.verdict != reply->verdict) {
            retry->suspicion.verdict = reply->verdict;
            retry->suspicion.seen = 0;
        }
        return reply->verdict;
    }
    if (retry->suspicion.seen == 0 || retry->suspicion.verdict != reply->suspect) {
        retry->suspicion.verdict = reply->suspect;
        retry->suspicion.seen = 0;
        retry->suspicion.since_boot = now_boot;
    }
    retry->suspicion.seen++;
    if (retry->suspicion.seen >= RETRY_CONFIRMATIONS && now_boot - retry->suspicion.since_boot >= span)
        return reply->suspect;
    return reply->verdict;
}

static usec doubled(unsigned attempts, usec most)
{
    usec delay = RETRY_FIRST;

    while (attempts-- > 0 && delay < most)
        delay *= 2;
    return usec_min(delay, most);
}

static usec delay_of(const struct retry *retry, enum confluence_call call, usec live_for,
                     struct random *random)
{
    usec delay;

    if (retry->blocked && (call != CONFLUENCE_DELETE || live_for == USEC_INFINITY))
        return random_between(random, RETRY_BLOCKED_LEAST, RETRY_BLOCKED_MOST);
    if (call == CONFLUENCE_DELETE) {
        delay = doubled(retry->attempts[call], RETRY_MOST_DELETE);
        return random_between(random, delay * 4 / 5, delay * 6 / 5);
    }
    delay = doubled(retry->attempts[call], RETRY_MOST);
    return random_between(random, delay / 2, delay);
}

enum verdict retry_failed(struct retry *retry, enum confluence_call call,
                          const struct confluence_reply *reply, usec now_boot, usec live_for,
                          struct random *random)
{
    enum verdict verdict = confirm(retry, reply, now_boot);
    usec delay;

    retry->blocked = blocks(verdict);
    delay = delay_of(retry, call, live_for, random);
    if (MUTANT(MUTANT_PROGRESS))
        live_for = delay = DURATION_MAX;
    if (live_for != USEC_INFINITY && delay > live_for / 4)
        delay = live_for / 4 > USEC_PER_SEC ? live_for / 4 : USEC_PER_SEC;
    for (int other = 0; other < N_CONFLUENCE_CALLS; other++)
        if ((other == CONFLUENCE_DELETE) == (call == CONFLUENCE_DELETE)) {
            retry->next_boot[other] = now_boot + delay;
            retry->attempts[other]++;
        }
    retry->failing = call;
    retry->failures++;
    retry->verdict = verdict;
    if (reply->has_retry_after && !MUTANT(MUTANT_RETRY_AFTER))
        retry->floor_boot[call] = now_boot + reply->retry_after;
    return verdict;
}

usec retry_allows(const struct retry *retry, enum confluence_call call)
{
    usec next = retry->next_boot[call], floor = retry->floor_boot[call];

    if (MUTANT(MUTANT_RATE))
        return 0;
    return usec_max(next, floor);
}

/* What a missing network looks like, and what a network that wants its users to sign in first answers. */
static bool is_of_network(enum verdict verdict)
{
    return verdict == VERDICT_TRANSIENT || verdict == VERDICT_UNTRUSTED || verdict == VERDICT_IMPLAUSIBLE;
}

void retry_hurry(struct retry *retry, usec now_boot)
{
    usec due_boot = now_boot;

    if (retry->failures == 0 || !is_of_network(retry->verdict) || retry->hurried_boot > now_boot)
        return;
    if (retry->hurried_boot != 0 && retry->hurried_boot + RETRY_HURRY > now_boot)
        due_boot = retry->hurried_boot + RETRY_HURRY;
    retry->hurried_boot = due_boot;
    for (int call = 0; call < N_CONFLUENCE_CALLS; call++)
        if (retry->next_boot[call] > due_boot) {
            retry->next_boot[call] = due_boot;
            retry->attempts[call] = 0;
        }
}
