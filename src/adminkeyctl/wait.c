// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl wait SITE --on|--off [--min-remaining DURATION] [--timeout DURATION]
 */

#include <stdio.h>

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/monitor.h"
#include "adminkeyctl/paint.h"
#include "adminkeyctl/reply_text.h"
#include "adminkeyctl/status_text.h"
#include "confluence/confluence.h"
#include "base/text.h"
#include "os/clock.h"

#define GO_ON (-1)

/* What was seen of the key so far. */
struct waiting {
    const struct arguments *arguments;
    bool seen;
    usec expires_site; /* of the reply before */
};

static int complain_of_block(const struct site_view *view)
{
    fprintf(stderr, "adminkeyctl: the site '%s' is blocked (%s): see 'adminkeyctl status %s'\n", view->site,
            view->error.detail ? view->error.detail : "no detail", view->site);
    return STATUS_DEGRADED;
}

static int complain_of_minimum(const struct waiting *waiting, const struct site_view *view, const char *why)
{
    char span[PAINT_TIME_MAX];

    fprintf(stderr, "adminkeyctl: the policy gives no %s of key on '%s': %s\n",
            paint_span(span, waiting->arguments->min_remaining), view->site, why);
    return STATUS_REFUSED;
}

/* Off for as long as the machine sleeps or its session is locked: what the policy says of later is not told.
 */
static bool is_away(const struct site_view *view)
{
    return view->cause.kind && (text_equal(view->cause.kind, cause_kind_name(CAUSE_SLEEP)) ||
                                text_equal(view->cause.kind, cause_kind_name(CAUSE_LOCK)));
}

/* STATUS_REFUSED where waiting longer within this policy is in vain, else GO_ON. */
static int judge_policy(const struct waiting *waiting, const struct site_view *view, usec now_utc)
{
    usec minimum = waiting->arguments->min_remaining;
    bool is_new = waiting->seen && view->expires_site > waiting->expires_site;

    if (!view->goal_on && view->next_change_utc == STATUS_NEVER && !is_away(view)) {
        fprintf(stderr, "adminkeyctl: the policy never switches the key of '%s' on\n", view->site);
        return STATUS_REFUSED;
    }
    if (minimum > CONFLUENCE_MINUTES_MAX * USEC_PER_MINUTE)
        return complain_of_minimum(waiting, view, "a key lives for an hour at most");
    if (view->goal_on && view->next_change_utc != STATUS_NEVER && view->next_change_utc - now_utc < minimum)
        return complain_of_minimum(waiting, view, "its hours end before that");
    if (view->state == SITE_ON && is_new && view->expires_utc - now_utc < minimum)
        return complain_of_minimum(waiting, view, "a new one lives shorter; see 'duration' in the policy");
    return GO_ON;
}

/* An exit status, or GO_ON. */
static int judge(struct waiting *waiting, const struct site_view *view, usec now_utc)
{
    int r = GO_ON;

    if (waiting->arguments->want_off && view_is_off(view))
        return STATUS_DONE;
    if (waiting->arguments->want_on && view_is_on(view) &&
        (waiting->arguments->min_remaining == 0 ||
         view->expires_utc - now_utc >= waiting->arguments->min_remaining))
        return STATUS_DONE;
    if (view->state == SITE_BLOCKED)
        return complain_of_block(view);
    if (waiting->arguments->want_on)
        r = judge_policy(waiting, view, now_utc);
    waiting->seen = true;
    waiting->expires_site = view->expires_site;
    return r;
}

static int complain_of_timeout(const struct arguments *arguments)
{
    char span[PAINT_TIME_MAX];

    fprintf(stderr, "adminkeyctl: the key of '%s' was not %s within %s: see 'adminkeyctl status %s'\n",
            arguments->operand, arguments->want_on ? "on" : "off", paint_span(span, arguments->timeout),
            arguments->operand);
    return STATUS_NO;
}

static int print_result(const struct arguments *arguments, const struct message_reply *reply,
                        const struct site_view *view)
{
    if (arguments->json) {
        reply_print_json(reply);
    } else {
        status_text_change(stdout, view, clock_utc());
        printf("\n");
    }
    return STATUS_DONE;
}

/* Reads replies until one settles it. */
static int wait_for(const struct arguments *arguments, struct monitor *monitor, usec due_boot)
{
    struct waiting waiting = {.arguments = arguments};
    int r = GO_ON;

    while (r == GO_ON) {
        _cleanup_(message_reply_done) struct message_reply reply = {0};
        struct site_view view;

        r = monitor_next(monitor, due_boot, &reply);
        if (r == CLIENT_TIMED_OUT)
            return complain_of_timeout(arguments);
        if (r != STATUS_DONE)
            return r;
        if (!view_site(reply.parameters, &view))
            return monitor_complain_of_garbage(monitor);
        r = judge(&waiting, &view, clock_utc());
        if (r == STATUS_DONE)
            return print_result(arguments, &reply, &view);
    }
    return r;
}

int verb_wait(const struct arguments *arguments)
{
    usec now = clock_boot(), due = USEC_INFINITY;
    _cleanup_(monitor_freep) struct monitor *monitor = NULL;
    int r;

    if (arguments->want_on == arguments->want_off || (arguments->want_off && arguments->min_remaining > 0)) {
        fprintf(stderr, "adminkeyctl: 'wait' takes either --on, also with --min-remaining, or --off\n");
        return STATUS_USAGE;
    }
    if (arguments->timeout != USEC_INFINITY)
        due = now + arguments->timeout;
    r = monitor_open(arguments, false, &monitor);
    return r == STATUS_DONE ? wait_for(arguments, monitor, due) : r;
}
