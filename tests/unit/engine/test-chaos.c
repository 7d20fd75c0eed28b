// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Random windows, durations, faults, crashes and clock steps, by seed; the promises are held against the
 * site's own truth after every second. A failing seed is printed, and WORLD_SEED=N runs it alone,
 * WORLD_TRACE=1 tells its story.
 */
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "world.h"

#define SEEDS 1500

/* What the script reads; one world at a time. */
static struct {
    struct random random;
    unsigned permille; /* of calls that go wrong */
    usec until_boot;   /* no faults from then on */
    usec retry_after;  /* the longest that was asked for */
} chaos;

static struct world_fault random_fault(struct world *world, enum confluence_call call, unsigned nth)
{
    static const int statuses[] = {500, 502, 503, 401, 403, 404, 408, 302, 200};
    struct world_fault fault = {0};

    (void)nth;
    if (world->boot >= chaos.until_boot || random_below(&chaos.random, 1000) >= chaos.permille)
        return fault;
    fault.acts = random_below(&chaos.random, 2);
    switch (random_below(&chaos.random, 7)) {
    case 0: fault.transport = TRANSPORT_TIMED_OUT; break;
    case 1: fault.transport = TRANSPORT_CUT; break;
    case 2:
        fault.transport = TRANSPORT_NOT_CONNECTED;
        fault.acts = false;
        break;
    case 3:
        fault.status = statuses[random_below(&chaos.random, sizeof(statuses) / sizeof(statuses[0]))];
        /* A refusal is none if the site acted; and a GET's 404 is no lie that the documents allow for. */
        fault.acts = fault.acts && (fault.status >= 500 || fault.status == 408 || fault.status == 302);
        if (call == CONFLUENCE_GET && fault.status == 404)
            fault.status = 403;
        fault.body = "";
        break;
    case 4:
        fault.status = 429;
        fault.acts = false;
        fault.headers = "Retry-After: 20\n";
        chaos.retry_after = 20 * USEC_PER_SEC;
        break;
    case 5: fault.delay = (usec)random_below(&chaos.random, 20) * USEC_PER_SEC; break;
    default: fault.hang = (usec)random_below(&chaos.random, 20) * USEC_PER_SEC; break;
    }
    return fault;
}

static void complain(uint64_t seed, const struct world *world, const char *what)
{
    fail_msg("seed %llu at %.3f s: %s", (unsigned long long)seed, world_seconds(world, world->boot), what);
}

static void check_calls(uint64_t seed, const struct world *world)
{
    usec site_minus_boot = world->true_minus_boot + world->site_offset;

    for (size_t i = 0; i < world->n_calls; i++) {
        const struct world_call *call = &world->calls[i];
        unsigned in_an_hour = 0;

        if (call->call != CONFLUENCE_POST)
            continue;
        if (call->minutes < 1 || call->minutes > 60)
            complain(seed, world, "a POST carried other than 1 to 60 minutes");
        if (call->site_expires_before >
            call->sent_boot + site_minus_boot + (usec)call->minutes * USEC_PER_MINUTE + 3 * USEC_PER_SEC)
            fail_msg("seed %llu: the POST at %.3f s moved the expiry of %.3f s earlier",
                     (unsigned long long)seed, world_seconds(world, call->sent_boot),
                     world_seconds(world, call->site_expires_before - site_minus_boot));
        for (size_t k = i; k < world->n_calls && world->calls[k].sent_boot < call->sent_boot + USEC_PER_HOUR;
             k++)
            in_an_hour += world->calls[k].call == CONFLUENCE_POST;
        if (in_an_hour > 150)
            complain(seed, world, "more than 150 POSTs in an hour");
    }
}

static void check_now(uint64_t seed, const struct world *world)
{
    struct site_status status = world_status(world);
    usec site_now = world->boot + world->true_minus_boot + world->site_offset;
    bool live = world->key_live && site_now < world->key_expires_site;
    usec late = world->boot - world->until_boot;

    if (status.proved_off_utc != STATUS_NEVER && live)
        complain(seed, world, "off is called proved, and the key is live");
    /* 20 s: the longest that a request of this world takes before the site acts. */
    if (late > 0 && live &&
        world->key_expires_site >
            world->until_boot + world->true_minus_boot + world->site_offset + 24 * USEC_PER_SEC)
        complain(seed, world, "the key outlives the window");
}

static void run(uint64_t seed)
{
    struct random random = {.state = seed};
    int64_t from = random_between(&random, 5, 60), length = random_between(&random, 70, 5000);
    double end = (double)(from + length), calm;
    struct world *world = world_new(from, from + length);
    struct site_status status;

    chaos.random.state = seed * 7919 + 1;
    chaos.permille = (unsigned)random_between(&random, 0, 600);
    chaos.retry_after = 0;
    calm = random_below(&random, 2) ? end + 60 : (double)random_between(&random, 0, from + length);
    chaos.until_boot = WORLD_START_BOOT + (usec)(calm * (double)USEC_PER_SEC);
    world->random.state = seed;
    world->latency = random_between(&random, 1, 400) * USEC_PER_MSEC;
    world->site.duration_minutes = (unsigned)random_between(&random, 1, 60);
    world->script = random_fault;
    world_start(world);
    for (double at = 1; at < end + 400; at += 1) {
        world_run_to(world, at);
        check_now(seed, world);
        if (at < calm && random_below(&random, 400) == 0)
            world_start(world); /* a crash */
        if (at > calm + 150 + 20 && at > (double)from + 150 && at < end - 62 && !world->key_live)
            complain(seed, world, "the site answers and the key is not on");
    }
    status = world_status(world);
    if (status.state != SITE_OFF || status.proved_off_utc == STATUS_NEVER || !status.agrees)
        complain(seed, world, "the end came, and off is not proved");
    check_calls(seed, world);
    world_free(world);
}

static void test_promises_hold_whatever_goes_wrong(void **state)
{
    const char *alone = getenv("WORLD_SEED"), *more = getenv("WORLD_SEEDS");

    (void)state;
    if (alone) {
        run(strtoull(alone, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= (more ? strtoull(more, NULL, 10) : SEEDS); seed++)
        run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_promises_hold_whatever_goes_wrong),
    };

    return cmocka_run_group_tests_name("engine/chaos", tests, NULL, NULL);
}
