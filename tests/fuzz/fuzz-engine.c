// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as what befalls an engine: two of them choose a scenario of the simulation, that is policies and
 * a site; each eight that follow are a fault, in the order of time: its kind, the wait since the one before,
 * how long it lasts, its number. Whatever they are, every invariant holds against the site's truth
 * (sim/invariants.h).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fuzz.h"
#include "os/zone_file.h"
#include "sim/scenario.h"

#define FAULT_BYTES  8
#define FAULTS_TAKEN 48

static unsigned two_bytes(const uint8_t *data)
{
    return data[0] | (unsigned)data[1] << 8;
}

static struct fault fault_of(const uint8_t *data, usec *at_true)
{
    *at_true += two_bytes(data + 1) * USEC_PER_SEC;
    return (struct fault){
        .kind = (enum fault_kind)(data[0] % N_FAULT_KINDS),
        .at_true = *at_true,
        .lasts = two_bytes(data + 3) * USEC_PER_SEC,
        .number = (int16_t)two_bytes(data + 5),
        .calls = data[7] % FAULT_ALL_CALLS + 1,
        .daemon = 1,
    };
}

/* As the reader of fault files takes it, who knows what each kind may be; what it refuses is left out. */
static int add(struct faults *faults, const struct fault *fault)
{
    _cleanup_(bytes_donep) struct bytes line = BYTES_INIT(1024);
    _cleanup_(faults_donep) struct faults one = {0};
    struct error error = {0};
    int r = fault_print(fault, &line);

    if (r == 0)
        r = faults_parse(bytes_text(&line), line.size, &one, &error);
    if (r == -EINVAL)
        return 0;
    return r < 0 ? r : faults_add(faults, &one.list[0]);
}

static int read_faults(const uint8_t *data, size_t size, const struct scenario *scenario,
                       struct faults *faults)
{
    usec at_true = scenario->from_true;
    int r = 0;

    for (size_t n = 0; n < FAULTS_TAKEN && size >= FAULT_BYTES && r == 0; n++) {
        struct fault fault = fault_of(data, &at_true);

        if (at_true >= scenario->until_true)
            break;
        r = add(faults, &fault);
        data += FAULT_BYTES;
        size -= FAULT_BYTES;
    }
    faults_sort(faults);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct zone_reader zones = {.read = zone_file_read};
    _cleanup_(scenario_freep) struct scenario *scenario = NULL;
    _cleanup_(faults_donep) struct faults faults = {0};
    struct breach breach = {0};
    int r;

    if (size < 2)
        return 0;
    r = scenario_draw(two_bytes(data), FAULTS_NONE, &zones, &scenario);
    if (r == 0)
        r = read_faults(data + 2, size - 2, scenario, &faults);
    if (r == 0)
        r = scenario_run(scenario, &faults, NULL, NULL, &breach);
    if (r == WORLD_BROKEN) {
        _cleanup_(bytes_donep) struct bytes text = BYTES_INIT(65536);

        (void)faults_print(&faults, &text);
        fprintf(stderr, "seed %u, I%d: %s\n%s", two_bytes(data), (int)breach.invariant, breach.text,
                bytes_text(&text));
    }
    if (r != 0)
        abort();
    return 0;
}
