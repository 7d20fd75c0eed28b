// SPDX-License-Identifier: GPL-3.0-or-later
#include "habits.h"

#define CURL_RETRIES  5
#define CURL_TIME_MAX (120 * USEC_PER_SEC)
#define UNIT_RESTARTS (30 * USEC_PER_SEC)

/* curl --fail without --location: a redirection is as good as anything, and so is any body. */
static bool is_below_400(const struct confluence_reply *reply)
{
    return reply->status > 0 && reply->status < 400;
}

static bool is_key(const struct confluence_reply *reply)
{
    return reply->verdict == VERDICT_DONE && reply->has_key && reply->has_expiry;
}

/* What the reply says that is left, by the site's clock: a lease is a length. */
static usec lease_of(const struct confluence_reply *reply, usec utc)
{
    return usec_max(reply->expires_site - (reply->has_date ? reply->date_site : utc), 0);
}

/* curl, src/tool_operate.c, post_per_transfer(): one second, then twice as long each time; Retry-After where
 * it is longer; no more after --retry-max-time, or where Retry-After leads beyond it. */
static usec curl_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    usec running, wait;

    switch (happened) {
    case HAPPENED_BEGUN: *memory = (struct memory){.since_monotonic = moment->monotonic}; return 0;
    case HAPPENED_SLEPT: return 0;
    case HAPPENED_DONE: return USEC_INFINITY;
    case HAPPENED_FAILED: break;
    }
    running = moment->monotonic - memory->since_monotonic;
    if (memory->attempt >= CURL_RETRIES || running >= CURL_TIME_MAX || moment->reply->retry_after_absurd)
        return USEC_INFINITY;
    wait = USEC_PER_SEC << memory->attempt++;
    if (!moment->reply->has_retry_after)
        return wait;
    return running + moment->reply->retry_after > CURL_TIME_MAX ? USEC_INFINITY
                                                                : usec_max(wait, moment->reply->retry_after);
}

const struct habit habit_curl = {curl_next, is_below_400};

/* systemd.service(5): a oneshot service that fails starts again after RestartSec=. */
static usec unit_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    (void)memory;
    (void)moment;
    switch (happened) {
    case HAPPENED_BEGUN:
    case HAPPENED_SLEPT: return 0;
    case HAPPENED_DONE: return USEC_INFINITY;
    case HAPPENED_FAILED: break;
    }
    return UNIT_RESTARTS;
}

const struct habit habit_unit = {unit_next, is_below_400};

/* OpenBao and Vault */

#define LOGIN_DELAY_LEAST USEC_PER_SEC
#define LOGIN_DELAY_MOST  (5 * USEC_PER_MINUTE)
#define RENEW_DELAY_LEAST (10 * USEC_PER_SEC)
#define RENEW_DELAY_MOST  (5 * USEC_PER_MINUTE)

/* OpenBao, command/agentproxyshared/auth/auth.go, autoAuthBackoff.next(): twice as long, less up to a
 * quarter; the client itself tries once. */
static usec login_failed(struct memory *memory, struct moment *moment)
{
    usec wait = memory->login_delay, twice = usec_min(2 * wait, LOGIN_DELAY_MOST);

    memory->login_delay = twice - random_between(&moment->random, 0, twice / 4);
    return wait;
}

static usec log_in(struct memory *memory)
{
    memory->logged_in = false;
    return 0;
}

/* api/lifetime_watcher.go, calculateGrace() */
static void draw_grace(struct memory *memory, usec lease, struct moment *moment)
{
    memory->grace = lease / 10 + random_between(&moment->random, 0, lease / 10);
}

/* api/lifetime_watcher.go, doRenewWithOptions(): it renews as soon as it has a lease. */
static usec watch(struct memory *memory, struct moment *moment)
{
    memory->logged_in = true;
    memory->login_delay = LOGIN_DELAY_LEAST;
    memory->delay = 0;
    memory->since_monotonic = moment->monotonic;
    memory->lease = memory->prior = lease_of(moment->reply, moment->utc);
    draw_grace(memory, memory->lease, moment);
    return 0;
}

/* Likewise, and calculateSleepDuration(): two thirds of the lease and a third of the grace. */
static usec renewed(struct memory *memory, struct moment *moment)
{
    usec lease = lease_of(moment->reply, moment->utc), wait;

    memory->delay = 0;
    memory->since_monotonic = moment->monotonic;
    memory->lease = lease;
    if (lease > memory->prior)
        draw_grace(memory, lease, moment);
    memory->prior = lease;
    wait = lease * 2 / 3 + memory->grace / 3;
    return lease - wait <= memory->grace ? log_in(memory) : usec_max(wait, 1);
}

