// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/breaker.h"

#include "engine/mutant.h"

void breaker_none_later(struct breaker *breaker, usec boot)
{
    usec later = breaker->n == 0 ? 0 : breaker->at_boot[breaker->newest] - boot;

    for (size_t i = 0; i < BREAKER_POSTS_PER_HOUR && later > 0; i++)
        breaker->at_boot[i] -= later;
}

void breaker_posted(struct breaker *breaker, usec boot, unsigned duration_minutes)
{
    breaker_none_later(breaker, boot);
    breaker->newest = (breaker->newest + 1) % BREAKER_POSTS_PER_HOUR;
    breaker->at_boot[breaker->newest] = boot;
    breaker->duration_minutes[breaker->newest] = (uint8_t)duration_minutes;
    breaker->granted[breaker->newest] = breaker->open[breaker->newest] = true;
    breaker->none_came[breaker->newest] = false;
    if (breaker->n < BREAKER_POSTS_PER_HOUR)
        breaker->n++;
}

/* By its reply, from now on. */
static void date_newest(struct breaker *breaker, usec boot)
{
    breaker_none_later(breaker, boot);
    breaker->at_boot[breaker->newest] = boot;
}

void breaker_settled(struct breaker *breaker, usec boot, bool granted)
{
    if (breaker->n == 0)
        return;
    if (granted) /* and took the place of what an earlier one may have made */
        breaker_close(breaker);
    date_newest(breaker, boot);
    breaker->granted[breaker->newest] = granted;
    breaker->open[breaker->newest] = false;
}

void breaker_doubted(struct breaker *breaker, usec boot)
{
    if (breaker->n == 0)
        return;
    date_newest(breaker, boot);
    breaker->granted[breaker->newest] = breaker->open[breaker->newest] = true;
}

void breaker_none_came(struct breaker *breaker, usec boot)
{
    for (size_t i = 0; i < BREAKER_POSTS_PER_HOUR; i++)
        if (breaker->open[i] && boot >= breaker->at_boot[i] && boot - breaker->at_boot[i] <= BREAKER_YOUNG)
            breaker->none_came[i] = true;
}

void breaker_close(struct breaker *breaker)
{
    for (size_t i = 0; i < BREAKER_POSTS_PER_HOUR; i++)
        breaker->open[i] = false;
}

enum counted {
    POSTS,
    GRANTS,       /* as far as no reply tells otherwise */
    GRANTS_FOUND, /* and no read either */
};

static bool counts(const struct breaker *breaker, size_t at, enum counted counted)
{
    return counted == POSTS || (breaker->granted[at] && (counted == GRANTS || !breaker->none_came[at]));
}

/* When the window opens again that may hold `most` of the counted POSTs in any `span`. */
static usec opens(const struct breaker *breaker, usec boot, usec span, size_t most, enum counted counted)
{
    size_t n = 0;

    for (size_t i = 0; i < breaker->n; i++) {
        size_t at = (breaker->newest + BREAKER_POSTS_PER_HOUR - i) % BREAKER_POSTS_PER_HOUR;

        if (!counts(breaker, at, counted))
            continue;
        /* One microsecond more, for both ends of a span belong to it. */
        if (++n == most)
            return breaker->at_boot[at] + span + 1 > boot ? breaker->at_boot[at] + span + 1 : boot;
    }
    return boot;
}

static size_t grants_per_hour(unsigned duration_minutes)
{
    size_t grants = 3 * ((60 + duration_minutes - 1) / duration_minutes);

    return grants < BREAKER_GRANTS_PER_HOUR ? BREAKER_GRANTS_PER_HOUR : grants;
}

static unsigned shortest(const struct breaker *breaker, usec boot, unsigned duration_minutes)
{
    for (size_t i = 0; i < breaker->n; i++) {
        size_t at = (breaker->newest + BREAKER_POSTS_PER_HOUR - i) % BREAKER_POSTS_PER_HOUR;

        if (breaker->at_boot[at] + USEC_PER_HOUR >= boot && breaker->duration_minutes[at] < duration_minutes)
            duration_minutes = breaker->duration_minutes[at];
    }
    return duration_minutes;
}

usec breaker_allows(const struct breaker *breaker, usec boot, unsigned duration_minutes)
{
    size_t hourly = grants_per_hour(shortest(breaker, boot, duration_minutes));
    usec minute, hour, posts;

    if (MUTANT(MUTANT_RATE))
        return boot;
    minute = opens(breaker, boot, USEC_PER_MINUTE, BREAKER_GRANTS_PER_MINUTE, GRANTS);
    hour = opens(breaker, boot, USEC_PER_HOUR, hourly, GRANTS_FOUND);
    posts = opens(breaker, boot, USEC_PER_HOUR, BREAKER_POSTS_PER_HOUR, POSTS);
    return usec_max(usec_max(minute, hour), posts);
}
