// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * calendar-walk POLICY N: prints the next N instants at which the policy's first site comes on, as
 * `systemd-analyze calendar --iterations=N` does for its expressions: a line of local time, one of UTC.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"
#include "os/file.h"
#include "os/zone_file.h"
#include "policy/policy.h"

static void print_start(const struct zone *zone, usec utc)
{
    char local[TIME_TEXT_MAX], in_utc[TIME_TEXT_MAX];

    printf("on: %.19s %s\n    %s\n", time_format_rfc3339(local, zone_wall(zone, utc)), zone_name(zone),
           time_format_rfc3339(in_utc, utc));
}

static void walk(const struct policy_site *site, unsigned long n)
{
    struct calendar_answer answer = {.until = clock_utc()};

    while (n > 0) {
        calendar_at(site->calendar, answer.until, &answer);
        if (answer.until == USEC_INFINITY)
            return;
        if (answer.on)
            continue;
        print_start(site->zone, answer.until);
        n--;
    }
}

int main(int argc, char **argv)
{
    static const struct zone_reader reader = {.read = zone_file_read};
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    _cleanup_(bytes_donep) struct bytes yaml = BYTES_INIT(POLICY_BYTES_MAX);
    _cleanup_(policy_freep) struct policy *policy = NULL;

    if (argc != 3 || file_read(argv[1], POLICY_BYTES_MAX, &yaml, NULL) < 0 ||
        policy_parse(bytes_text(&yaml), yaml.size, &reader, &problems, &policy) != 0) {
        fprintf(stderr, "calendar-walk: give it a policy in order, and a number\n");
        return EXIT_FAILURE;
    }
    walk(&policy->sites[0], strtoul(argv[2], NULL, 10));
    return EXIT_SUCCESS;
}
