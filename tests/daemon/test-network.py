#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that comes up is used at once. Runs in a network namespace of its own, where loopback is all there is."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, House, demand, run_tests, tap  # noqa: E402  pylint: disable=wrong-import-position

NAME = "a link that comes up, and a new default route, are used at once"
INSIDE = "ADMINKEYD_TEST_INSIDE"


def ip(command):
    subprocess.run(["ip", *command.split()], check=True)


def enter():
    """Runs this script again, inside; returns only where that is not possible."""
    if os.geteuid() != 0:
        return "only root can make a network of its own"
    if subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], check=False,
                      capture_output=True).returncode != 0:
        return "no network of its own can be made here"
    result = subprocess.run(["unshare", "--net", sys.executable, os.path.abspath(__file__)], check=False,
                            env=dict(os.environ, **{INSIDE: "1"}))
    sys.exit(result.returncode)


def try_with(house, *commands):
    """A daemon has failed so often that its next try is 8 to 16 seconds away; then the site is there, and the network
    changes."""
    site = house.add_site(tls=False)
    site.stop()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS, "ca_file": None}}))
    house.start()
    house.wait_status("acme", lambda status: status["failures"] >= 5, patience=60)
    site.start(site.port)
    before = time.monotonic()
    for command in commands:
        ip(command)
    site.wait("enabled", timeout=5)
    took = time.monotonic() - before
    print(f"# enabled {took * 1000:.0f} ms afterwards")
    demand(took < 2, f"it took {took:.1f} s")


def both(house):
    """One after the other: they share the network."""
    try_with(house, "link set lo down", "link set lo up")
    with House() as another:
        try_with(another, "route add default dev lo")


if __name__ == "__main__":
    if INSIDE in os.environ:
        ip("link set lo up")
        run_tests([(NAME, both)])
    tap.skip(NAME, enter())
    tap.done()
