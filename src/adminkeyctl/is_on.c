// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl is-on SITE [-q]
 */

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/reply_text.h"
#include "adminkeyctl/status_text.h"
#include "os/clock.h"

int verb_is_on(const struct arguments *arguments)
{
    _cleanup_(client_freep) struct client *client = NULL;
    _cleanup_(message_reply_done) struct message_reply reply = {0};
    struct site_view view;
    int r;

    r = client_open(arguments, &client);
    if (r == STATUS_DONE)
        r = client_call(client, "Status", true, false);
    if (r == STATUS_DONE)
        r = client_take(client, &reply);
    if (r != STATUS_DONE)
        return r;
    if (!view_site(reply.parameters, &view))
        return client_complain_of_garbage(client);
    if (arguments->json && !arguments->quiet) {
        reply_print_json(&reply);
    } else if (!arguments->quiet) {
        status_text_change(stdout, &view, clock_utc());
        printf("\n");
    }
    return view_is_on(&view) ? STATUS_DONE : view_is_off(&view) ? STATUS_NO : STATUS_DEGRADED;
}
