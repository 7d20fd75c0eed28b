// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report.h"

#include <assert.h>

/* The ids were made once at random (uuidgen) and never change: journals and catalogs of users name them. */
static const struct report_kind_row rows[N_REPORT_KINDS] = {
    [REPORT_KEY_ENABLED] = {"key-enabled", "a1337cd345454b5e8e495a9281cf398f", PRIORITY_NOTICE},
    [REPORT_KEY_RENEWED] = {"key-renewed", "32e4fbe3269d4bc3a9c3f3847d69b629", PRIORITY_INFO},
    [REPORT_KEY_DISABLED] = {"key-disabled", "f51f595fdb8742ce81b7426e1f10d2d7", PRIORITY_NOTICE},
    [REPORT_KEY_LOST] = {"key-lost", "1ef4a214b7534c0d99b8106734bace1e", PRIORITY_WARNING},
    [REPORT_KEY_SHORTENED] = {"key-shortened", "3cb70f490bb64058b4968b02c4d85702", PRIORITY_WARNING, true},
    [REPORT_KEY_FOREIGN] = {"key-foreign", "e863e6541f8b43c287b63f562bf4e25a", PRIORITY_WARNING, true},
    [REPORT_KEY_LEFT] = {"key-left", "88b180bcca6743aaba1c57b0244a8878", PRIORITY_WARNING},
    [REPORT_CALL_FAILED] = {"call-failed", "374024a5d26341a98eeaeb26c90cc33c", PRIORITY_WARNING, true},
    [REPORT_SITE_BLOCKED] = {"site-blocked", "d502d81a7bb94cdd8cd0378b4859ff03", PRIORITY_ERROR, true},
    [REPORT_SITE_RECOVERED] = {"site-recovered", "b6ac7932e55c4095b6cf0983fc35c1e5", PRIORITY_NOTICE},
    [REPORT_CLOCK_OFF] = {"clock-off", "3395ae1af3594c9b8bc13ce9f9ccbc61", PRIORITY_WARNING, true},
    [REPORT_HOLD_TAKEN] = {"hold-taken", "ae31c8da41a1407ea033f057bdfb0a9c", PRIORITY_NOTICE},
    [REPORT_HOLD_ENDED] = {"hold-ended", "e11f26516be642f2b3220783c53e08b4", PRIORITY_NOTICE},
    [REPORT_BREAK_GLASS] = {"break-glass", "d67f268f1cec444488d468ceed0fc0ec", PRIORITY_CRITICAL},
    [REPORT_DISABLED_BY] = {"disabled-by", "deb50d16f795400693bb6704da0fbc9c", PRIORITY_NOTICE},
    [REPORT_RESUMED] = {"resumed", "dfb75b7f1ef048b98276d8841f9e0e76", PRIORITY_NOTICE},
    [REPORT_LIMIT_SPENT] = {"limit-spent", "34e5a1505ced4765b1f6ee4ee3d5aba3", PRIORITY_WARNING, true},
    [REPORT_RATE_LIMITED] = {"rate-limited", "1555a565cb1a437a88960218f9a79568", PRIORITY_ERROR, true},
    [REPORT_NOT_ENFORCED] = {"not-enforced", "0b0dfa9b049d41b0bcca9623497d7987", PRIORITY_NOTICE},
    [REPORT_LEDGER_DAMAGED] = {"ledger-damaged", "b470d3d04d674328ac4eab0926b4e08d", PRIORITY_WARNING},
    [REPORT_LEDGER_FAILED] = {"ledger-failed", "e6d0e8e5e1d14d49997d6bf0552fcdb4", PRIORITY_ERROR, true},
    [REPORT_DAEMON_STARTED] = {"daemon-started", "d17074fb20cc4ca783216dde264ed6ae", PRIORITY_NOTICE},
    [REPORT_DAEMON_STOPPING] = {"daemon-stopping", "cdccc4adb67b473ebfe6030f872d3c79", PRIORITY_NOTICE},
    [REPORT_DAEMON_FAILED] = {"daemon-failed", "926b6e97f54a47fa9786b4932280959e", PRIORITY_ERROR},
    [REPORT_POLICY_LOADED] = {"policy-loaded", "16b00b6c726f47ff97f432b742c60a28", PRIORITY_NOTICE},
    [REPORT_POLICY_REJECTED] = {"policy-rejected", "07fcee9855834c78a0554131ee038196", PRIORITY_ERROR},
    [REPORT_POLICY_WARNING] = {"policy-warning", "21769c24cb424030ba3045ca81f1c91a", PRIORITY_WARNING},
    [REPORT_CREDENTIAL_REFUSED] = {"credential-refused", "2bb9c355ac974ccfb764e7470015ea08", PRIORITY_ERROR},
    [REPORT_NOTICE] = {"notice", "3b1e3d318ece42f9ab05463e60f36863", PRIORITY_NOTICE},
};

const struct report_kind_row *report_kind_row(enum report_kind kind)
{
    assert(kind < N_REPORT_KINDS);
    return &rows[kind];
}
