// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key.h"

#include <string.h>

#include "engine/status.h"

#define FIT_LATE (KEY_LATE_THIRD + 5 * USEC_PER_SEC) /* as long as it is reckoned with */
#define FIT_EARLY                                                                                            \
    (SITE_CLOCK_TOLERANCE +                                                                                  \
     3 * USEC_PER_SEC) /* clocks that count as one, what a Date leaves open, the site's rounding */

void key_init(struct key *key)
{
    *key = (struct key){.proved_off_utc = STATUS_NEVER, .read_boot = -USEC_INFINITY};
}

static void remove_intent(struct key *key, size_t at)
{
    key->n_intents--;
    memmove(key->intents + at, key->intents + at + 1, (key->n_intents - at) * sizeof(key->intents[0]));
}

void key_intend(struct key *key, const struct key_intent *intent)
{
    if (key->n_intents == KEY_INTENTS_MAX)
        remove_intent(key, 0);
    key->intents[key->n_intents++] = *intent;
    key->proved_off_utc = STATUS_NEVER;
}

struct key_intent *key_find_intent(struct key *key, uint64_t id)
{
    for (size_t i = 0; i < key->n_intents; i++)
        if (key->intents[i].id == id)
            return &key->intents[i];
    return NULL;
}

void key_resolve(struct key *key, uint64_t id)
{
    for (size_t i = 0; i < key->n_intents; i++)
        if (key->intents[i].id == id) {
            remove_intent(key, i);
            return;
        }
}

void key_forget(struct key *key, usec now_boot)
{
    for (size_t i = key->n_intents; i-- > 0;) {
        usec given_up_boot = key->intents[i].given_up_boot;

        if (given_up_boot != USEC_INFINITY && now_boot - given_up_boot > KEY_FORGET)
            remove_intent(key, i);
    }
}

static bool intent_fits(const struct key_intent *intent, usec expires_site, struct site_time site_minus_boot)
{
    usec asked_site = expires_site - (usec)intent->minutes * USEC_PER_MINUTE;

    return asked_site - site_minus_boot.earliest >= intent->sent_boot - FIT_EARLY &&
           (intent->given_up_boot == USEC_INFINITY ||
            asked_site - site_minus_boot.latest <= intent->given_up_boot + FIT_LATE);
}

const struct key_intent *key_fitting_intent(const struct key *key, usec expires_site,
                                            struct site_time site_minus_boot)
{
    for (size_t i = 0; i < key->n_intents; i++)
        if (intent_fits(&key->intents[i], expires_site, site_minus_boot))
            return &key->intents[i];
    return NULL;
}

bool key_is_ours(const struct key *key, usec expires_site, struct site_time site_minus_boot)
{
    usec difference = expires_site - key->last_granted_site;

    if (key->last_granted_site != 0 && difference >= -KEY_SAME && difference <= KEY_SAME)
        return true;
    return key_fitting_intent(key, expires_site, site_minus_boot);
}

bool key_is_doubtful(const struct key *key)
{
    for (size_t i = 0; i < key->n_intents; i++)
        if (key->intents[i].given_up_boot != USEC_INFINITY && key->intents[i].given_up_boot > key->read_boot)
            return true;
    return false;
}

usec key_latest_expiry(const struct key *key, usec site_minus_boot)
{
    bool replaced = !key->ours && (key->known == KEY_LIVE || key->known == KEY_EXPIRED);
    usec latest = replaced ? 0 : key->last_granted_site;

    for (size_t i = 0; i < key->n_intents; i++) {
        const struct key_intent *intent = &key->intents[i];
        usec acts_boot = usec_min(intent->sent_boot + KEY_POST_TIME, intent->given_up_boot);

        /* What was read since shows what it made. */
        if (intent->given_up_boot > key->read_boot)
            latest = usec_max(latest, acts_boot + (usec)intent->minutes * USEC_PER_MINUTE + site_minus_boot);
    }
    return latest;
}

usec key_next_late(const struct key *key, usec looked_boot)
{
    static const usec after[] = {0, KEY_LATE_SECOND, KEY_LATE_THIRD};
    usec next = USEC_INFINITY;

    for (size_t i = 0; i < key->n_intents; i++) {
        usec given_up = key->intents[i].given_up_boot;

        for (size_t k = 0; given_up != USEC_INFINITY && k < sizeof(after) / sizeof(after[0]); k++)
            if (given_up + after[k] > looked_boot || looked_boot == 0) {
                if (given_up + after[k] < next)
                    next = given_up + after[k];
                break;
            }
    }
    return next;
}
