#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system's time zones change under a running daemon, as at an upgrade of tzdata."""

import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import demand, run_tests, utc, window  # noqa: E402  pylint: disable=wrong-import-position

ZONES = "/usr/share/zoneinfo"
ZONE = "Test/Town"


def replace(house, source):
    """As a package manager does it: the new file beside the old one, then in its place."""
    path = os.path.join(house.folder, "zoneinfo", ZONE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(os.path.join(ZONES, source), path + ".new")
    os.rename(path + ".new", path)


def begin(house):
    """A zone that is UTC, and a window that is open by it; the key is on."""
    replace(house, "Etc/UTC")
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": window(utc(-600), utc(3600))}})
                       .replace("timezone: UTC", f"timezone: {ZONE}"))
    house.start(environment={"TZDIR": os.path.join(house.folder, "zoneinfo")})
    house.wait_status("acme", lambda status: status["state"] == "on")


def an_upgrade(house):
    """By the new zone the window is over: the key goes off, and comes back with the old one."""
    begin(house)
    loaded = house.status()["daemon"]["policy"]["loaded_at"]
    replace(house, "Asia/Kolkata")
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"])
    demand(not house.sites["acme"].state()["live"], "the key is live")
    replace(house, "Etc/UTC")
    house.wait_status("acme", lambda status: status["state"] == "on")
    demand(house.status()["daemon"]["policy"]["loaded_at"] == loaded, "the policy counts as loaded anew")


def without_a_copy(house):
    """The state directory may have been full when the policy came into force; the journal hears of it once."""
    begin(house)
    os.unlink(os.path.join(os.path.dirname(house.ledger_file), "policy.yaml"))
    replace(house, "Asia/Kolkata")
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"])
    demand(house.said().count("is in force") == 1 and house.said().count("reckoned anew") == 1, house.said())


def another_policy_lies_there(house):
    """What nobody asked to load is not loaded by the way."""
    begin(house)
    with open(house.policy, "a", encoding="ascii") as file:
        file.write("nonsense: yes\n")
    replace(house, "Asia/Kolkata")
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"])
    demand(house.status()["daemon"]["policy"]["rejected"] is None, "the file at the policy's place was read")


def a_zone_that_is_gone(house):
    """The daemon goes on by what it had, and says so."""
    begin(house)
    os.unlink(os.path.join(house.folder, "zoneinfo", ZONE))
    house.wait_said("still goes by the old ones")
    demand(house.status("acme")["state"] == "on", "the key went off")


if __name__ == "__main__":
    run_tests([
        ("new zones are reckoned by at once", an_upgrade),
        ("also where no copy of the policy could be kept", without_a_copy),
        ("by the policy that is in force", another_policy_lies_there),
        ("without its zone the policy stays in force", a_zone_that_is_gone),
    ])
