// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl calendar [SITE] [--days N] [--from DATE]
 */

#include <errno.h>
#include <stdio.h>

#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/hours.h"
#include "adminkeyctl/picture.h"
#include "adminkeyctl/policy_input.h"
#include "adminkeyctl/when.h"
#include "calendar/window.h"
#include "control/json.h"
#include "engine/cause.h"
#include "os/clock.h"

/* Whole years, no instant of which lies where calendars do not look, in whatever zone. */
#define YEAR_FIRST (WINDOW_YEAR_FIRST + 1)
#define YEAR_LAST  (ZONE_YEAR_LAST - 1)

static struct json_object *cause_json(const struct interval *interval)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "kind",
                  cause_kind_name(interval->kind == INTERVAL_MAINTENANCE_WINDOW ? CAUSE_MAINTENANCE_WINDOW
                                                                                : CAUSE_ACTIVE_HOURS));
    json_add_text_or_null(&json, "name", interval->name);
    json_add_text_or_null(&json, "reason", interval->reason);
    json_add_int(&json, "line", interval->line);
    return json_finish(&json);
}

static struct json_object *window_json(const struct policy_site *site, const struct hours_window *window)
{
    _cleanup_json_ struct json_builder json = json_begin();
    struct json_object *causes = json_object_new_array();
    size_t n;
    const struct interval *intervals = calendar_intervals(site->calendar, &n);

    json_add_instant(&json, "from", window->from_utc);
    json_add_instant(&json, "until", window->until_utc);
    for (size_t i = 0; causes && i < n; i++)
        if (hours_is_cause(&intervals[i], window->from_utc, window->until_utc) &&
            json_append(causes, cause_json(&intervals[i])) < 0)
            json.failed = true;
    json_add(&json, "causes", causes);
    return json_finish(&json);
}

static int print_json(const struct policy_site *site, usec from_utc, usec until_utc)
{
    _cleanup_json_ struct json_builder json = json_begin();
    struct json_object *windows = json_object_new_array();
    struct hours_window window = {.until_utc = from_utc};

    json_add_text(&json, "site", site->name);
    json_add_text(&json, "timezone", zone_name(site->zone));
    json_add_instant(&json, "from", from_utc);
    json_add_instant(&json, "until", until_utc);
    while (windows && !json.failed && window.until_utc < until_utc &&
           hours_next_window(site->calendar, window.until_utc, until_utc, &window)) {
        if (window.until_utc > until_utc)
            window.until_utc = until_utc;
        if (json_append(windows, window_json(site, &window)) < 0)
            json.failed = true;
    }
    json_add(&json, "windows", windows);
    if (json.failed)
        return -ENOMEM;
    printf("%s\n", json_object_to_json_string_ext(json.object,
                                                  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return 0;
}

static int32_t local_day(const struct zone *zone, usec utc)
{
    usec wall = zone_wall(zone, utc);

    return (int32_t)((wall - (wall < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY);
}

/* The first day that the arguments ask for, as the site's clock reads it. An exit status. */
static int find_first_day(const struct arguments *arguments, const struct zone *zone, usec now_utc,
                          int32_t *ret_day)
{
    struct error error = {0};
    struct when when;
    int32_t day;

    if (when_parse(arguments->from ? arguments->from : "now", zone, now_utc, &when, &error) < 0) {
        fprintf(stderr,
                "adminkeyctl: --from: '%s' is no day of %d to %d: write 2026-10-24, now, +7d or -7d\n",
                arguments->from, YEAR_FIRST, YEAR_LAST);
        return STATUS_USAGE;
    }
    day = local_day(zone, when.utc[0]);
    if (day < date_to_days((struct date){YEAR_FIRST, 1, 1}) ||
        day + (int32_t)arguments->days > date_to_days((struct date){YEAR_LAST + 1, 1, 1})) {
        fprintf(stderr,
                "adminkeyctl: the calendar covers the years %d to %d: choose other --from and --days\n",
                YEAR_FIRST, YEAR_LAST);
        return STATUS_USAGE;
    }
    *ret_day = day;
    return STATUS_DONE;
}

static int show(const struct arguments *arguments, const struct policy_site *site)
{
    struct paint paint = paint_for_stdout(arguments);
    struct picture picture = {.site = site, .days = arguments->days, .now_utc = clock_utc()};
    int status = find_first_day(arguments, site->zone, picture.now_utc, &picture.first_day);

    if (status != STATUS_DONE)
        return status;
    if (!arguments->json) {
        picture_draw(stdout, &paint, &picture);
        return STATUS_DONE;
    }
    if (print_json(
            site, zone_first_reach(site->zone, picture.first_day * USEC_PER_DAY),
            zone_first_reach(site->zone, (picture.first_day + (int32_t)picture.days) * USEC_PER_DAY)) == 0)
        return STATUS_DONE;
    fprintf(stderr, "adminkeyctl: out of memory\n");
    return STATUS_NO;
}

int verb_calendar(const struct arguments *arguments)
{
    _cleanup_(policy_input_done) struct policy_input input = {0};
    const struct policy_site *site;
    int status = policy_input_open(arguments, &input);

    if (status == STATUS_DONE && arguments->operand) {
        status = policy_input_find_site(&input, arguments->operand, &site);
        return status == STATUS_DONE ? show(arguments, site) : status;
    }
    for (size_t i = 0; status == STATUS_DONE && i < input.policy->n_sites; i++) {
        if (i > 0 && !arguments->json)
            printf("\n");
        status = show(arguments, &input.policy->sites[i]);
    }
    return status;
}
