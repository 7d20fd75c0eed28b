// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/site_clock.h"

#include "engine/engine.h"

#define SPREAD_MOST USEC_PER_SEC /* of old bounds; what a Date leaves open */

static usec drift(const struct site_clock *clock, usec boot)
{
    return (boot - clock->seen_boot) / 1000000 * SITE_CLOCK_DRIFT_PPM;
}

/* Narrows the bounds; where old and new exclude each other, one clock was set, and the new ones are right. So
 * are they where the old ones have widened so much since that they tell less, and would hide it. */
static void narrow(struct site_clock *clock, usec boot, usec low, usec high, bool replace)
{
    usec spread = clock->known ? drift(clock, boot) : 0;
    bool counts =
        clock->known && (spread < SPREAD_MOST || clock->high - clock->low + 2 * spread < high - low);
    usec both_low = counts ? usec_max(clock->low - spread, low) : low;
    usec both_high = counts ? usec_min(clock->high + spread, high) : high;

    if (both_low > both_high) {
        if (!replace)
            return;
        both_low = low;
        both_high = high;
    }
    *clock = (struct site_clock){.known = true, .low = both_low, .high = both_high, .seen_boot = boot};
}

void site_clock_observe(struct site_clock *clock, usec sent_boot, usec received_boot, usec date_site)
{
    narrow(clock, received_boot, date_site - received_boot, date_site + USEC_PER_SEC - sent_boot, true);
}

void site_clock_refine(struct site_clock *clock, usec sent_boot, usec received_boot, usec site)
{
    usec slack = site % USEC_PER_SEC == 0 ? USEC_PER_SEC : 0;

    if (clock->known)
        narrow(clock, received_boot, site - slack - received_boot, site + slack - sent_boot, false);
}

/* The bounds of site minus boot, as far apart as they have drifted by now. */
static struct site_time minus_boot(const struct site_clock *clock, const struct instant *now)
{
    usec spread = drift(clock, now->boot);

    return (struct site_time){clock->low - spread, clock->high + spread};
}

/* Of site minus UTC. */
static struct site_time minus_utc(const struct site_clock *clock, const struct instant *now)
{
    struct site_time difference = minus_boot(clock, now);
    usec boot_minus_utc = now->boot - now->utc;

    return (struct site_time){difference.earliest + boot_minus_utc, difference.latest + boot_minus_utc};
}

usec site_clock_offset(const struct site_clock *clock, const struct instant *now)
{
    struct site_time offset;
    usec nearest;

    if (!clock->known)
        return 0;
    offset = minus_utc(clock, now);
    nearest = offset.earliest > 0 ? offset.earliest : offset.latest < 0 ? offset.latest : 0;
    return nearest >= -SITE_CLOCK_TOLERANCE && nearest <= SITE_CLOCK_TOLERANCE ? 0 : nearest;
}

usec site_clock_minus_boot(const struct site_clock *clock, const struct instant *now)
{
    return site_clock_offset(clock, now) + now->utc - now->boot;
}

struct site_time site_clock_bounds(const struct site_clock *clock, const struct instant *now)
{
    usec likely = site_clock_minus_boot(clock, now);
    struct site_time bounds;

    if (!clock->known)
        return (struct site_time){likely, likely};
    bounds = minus_boot(clock, now);
    return (struct site_time){usec_min(likely, bounds.earliest), usec_max(likely, bounds.latest)};
}

struct site_time site_clock_now(const struct site_clock *clock, const struct instant *now)
{
    struct site_time offset;

    if (site_clock_offset(clock, now) == 0)
        return (struct site_time){now->utc, now->utc};
    offset = minus_utc(clock, now);
    return (struct site_time){now->utc + offset.earliest, now->utc + offset.latest};
}
