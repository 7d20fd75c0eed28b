// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * adminkeyctl reload
 */

#include "adminkeyctl/client.h"
#include "adminkeyctl/exit_status.h"
#include "adminkeyctl/reply_text.h"

int verb_reload(const struct arguments *arguments)
{
    _cleanup_(client_freep) struct client *client = NULL;
    _cleanup_(message_reply_done) struct message_reply reply = {0};
    int r;

    r = client_open(arguments, &client);
    if (r == STATUS_DONE)
        r = client_call(client, "Reload", false, false);
    if (r == STATUS_DONE)
        r = client_take(client, &reply);
    if (r != STATUS_DONE)
        return r;
    if (arguments->json)
        reply_print_json(&reply);
    else
        printf("The new policy is in force.\n");
    return STATUS_DONE;
}
