// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A check that nothing can trip proves nothing. Here the engine has one rule broken on purpose, one after the
 * other (engine/mutant.h), and for each the campaign's worlds must find the invariant that it breaks. TAP.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/mutant.h"
#include "os/zone_file.h"
#include "sim/scenario.h"

#define SEEDS_MAX 400

enum mutant engine_mutant;

static const struct zone_reader zones = {.read = zone_file_read};

static const struct {
    const char *rule;
    enum invariant invariant;
    enum faults_profile profile;
} rows[N_MUTANTS] = {
    [MUTANT_EXPOSURE] = {"grants are not cut to the end of the stretch", INVARIANT_EXPOSURE, FAULTS_NONE},
    [MUTANT_COVERAGE] = {"a key is renewed only after it has ended", INVARIANT_COVERAGE, FAULTS_NONE},
    [MUTANT_MINUTES] = {"a POST may move the expiry earlier", INVARIANT_MINUTES, FAULTS_NONE},
    [MUTANT_RATE] = {"neither breaker nor delay holds a POST back", INVARIANT_RATE, FAULTS_HARSH},
    [MUTANT_PROOF] = {"a 204 counts as proof while a POST may still act", INVARIANT_PROOF, FAULTS_HARSH},
    [MUTANT_RECORD] = {"a POST goes out before its intent is on the disk", INVARIANT_RECORD, FAULTS_HARSH},
    [MUTANT_SECRETS] = {"a report repeats what the token is called", INVARIANT_SECRETS, FAULTS_NONE},
    [MUTANT_PROGRESS] = {"a failed call is never tried again", INVARIANT_PROGRESS, FAULTS_MILD},
    [MUTANT_DETERMINISM] = {"the jitter depends on what ran before", INVARIANT_DETERMINISM, FAULTS_NONE},
    [MUTANT_BOUNDS] = {"each step asks for the next at once", INVARIANT_BOUNDED, FAULTS_NONE},
    [MUTANT_DOOR] = {"a hold is granted for as long as it is asked for", INVARIANT_EXPOSURE, FAULTS_MILD},
    [MUTANT_SLEEP] = {"the machine may sleep before the key is off", INVARIANT_EXPOSURE, FAULTS_MILD},
    [MUTANT_LIMITS] = {"limits count from the daemon's start", INVARIANT_EXPOSURE, FAULTS_MILD},
    [MUTANT_ENFORCE] = {"'enforce: no' switches all the same", INVARIANT_OBEDIENCE, FAULTS_NONE},
    [MUTANT_CONFINED] = {"renewals go out when due, confined or not", INVARIANT_OBEDIENCE, FAULTS_NONE},
    [MUTANT_RETRY_AFTER] = {"nobody reads Retry-After", INVARIANT_OBEDIENCE, FAULTS_MILD},
    [MUTANT_RESTART] = {"a restart is taken for a stop", INVARIANT_OBEDIENCE, FAULTS_MILD},
    [MUTANT_FOREIGN] = {"other people's keys are switched off", INVARIANT_OBEDIENCE, FAULTS_MILD},
    [MUTANT_CONFIRM] = {"the first 401, 403 or 404 is believed", INVARIANT_OBEDIENCE, FAULTS_HARSH},
};

/* The invariant that the seed breaks; 0: none. */
static int broken_by(uint64_t seed, enum faults_profile profile, struct breach *ret_breach)
{
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    struct trace first = {.digests = true}, second = {.digests = true};
    int r = scenario_draw(seed, profile, &zones, &scenario);

    if (r == 0)
        r = scenario_run(scenario, NULL, &first, NULL, ret_breach);
    if (r < 0)
        return r;
    if (r == WORLD_BROKEN)
        return (int)ret_breach->invariant;
    if (engine_mutant != MUTANT_DETERMINISM)
        return 0;
    r = scenario_run(scenario, NULL, &second, NULL, ret_breach);
    if (r < 0 || first.digest == second.digest)
        return r < 0 ? r : 0;
    snprintf(ret_breach->text, sizeof(ret_breach->text), "two runs differ");
    return INVARIANT_DETERMINISM;
}

static bool is_caught(enum mutant mutant)
{
    struct breach breach = {0};

    engine_mutant = mutant;
    for (uint64_t seed = 1; seed <= SEEDS_MAX; seed++) {
        int r = broken_by(seed, rows[mutant].profile, &breach);

        if (r < 0) {
            printf("# seed %" PRIu64 ": %s\n", seed, strerror(-r));
            return false;
        }
        if (r == (int)rows[mutant].invariant) {
            printf("# seed %" PRIu64 ": %s\n", seed, breach.text);
            return true;
        }
    }
    return false;
}

int main(void)
{
    bool all = true;

    printf("1..%d\n", N_MUTANTS - 1);
    for (int mutant = MUTANT_NONE + 1; mutant < N_MUTANTS; mutant++) {
        bool caught = is_caught((enum mutant)mutant);

        printf("%s %d - I%d is seen to break when %s\n", caught ? "ok" : "not ok", mutant,
               (int)rows[mutant].invariant, rows[mutant].rule);
        fflush(stdout);
        all &= caught;
    }
    return all ? 0 : 1;
}