/* Likewise: it waits longer each time, half more or less, until the lease is within the grace, when the agent
 * logs in anew. Vault's draws the same number, and does not wait. */
static usec renewal_failed(struct memory *memory, struct moment *moment, bool waits)
{
    usec left = memory->since_monotonic + memory->lease - moment->monotonic, wait = 0;

    memory->delay = memory->delay ? usec_min(2 * memory->delay, RENEW_DELAY_MOST) : RENEW_DELAY_LEAST;
    if (waits)
        wait = random_between(&moment->random, memory->delay / 2, memory->delay * 3 / 2);
    memory->prior = left;
    return left <= memory->grace || left - wait <= memory->grace ? log_in(memory) : wait;
}

static usec agent_next(struct memory *memory, enum happening happened, struct moment *moment, bool waits)
{
    switch (happened) {
    case HAPPENED_BEGUN: *memory = (struct memory){.login_delay = LOGIN_DELAY_LEAST}; return 0;
    case HAPPENED_SLEPT: return 0;
    case HAPPENED_DONE: return memory->logged_in ? renewed(memory, moment) : watch(memory, moment);
    case HAPPENED_FAILED: break;
    }
    return memory->logged_in ? renewal_failed(memory, moment, waits) : login_failed(memory, moment);
}

/* OpenBao, api/lifetime_watcher.go, with backoff/v5 */
static usec openbao_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    return agent_next(memory, happened, moment, true);
}

const struct habit habit_openbao = {openbao_next, is_key};

/* HashiCorp Vault, api/lifetime_watcher.go */
static usec vault_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    return agent_next(memory, happened, moment, false);
}

const struct habit habit_vault = {vault_next, is_key};

/* Teleport */

#define TBOT_INTERVAL (20 * USEC_PER_MINUTE)
#define TBOT_ATTEMPTS 5 /* lib/tbot/internal/constants.go, RenewalRetryLimit */

static bool is_verdict_done(const struct confluence_reply *reply)
{
    return reply->verdict == VERDICT_DONE;
}

/* lib/tbot/internal/loop.go, RunOnInterval(): a ticker that runs through; between, a few tries with
 * delays of 1, 2, 4, 8 s, each cut by up to half (api/utils/retryutils/jitter.go, HalfJitter()). */
static usec tbot_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    usec running, delay;

    switch (happened) {
    case HAPPENED_BEGUN: *memory = (struct memory){.since_monotonic = moment->monotonic}; return 0;
    case HAPPENED_SLEPT: return 0;
    case HAPPENED_DONE: break;
    case HAPPENED_FAILED:
        if (++memory->attempt >= TBOT_ATTEMPTS)
            break;
        delay = USEC_PER_SEC << (memory->attempt - 1);
        return random_between(&moment->random, delay / 2, delay);
    }
    memory->attempt = 0;
    running = moment->monotonic - memory->since_monotonic;
    return TBOT_INTERVAL - running % TBOT_INTERVAL;
}

const struct habit habit_tbot = {tbot_next, is_verdict_done};

/* kstart */

#define KRENEW_INTERVAL   (10 * USEC_PER_MINUTE)
#define KRENEW_FUDGE      (2 * USEC_PER_MINUTE) /* commands/framework.c, EXPIRE_FUDGE */
#define KRENEW_RETRY      USEC_PER_MINUTE
#define KRENEW_FIRST_MOST (32 * USEC_PER_SEC)

/* commands/framework.c, run_framework(), ticket_expired() and, for the first call, retry_auth() */
static usec krenew_next(struct memory *memory, enum happening happened, struct moment *moment)
{
    usec wait;

    switch (happened) {
    case HAPPENED_BEGUN: *memory = (struct memory){.delay = USEC_PER_SEC}; return 0;
    case HAPPENED_DONE:
        memory->expires_utc = moment->reply->expires_site;
        memory->logged_in = true;
        return KRENEW_INTERVAL;
    case HAPPENED_SLEPT:
        return memory->logged_in && memory->expires_utc >= moment->utc + KRENEW_INTERVAL + KRENEW_FUDGE
                   ? KRENEW_INTERVAL
                   : 0;
    case HAPPENED_FAILED: break;
    }
    if (memory->logged_in)
        return KRENEW_RETRY;
    wait = memory->delay;
    memory->delay = usec_min(2 * wait, KRENEW_FIRST_MOST);
    return wait;
}

const struct habit habit_krenew = {krenew_next, is_key};
