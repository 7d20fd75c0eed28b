#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that never answers does not hold up the loop: the other site is kept, questions are answered, and a
stop is quick. Runs in a network and a mount namespace of its own, whose only name server is silent."""

import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, House, demand, run_tests, tap  # noqa: E402  pylint: disable=wrong-import-position

NAME = "a name server that never answers does not hold up the loop"
INSIDE = "ADMINKEYD_TEST_INSIDE"


def enter():
    """Runs this script again, inside; returns only where that is not possible."""
    setup = ('ip link set lo up && printf "nameserver 127.0.0.1\\n" >"$1/resolv.conf" && '
             'mount --bind "$1/resolv.conf" /etc/resolv.conf && exec "$2" "$3"')
    if os.geteuid() != 0:
        return "only root can make a network of its own"
    if subprocess.run(["unshare", "--net", "--mount", "ip", "link", "set", "lo", "up"], check=False,
                      capture_output=True).returncode != 0:
        return "no network of its own can be made here"
    with House() as house:
        result = subprocess.run(["unshare", "--net", "--mount", "sh", "-c", setup, "sh", house.folder, sys.executable,
                                 os.path.abspath(__file__)], check=False, env=dict(os.environ, **{INSIDE: "1"}))
        sys.exit(result.returncode)


def silent_resolver(house):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 53))
        silent.settimeout(30)
        asked = threading.Event()

        def listen():
            silent.recv(512)
            asked.set()

        threading.Thread(target=listen, daemon=True).start()
        site = house.add_site()
        house.write_policy(house.policy_of({
            "acme": {"maintenance_windows": ALWAYS},
            "nowhere": {"url": "https://nowhere.example", "maintenance_windows": ALWAYS},
        }))
        house.start()
        demand(asked.wait(20), "the name server was asked")
        site.wait("enabled", timeout=10)
        slowest = 0.0
        until = time.monotonic() + 13  # past the 10 s that connecting may take
        while time.monotonic() < until:
            before = time.monotonic()
            house.status("acme")
            slowest = max(slowest, time.monotonic() - before)
        print(f"# slowest of the answers: {1000 * slowest:.0f} ms")
        demand(slowest < 1, f"a question waited {slowest:.3f} s")
        status = house.wait_status("nowhere", lambda status: status["last_error"])
        demand(status["last_error"]["verdict"] == "transient", status["last_error"])
        before = time.monotonic()
        demand(house.stop() == 0, "it ends with 0")
        demand(time.monotonic() - before < 5, f"the stop took {time.monotonic() - before:.1f} s")
        demand(not site.state()["live"], "and switched the other site's key off")


if __name__ == "__main__":
    if INSIDE in os.environ:
        run_tests([(NAME, silent_resolver)])
    reason = enter()
    tap.skip(NAME, reason)
    tap.done()
