#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever asks without a pause keeps neither the watchdog waiting nor anybody else."""

import json
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import demand, run_tests  # noqa: E402  pylint: disable=wrong-import-position

QUESTION = json.dumps({"method": "org.varlink.service.GetInfo", "parameters": {}}).encode() + b"\0"
RELOAD = json.dumps({"method": "io.adminkeyd.Control.Reload"}).encode() + b"\0"
FLOOD = f"""
import os, socket, sys, threading
os.nice(19)  # the other tests are to notice as little as the daemon
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
def read():
    while line.recv(1 << 20):
        pass
threading.Thread(target=read, daemon=True).start()
while True:
    line.sendall({QUESTION!r} * 400)
"""
INTERVAL = 2   # seconds of the watchdog
FLOODED = 4    # seconds


def flood(house):
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
    notify = house.listen(30)
    house.start(environment={"WATCHDOG_USEC": str(INTERVAL * 1000000)})
    flooders = [subprocess.Popen([sys.executable, "-c", FLOOD, house.socket]) for _ in range(3)]
    fed = []
    try:
        until = time.monotonic() + FLOODED
        while time.monotonic() < until:
            if b"WATCHDOG=1" in notify.recv(65536):
                fed.append(time.monotonic())
    finally:
        for flooder in flooders:
            flooder.kill()
            flooder.wait()
    longest = max((after - before for before, after in zip(fed, fed[1:])), default=FLOODED)
    print(f"# fed {len(fed)} times, {longest:.2f} s apart at most", flush=True)
    demand(longest < INTERVAL, f"the watchdog waited for {longest:.2f} s")


def dial(house):
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(60)
    line.connect(house.socket)
    return line


def burst(house):
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
    house.start()
    calls = 60000 // len(RELOAD)
    with dial(house) as greedy, dial(house) as patient:
        greedy.sendall(RELOAD * calls)
        greedy.recv(1)  # it has begun
        patient.sendall(QUESTION)
        demand(patient.recv(65536).endswith(b"\0"), "half a reply")
        greedy.setblocking(False)
        answered = greedy.recv(1 << 20).count(b"\0")
    print(f"# {answered} of {calls} reloads came first", flush=True)
    demand(answered < calls // 10, f"{answered} of {calls} reloads of somebody else came first")


if __name__ == "__main__":
    run_tests([("a burst of calls keeps nobody else waiting", burst),
               ("the watchdog is fed in a flood of questions", flood)])
