// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The site's clock as known here: bounds on the difference between it and this machine's boot clock, which
 * runs on in suspend and never jumps. Each reply's Date bounds it to a second plus the round trip; bounds
 * intersect. From these and the present UTC follows how far this machine's clock is off.
 */

#include <stdbool.h>

#include "base/time.h"

#define SITE_CLOCK_TOLERANCE (2 * USEC_PER_SEC)  /* an offset within this counts as none */
#define SITE_CLOCK_DISTRUST  (30 * USEC_PER_SEC) /* beyond this the local clock alone opens nothing */
#define SITE_CLOCK_DRIFT_PPM 200                 /* how fast the two clocks may drift apart, at the worst */

struct instant;

struct site_clock {
    bool known;     /* at least one Date was seen since this struct was zeroed */
    usec low, high; /* site minus boot, at seen_boot */
    usec seen_boot;
};

/* A reply that came between the two instants said that the site's clock read `date_site`, cut down to
 * seconds. */
void site_clock_observe(struct site_clock *clock, usec sent_boot, usec received_boot, usec date_site);

/* The site's clock read exactly `site` somewhere between the two instants; or, where that is whole seconds,
 * up to a second less or more, for it may have been cut or filled up. Believed only inside the bounds. */
void site_clock_refine(struct site_clock *clock, usec sent_boot, usec received_boot, usec site);

/* The site's clock minus this machine's: the smallest difference that the bounds allow. Exactly 0 within
 * SITE_CLOCK_TOLERANCE, or while nothing is known. */
usec site_clock_offset(const struct site_clock *clock, const struct instant *now);

/* The site's clock minus the boot clock, as far as known: what dates an intent, whatever UTC is set to since.
 */
usec site_clock_minus_boot(const struct site_clock *clock, const struct instant *now);

/* Bounds on what the site's clock reads. */
struct site_time {
    usec earliest, latest;
};

/* The same difference, with all that is not known of it. */
struct site_time site_clock_bounds(const struct site_clock *clock, const struct instant *now);

/* What the site's clock reads now. Equal to UTC where the offset counts as 0. */
struct site_time site_clock_now(const struct site_clock *clock, const struct instant *now);
