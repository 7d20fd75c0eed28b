// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How long the key was on: in this stretch, and on this local day, for the policy's limits. What counts is
 * the key itself, from the request that made it to its expiry or the proof that it is off; not the hours that
 * wanted one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "calendar/zone.h"

struct usage {
    int32_t day; /* the local date that day_used counts, as days since 1970-01-01 */
    usec day_used, stretch_used;

    /* While the ledger is recalled: the key that may be on there, and its end before the last intent;
     * afterwards, the last time that one was on. */
    bool recalling;
    usec on_utc, expires_utc, before_utc;
};

/* The key was on from then till then, in UTC, inside one stretch. */
void usage_add(struct usage *usage, const struct zone *zone, usec from_utc, usec until_utc);

/* A new stretch begins. */
void usage_begin_stretch(struct usage *usage);

/* The local day may have ended. It begins when it has begun by all clocks, of which the earliest and the
 * latest are given; and one day is taken for an earlier one only where all are back there: a single clock
 * that is set back, and right again, frees nothing. */
void usage_turn_day(struct usage *usage, const struct zone *zone, usec earliest_utc, usec latest_utc);

/* When the local day that is counted ends. */
usec usage_next_midnight(const struct usage *usage, const struct zone *zone);

/* From the ledger, in its order: a stretch had begun then, with what was recalled of the key since; */
void usage_recall_stretch(struct usage *usage, const struct zone *zone, usec stretch_utc);

/* after its end, one has begun then that no record names, and what was recalled of the key counts in it.
 * Returns from when, or now where nothing does. */
usec usage_recall_begun(struct usage *usage, usec begun_utc, usec now_utc);

/* a key was asked for, and counts until its end, whatever its reply said, unless it surely did nothing; it
 * was granted, or found by a read, until then; it was read or proved to be off, or the ledger is at its end.
 */
void usage_recall_intent(struct usage *usage, const struct zone *zone, usec at_utc, unsigned minutes);
void usage_recall_refusal(struct usage *usage);
void usage_recall_grant(struct usage *usage, const struct zone *zone, usec at_utc, usec expires_utc);
void usage_recall_off(struct usage *usage, const struct zone *zone, usec at_utc);
/* So much had been used by then, of what is open, too. */
void usage_recall_used(struct usage *usage, usec at_utc, int32_t day, usec day_used, usec stretch_used);
