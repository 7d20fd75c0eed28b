// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The doctor looks at the machine: its clock, its message bus, and the proxies of its environment.
 */
#include <stdlib.h>
#include <unistd.h>

#include "adminkeyctl/arguments.h"
#include "adminkeyctl/doctor.h"
#include "base/text.h"

#define OUTPUT_MAX     4096
#define BUS_SOCKET     "/run/dbus/system_bus_socket"
#define POLKIT_SERVICE "org.freedesktop.PolicyKit1.service"

static void look_at_clock(struct doctor *doctor)
{
    static const char *const timedatectl[] = {"timedatectl", "show", "--property=NTPSynchronized", NULL};
    _cleanup_(bytes_donep) struct bytes output = BYTES_INIT(OUTPUT_MAX);
    char synchronised[64] = "";

    if (doctor_ask(timedatectl, &output))
        doctor_value(bytes_text(&output), "NTPSynchronized", synchronised, sizeof(synchronised));
    if (text_equal(synchronised, "yes"))
        doctor_find(doctor, DOCTOR_OK, "clock", NULL, NULL, "this machine's clock is synchronised");
    else if (*synchronised)
        doctor_find(
            doctor, DOCTOR_WARNING, "clock", NULL, "timedatectl set-ntp true",
            "this machine's clock is not synchronised: beyond 30 s a key is on only while both clocks "
            "are inside the hours");
    else
        doctor_find(doctor, DOCTOR_NOTE, "clock", NULL, NULL, "timedatectl cannot tell of the clock");
}

static void look_at_proxies(struct doctor *doctor)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    const struct policy *policy = doctor->input.policy;

    for (size_t i = 0; policy && i < ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);

        if (!value || !*value)
            continue;
        for (size_t k = 0; k < policy->n_sites; k++)
            if (!policy->sites[k].proxy)
                doctor_find(doctor, DOCTOR_NOTE, "proxy", policy->sites[k].name,
                            "write proxy: to the policy, if this site is behind one",
                            "%s is set here, and adminkeyd goes by the policy alone", names[i]);
        return;
    }
}

/* Polkit starts when it is asked: what matters is that the bus would find it. */
static bool has_polkit(void)
{
    static const char *const places[] = {"/usr/share/dbus-1/system-services/" POLKIT_SERVICE,
                                         "/usr/local/share/dbus-1/system-services/" POLKIT_SERVICE};

    for (size_t i = 0; i < ARRAY_SIZE(places); i++)
        if (access(places[i], F_OK) == 0)
            return true;
    return false;
}

static void look_at_bus(struct doctor *doctor)
{
    if (access(BUS_SOCKET, F_OK) < 0)
        doctor_find(
            doctor, DOCTOR_WARNING, "bus", NULL, "install dbus",
            "there is no system bus: sleep and locked sessions go unseen, and a restart switches off");
    else if (!doctor->arguments->user && !has_polkit())
        doctor_find(doctor, DOCTOR_WARNING, "polkit", NULL, "install polkit (Debian: polkitd)",
                    "polkit is not installed: the machine may fall asleep with a key on");
    else
        doctor_find(doctor, DOCTOR_OK, "bus", NULL, NULL, "the system bus%s there",
                    doctor->arguments->user ? " is" : " and polkit are");
}

void doctor_look_at_machine(struct doctor *doctor)
{
    look_at_clock(doctor);
    look_at_bus(doctor);
    look_at_proxies(doctor);
}
