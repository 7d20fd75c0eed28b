// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.h"

#include <assert.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const unsigned char utc_tzif[] = {
    'T', 'Z', 'i', 'f', '2', 0, 0,   0,   0,   0,   0,   0, 0,    0,   0,   0,   0,   0,    0, 0, 0, 0, 0, 0,
    0,   0,   0,   0,   0,   0, 0,   0,   0,   0,   0,   0, 0,    0,   0,   1,   0,   0,    0, 4, 0, 0, 0, 0,
    0,   0,   'U', 'T', 'C', 0, 'T', 'Z', 'i', 'f', '2', 0, 0,    0,   0,   0,   0,   0,    0, 0, 0, 0, 0, 0,
    0,   0,   0,   0,   0,   0, 0,   0,   0,   0,   0,   0, 0,    0,   0,   0,   0,   0,    0, 0, 0, 1, 0, 0,
    0,   4,   0,   0,   0,   0, 0,   0,   'U', 'T', 'C', 0, '\n', 'U', 'T', 'C', '0', '\n',
};

static struct instant now_of(struct world *world)
{
    return (struct instant){.utc = world->utc, .boot = world->boot, .random = random_next(&world->random)};
}

struct world *world_new(int64_t from_s, int64_t until_s)
{
    struct world *world = calloc(1, sizeof(*world));
    struct interval *interval = calloc(1, sizeof(*interval));
    struct zone *zone;
    int r;

    assert(world && interval);
    r = zone_parse("UTC", utc_tzif, sizeof(utc_tzif), &zone);
    assert(r == 0);
    *interval = (struct interval){
        .kind = INTERVAL_ACTIVE_HOURS,
        .line = 12,
        .zone = zone,
        .absolute = true,
        .from_wall = WORLD_START_UTC + from_s * USEC_PER_SEC,
        .until_wall = WORLD_START_UTC + until_s * USEC_PER_SEC,
    };
    world->interval = *interval;
    world->site = (struct policy_site){
        .name = (char *)"acme",
        .url = (char *)"https://acme.example",
        .user = (char *)"admin@acme.example",
        .token = (char *)"acme",
        .token_expires_utc = USEC_INFINITY,
        .enforce = true,
        .zone = zone,
        .duration_minutes = 60,
        .renewal_before = 20 * USEC_PER_MINUTE,
        .renewal_spread = 2 * USEC_PER_MINUTE,
        .verify = 15 * USEC_PER_MINUTE,
    };
    r = calendar_new(interval, 1, &world->site.calendar);
    assert(r == 0);
    world->utc = WORLD_START_UTC;
    world->boot = world->measured_boot = WORLD_START_BOOT;
    world->true_minus_boot = WORLD_START_UTC - WORLD_START_BOOT;
    world->from_boot = WORLD_START_BOOT + from_s * USEC_PER_SEC;
    world->until_boot = WORLD_START_BOOT + until_s * USEC_PER_SEC;
    world->latency = 50 * USEC_PER_MSEC;
    world->random.state = 42;
    return world;
}

struct world *world_free(struct world *world)
{
    engine_free(world->engine);
    calendar_free(world->site.calendar);
    calendar_free(world->site.renewal_windows);
    zone_free((struct zone *)world->site.zone);
    free(world);
    return NULL;
}

static usec site_now(const struct world *world)
{
    return world->boot + world->true_minus_boot + world->site_offset;
}

static bool key_is_live(const struct world *world)
{
    return world->key_live && site_now(world) < world->key_expires_site;
}

static void act(struct world *world)
{
    unsigned minutes = world->flight.fault.minutes ? world->flight.fault.minutes : world->flight.minutes;

    world->flight.acted = true;
    if (world->flight.fault.status && !world->flight.fault.acts)
        return;
    if (world->flight.fault.transport != TRANSPORT_REPLIED && !world->flight.fault.acts)
        return;
    if (world->flight.call == CONFLUENCE_DELETE) {
        world->key_live = false;
    } else if (world->flight.call == CONFLUENCE_POST) {
        world->key_live = true;
        world->key_expires_site = site_now(world) + minutes * USEC_PER_MINUTE;
    }
}

static const char *http_date(char buffer[static 64], usec utc)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_from_days((int32_t)(utc / USEC_PER_DAY));
    int64_t second = utc / USEC_PER_SEC % 86400;

    snprintf(buffer, 64, "Date: Mon, %02d %s %04d %02d:%02d:%02d GMT", date.day, months[date.month - 1],
             (int)date.year, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
    return buffer;
}

static void reply_header(struct confluence_reader *reader, const char *line)
{
    confluence_reader_header(reader, line, strlen(line));
}

