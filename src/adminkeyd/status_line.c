// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyd/status_line.h"

#include <stdio.h>

#define INSTANT_MAX 32

void status_line_init(struct status_line *line, usec now_utc, size_t n_sites, bool policy_rejected)
{
    *line =
        (struct status_line){.words = BYTES_INIT(STATUS_LINE_MAX), .now_utc = now_utc, .n_sites = n_sites};
    if (policy_rejected)
        (void)bytes_append_text(&line->words, "The new policy was refused, the old one is in force. ");
}

/* Local to the site's policy; the date only where it is not today's. */
static const char *format_instant(char buffer[static INSTANT_MAX], const struct zone *zone, usec utc,
                                  usec now_utc)
{
    usec wall = zone_wall(zone, utc), now_wall = zone_wall(zone, now_utc);
    usec day = wall / USEC_PER_DAY, in_day = wall % USEC_PER_DAY;
    struct date date = date_from_days((int32_t)day);
    int used = 0;

    if (day != now_wall / USEC_PER_DAY)
        used = snprintf(buffer, INSTANT_MAX, "%04d-%02u-%02u ", (int)date.year, date.month, date.day);
    snprintf(buffer + used, INSTANT_MAX - (size_t)used, "%02u:%02u", (unsigned)(in_day / USEC_PER_HOUR),
             (unsigned)(in_day / USEC_PER_MINUTE % 60));
    return buffer;
}

/* Why it is on: the name, or else the kind, and the reason of those that have one. */
static void tell_cause(struct status_line *line, const struct cause *cause)
{
    if (cause->kind == CAUSE_NONE)
        return;
    (void)bytes_printf(&line->words, ", %s", cause->name ? cause->name : cause_kind_name(cause->kind));
    if (cause->reason && *cause->reason)
        (void)bytes_printf(&line->words, " (%s)", cause->reason);
}

static void tell_site(struct status_line *line, const struct policy_site *site,
                      const struct site_status *status)
{
    const char *separator = line->n_told++ > 0 ? "; " : "";
    char instant[INSTANT_MAX];

    if (!status->agrees)
        (void)bytes_printf(&line->words, "%s%s is %s, should be %s%s%s", separator, site->name,
                           site_state_name(status->state), status->goal_on ? "on" : "off",
                           status->last_error.is_set ? ": " : "",
                           status->last_error.is_set ? status->last_error.detail : "");
    else if (status->next_change_utc == STATUS_NEVER)
        (void)bytes_printf(&line->words, "%s%s is %s", separator, site->name, site_state_name(status->state));
    else
        (void)bytes_printf(&line->words, "%s%s is %s until %s", separator, site->name,
                           site_state_name(status->state),
                           format_instant(instant, site->zone, status->next_change_utc, line->now_utc));
    if (status->agrees && status->goal_on)
        tell_cause(line, &status->cause);
}

void status_line_add(struct status_line *line, const struct policy_site *site,
                     const struct site_status *status)
{
    line->n_on += status->state == SITE_ON;
    line->n_astray += !status->agrees;
    if (line->n_sites <= STATUS_LINE_SITES || (!status->agrees && line->n_told < STATUS_LINE_SITES))
        tell_site(line, site, status);
}

const char *status_line_finish(struct status_line *line)
{
    if (line->n_sites > STATUS_LINE_SITES)
        (void)bytes_printf(&line->words, "%s%zu sites: %zu on, %zu not as the policy wants",
                           line->n_told > 0 ? ". " : "", line->n_sites, line->n_on, line->n_astray);
    return bytes_text(&line->words);
}

void status_line_done(struct status_line *line)
{
    bytes_done(&line->words);
}
