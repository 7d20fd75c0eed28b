// SPDX-License-Identifier: GPL-3.0-or-later
#include "seed.h"

#include <malloc.h>
#include <stdio.h>

#include "os/zone_file.h"

const struct zone_reader seed_zones = {.read = zone_file_read};

/* The sanitizers' allocator counts for itself. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t seed_heap(void)
{
    return __sanitizer_get_current_allocated_bytes ? __sanitizer_get_current_allocated_bytes()
                                                   : mallinfo2().uordblks;
}

int seed_run(uint64_t seed, enum faults_profile profile, bool twice, struct scenario **ret_scenario,
             struct tally *ret_tally, struct breach *ret_breach)
{
    struct trace first = {.digests = twice}, second = {.digests = true};
    int r = scenario_draw(seed, profile, &seed_zones, ret_scenario);

    if (r == 0)
        r = scenario_run(*ret_scenario, NULL, &first, ret_tally, ret_breach);
    if (r != 0 || !twice)
        return r;
    r = scenario_run(*ret_scenario, NULL, &second, NULL, NULL);
    if (r < 0 || first.digest == second.digest)
        return r;
    *ret_breach = (struct breach){.invariant = INVARIANT_DETERMINISM, .at_true = (*ret_scenario)->from_true};
    snprintf(ret_breach->text, sizeof(ret_breach->text), "two runs differ");
    return WORLD_BROKEN;
}
