// SPDX-License-Identifier: GPL-3.0-or-later
#include "confluence/verdict.h"

#include <errno.h>
#include <stddef.h>

#include "base/text.h"

static const struct {
    const char *name, *words;
} rows[N_VERDICTS] = {
    [VERDICT_DONE] = {"done", "Done."},
    [VERDICT_THROTTLED] = {"throttled", "The site asks for fewer requests; waiting as long as it says."},
    [VERDICT_TRANSIENT] = {"transient", "This may heal by itself; trying again."},
    [VERDICT_CREDENTIAL] = {"credential",
                            "The site does not accept user and token: check 'user' in the policy, make a "
                            "new unscoped API token if this one has expired or was revoked, and "
                            "restart adminkeyd."},
    [VERDICT_NOT_ELIGIBLE] = {"not_eligible",
                              "The user must be an organisation or site admin, and the site on "
                              "Confluence Cloud Premium or Enterprise."},
    [VERDICT_REFUSED] = {"refused", "The site refuses the request itself: report this with the request id."},
    [VERDICT_IMPLAUSIBLE] = {"implausible",
                             "The reply cannot be right, so nothing is believed of it; trying again."},
    [VERDICT_UNTRUSTED] = {"untrusted",
                           "The site's certificate is not to be trusted, so no credential was sent: check "
                           "'url', and 'ca_file' if a corporate proxy signs certificates."},
};

const char *verdict_name(enum verdict verdict)
{
    return rows[verdict].name;
}

const char *verdict_words(enum verdict verdict)
{
    return rows[verdict].words;
}

int verdict_parse(const char *name, enum verdict *ret_verdict)
{
    for (size_t i = 0; i < N_VERDICTS; i++)
        if (text_equal(name, rows[i].name)) {
            *ret_verdict = (enum verdict)i;
            return 0;
        }
    return -EINVAL;
}
