#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next transition of a calendar, beside that of systemd: whole processes, each printing two lines a start.

What a process costs before and after is taken off: each figure is the time of a run that prints N starts less that
of one that prints a single start, divided by N - 1; each of the two is the median of several runs. systemd looks
for starts alone; our calendar is asked for the end of each window, too.
"""

import os
import statistics
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["abs_top_builddir"]
WALK = os.path.join(BUILD, "tests", "bench", "calendar-walk")
RUNS = 31

# zone, systemd's expression, ours, starts
ROWS = [
    ("UTC", "Mon..Fri 08:30", "weekdays: ['monday:friday'], times: ['08:30-08:31']", 1000),
    ("Europe/Berlin", "Mon..Fri 08:30", "weekdays: ['monday:friday'], times: ['08:30-08:31']", 1000),
    ("Europe/Berlin", "*-*-01 08:30", "days_of_month: [1], times: ['08:30-08:31']", 1000),
    ("Europe/Berlin", "Sat *-*-01..07 22:00", "weekdays: [saturday], days_of_month: ['1:7'], "
                                              "times: ['22:00-04:00']", 1000),
    ("Europe/Berlin", "*-02-29 08:30", "months: [february], days_of_month: [29], times: ['08:30-08:31']", 40),
]


def policy_of(zone, interval):
    return (f"version: 1\ntimezone: {zone}\nsites:\n  acme:\n    url: https://acme.example\n"
            f"    user: someone@acme.example\n    token: acme\n    active_hours: [{{{interval}}}]\n")


def seconds(command, zone):
    begun = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=dict(os.environ, TZ=zone))
    return time.monotonic() - begun


def per_start(command_of, zone, starts):
    """Microseconds a start, and milliseconds of the process with a single one."""
    many, one = [], []
    for _ in range(RUNS):
        many.append(seconds(command_of(starts), zone))
        one.append(seconds(command_of(1), zone))
    floor = statistics.median(one)
    return (statistics.median(many) - floor) / (starts - 1) * 1e6, floor * 1e3


def main():
    print("\nThe next start of a window, whole processes less what one start takes (median of "
          f"{RUNS} runs each)\n")
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not here: left out")
        return 0
    print(f"{'expression':30} {'zone':14} {'systemd, us':>12} {'adminkeyd, us':>14} {'ratio':>7}")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        for zone, expression, interval, starts in ROWS:
            file.seek(0)
            file.truncate()
            file.write(policy_of(zone, interval))
            file.flush()
            theirs, _ = per_start(lambda n, e=expression: ["systemd-analyze", "calendar", f"--iterations={n}", e],
                                  zone, starts)
            ours, _ = per_start(lambda n: [WALK, file.name, str(n)], zone, starts)
            print(f"{expression:30} {zone:14} {theirs:12.2f} {ours:14.2f} {ours / theirs:7.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