/* The reply as the site gives it at the instant at which it acted. */
static void make_reply(struct world *world)
{
    const struct world_fault *fault = &world->flight.fault;
    struct confluence_reader reader;
    char line[64], body[256] = "", expires[TIME_TEXT_MAX];
    bool has_key = world->flight.call != CONFLUENCE_DELETE && key_is_live(world);
    int status = world->flight.call == CONFLUENCE_DELETE ? 204 : has_key ? 200 : 404;

    confluence_reader_init(&reader, world->flight.call);
    if (fault->transport == TRANSPORT_REPLIED) {
        snprintf(line, sizeof(line), "HTTP/1.1 %d X", fault->status ? fault->status : status);
        reply_header(&reader, line);
        reply_header(&reader, http_date(line, site_now(world)));
        for (const char *at = fault->headers; at && *at; at = strchr(at, '\n') + 1)
            confluence_reader_header(&reader, at, (size_t)(strchr(at, '\n') - at));
        if (has_key && fault->no_expiry)
            snprintf(body, sizeof(body), "{\"accountId\":\"x\"}");
        else if (has_key)
            snprintf(body, sizeof(body), "{\"accountId\":\"x\",\"expirationTime\":\"%s\"}",
                     time_format_rfc3339(expires, world->key_expires_site));
        confluence_reader_body(&reader, fault->body ? fault->body : body,
                               strlen(fault->body ? fault->body : body));
    }
    confluence_reader_finish(&reader, fault->transport, NULL, world->flight.site_now, &world->flight.reply);
    confluence_reader_done(&reader);
}

static void send_request(struct world *world, const struct engine_effect *effect)
{
    enum confluence_call call = effect->request.call;
    struct world_fault fault = {0};

    assert(!world->flight.pending);
    assert(world->n_calls < WORLD_CALLS_MAX);
    world->calls[world->n_calls++] = (struct world_call){
        .call = call,
        .minutes = effect->request.minutes,
        .sent_boot = world->boot,
        .site_expires_before = key_is_live(world) ? world->key_expires_site : 0,
    };
    if (world->script)
        fault = world->script(world, call, world->n_of[call]);
    world->n_of[call]++;
    world->flight.pending = true;
    world->flight.acted = world->flight.abandoned = false;
    world->flight.id = effect->id;
    world->flight.call = call;
    world->flight.minutes = effect->request.minutes;
    world->flight.fault = fault;
    world->flight.site_now = effect->request.site_now;
    world->flight.sent_boot = world->boot;
    world->flight.acts_boot = world->boot + world->latency + fault.delay;
    world->flight.replies_boot = world->boot + 2 * world->latency + fault.delay + fault.hang;
    if (fault.transport == TRANSPORT_TIMED_OUT)
        world->flight.replies_boot = world->boot + effect->request.timeout;
    assert(world->flight.replies_boot <= world->boot + effect->request.timeout);
}

/* What the catalog of the journal says an entry has (etc/adminkeyd.catalog). */
static void demand_fields(const struct report *report)
{
    bool of_a_call = report->kind == REPORT_CALL_FAILED || report->kind == REPORT_SITE_BLOCKED;

    if (report->site && *report->site && (!of_a_call || report->verdict))
        return;
    fprintf(stderr, "without its site or its verdict: %s\n", report->message);
    abort();
}

static void carry_out(struct world *world, const struct engine_effects *effects)
{
    for (size_t i = 0; i < effects->n; i++) {
        const struct engine_effect *effect = &effects->list[i];

        switch (effect->kind) {
        case ENGINE_EFFECT_REQUEST: send_request(world, effect); break;
        case ENGINE_EFFECT_ABANDON:
            assert(world->flight.pending && world->flight.id == effect->id);
            world->flight.pending = false;
            break;
        case ENGINE_EFFECT_RECORD:
            assert(world->n_records < WORLD_RECORDS_MAX);
            if (!world->ledger_fails)
                world->records[world->n_records++] = effect->record.record;
            if (effect->record.record.kind == RECORD_INTENT)
                world_step(world, &(struct engine_event){.kind = ENGINE_RECORDED,
                                                         .id = effect->record.record.id,
                                                         .ok = !world->ledger_fails});
            break;
        case ENGINE_EFFECT_REPORT:
            assert(world->n_reports < WORLD_REPORTS_MAX);
            demand_fields(&effect->report);
            world->reports[world->n_reports++] = effect->report;
            if (getenv("WORLD_TRACE"))
                printf("# %9.3f %s\n", world_seconds(world, world->boot), effect->report.message);
            break;
        case ENGINE_EFFECT_STOPPED: world->stopped = true; break;
        case ENGINE_EFFECT_SLEEP_READY: world->sleep_ready = true; break;
        }
    }
}

void world_step(struct world *world, const struct engine_event *event)
{
    struct instant now = now_of(world);
    struct engine_effects effects;

    engine_step(world->engine, &now, event, &effects);
    world->effects.due_boot = effects.due_boot;
    if (event->kind == ENGINE_ASK)
        world->answer = effects.answer;
    carry_out(world, &effects);
}

void world_wake(struct world *world)
{
    world_step(world, &(struct engine_event){.kind = ENGINE_WAKE});
}

void world_start(struct world *world)
{
    struct instant now = now_of(world);
    int r;

    world->engine = engine_free(world->engine);
    world->flight.pending = false;
    world->stopped = false;
    r = engine_new(&world->site, &world->engine);
    assert(r == 0);
    for (size_t i = 0; i < world->n_records; i++)
        engine_remember(world->engine, &world->records[i], &now);
    world_wake(world);
}

void world_stop(struct world *world, bool restart)
{
    world_step(world, &(struct engine_event){.kind = ENGINE_STOP, .restart = restart});
}

struct ask_answer world_ask(struct world *world, const struct ask *ask)
{
    world_step(world, &(struct engine_event){.kind = ENGINE_ASK, .ask = ask});
    return world->answer;
}

void world_set_intervals(struct world *world, const struct interval *intervals, size_t n)
{
    struct interval *copies = calloc(n, sizeof(*copies));
    int r;

    assert(copies);
    memcpy(copies, intervals, n * sizeof(*copies));
    for (size_t i = 0; i < n; i++) {
        copies[i].zone = world->site.zone;
        copies[i].absolute = true;
        copies[i].from_wall += WORLD_START_UTC;
        copies[i].until_wall += WORLD_START_UTC;
    }
    calendar_free(world->site.calendar);
    r = calendar_new(copies, n, &world->site.calendar);
    assert(r == 0);
}

/* Moves time on and adds up what the site's users saw. Nothing changes in between but an expiry. */
static void pass(struct world *world, usec boot)
{
    while (world->boot < boot) {
        usec next = boot, step;
        bool inside = world->boot >= world->from_boot && world->boot < world->until_boot;
        bool live = key_is_live(world);

        if (world->boot < world->from_boot)
            next = usec_min(next, world->from_boot);
        if (world->boot < world->until_boot)
            next = usec_min(next, world->until_boot);
        if (live)
            next = usec_min(next, world->key_expires_site - world->true_minus_boot - world->site_offset);
        if (world->boot >= world->until_boot || next > world->boot)
            step = next - world->boot;
        else
            step = boot - world->boot;
        if (inside && !live)
            world->site_gap += step;
        if (!inside && live)
            world->site_exposure += step;
        world->boot += step;
        world->utc += step;
    }
}

void world_run_to(struct world *world, double seconds)
{
    usec end = WORLD_START_BOOT + (usec)(seconds * (double)USEC_PER_SEC);
    unsigned steps = 0;

    for (;;) {
        usec due =
            world->effects.due_boot == USEC_INFINITY ? USEC_INFINITY : world->effects.due_boot + world->late;
        usec next = usec_min(end, due);

        assert(++steps < 200000);
        if (world->flight.pending)
            next = usec_min(next, world->flight.acted ? world->flight.replies_boot : world->flight.acts_boot);
        pass(world, next);
        if (world->flight.pending && !world->flight.acted && world->boot >= world->flight.acts_boot) {
            act(world);
            make_reply(world);
        } else if (world->flight.pending && world->flight.acted &&
                   world->boot >= world->flight.replies_boot) {
            world->flight.pending = false;
            world_step(world, &(struct engine_event){.kind = ENGINE_REPLY,
                                                     .id = world->flight.id,
                                                     .reply = &world->flight.reply});
        } else if (world->boot >= due) {
            world_wake(world);
        } else if (world->boot >= end) {
            return;
        }
    }
}

double world_seconds(const struct world *world, usec boot)
{
    (void)world;
    return usec_seconds(boot - WORLD_START_BOOT);
}

void world_set_clock(struct world *world, usec by)
{
    world->utc += by;
    world_wake(world);
}

void world_other_actor(struct world *world, unsigned minutes)
{
    world->key_live = minutes > 0;
    world->key_expires_site = site_now(world) + minutes * USEC_PER_MINUTE;
}

struct site_status world_status(const struct world *world)
{
    struct instant now = {.utc = world->utc, .boot = world->boot};
    struct site_status status;

    engine_status(world->engine, &now, &status);
    return status;
}

unsigned world_count_reports(const struct world *world, enum report_kind kind)
{
    unsigned n = 0;

    for (size_t i = 0; i < world->n_reports; i++)
        n += world->reports[i].kind == kind;
    return n;
}

unsigned world_count_calls(const struct world *world, enum confluence_call call)
{
    unsigned n = 0;

    for (size_t i = 0; i < world->n_calls; i++)
        n += world->calls[i].call == call;
    return n;
}

const struct world_call *world_call_of(const struct world *world, enum confluence_call call, unsigned n)
{
    for (size_t i = 0; i < world->n_calls; i++)
        if (world->calls[i].call == call && n-- == 0)
            return &world->calls[i];
    fail_msg("there was no such call");
    return NULL;
}

double world_call_at(const struct world *world, enum confluence_call call, unsigned n)
{
    return world_seconds(world, world_call_of(world, call, n)->sent_boot);
}

void assert_near(double value, double wanted, double tolerance)
{
    if (fabs(value - wanted) > tolerance)
        fail_msg("%f is not within %f of %f", value, wanted, tolerance);
}
