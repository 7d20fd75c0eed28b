#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl simulate, as people call it."""

import json
import os
import pty
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ.get("abs_top_srcdir", "."), "tests", "style"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(tap.BUILD, "adminkeyctl")
BROKEN = os.path.join(tap.BUILD, "tests", "policy", "adminkeyctl-broken")
POLICY = """\
version: 1
timezone: Europe/Berlin
sites:
  acme:
    url: https://acme.atlassian.net
    user: key-admin@acme.example
    token: acme
    active_hours:
      - weekdays: ['monday:friday']
        times: ['08:30-17:30']
"""
FROM = ("--from", "2027-01-04")


def run(*arguments, policy=POLICY, files=None, stderr=subprocess.PIPE, program=PROGRAM):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in dict(files or {}, **{"policy.yaml": policy}).items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return subprocess.run([program, "--policy", "policy.yaml", *arguments], cwd=folder, stdout=subprocess.PIPE,
                              stderr=stderr, text=True, timeout=300, check=False)


def simulate(*arguments, **options):
    done = run("--json", "simulate", "acme", *FROM, *arguments, **options)
    return done.returncode, json.loads(done.stdout)


def test_a_year_without_faults():
    status, year = simulate()
    assert status == 0 and year["broken"] == [], year
    assert list(year) == ["site", "seed", "from", "until", "calls", "minutes_wanted", "minutes_on", "longest_gap_s",
                          "longest_exposure_s", "broken"], year
    days = year["minutes_wanted"] / 540
    assert days == 261, days
    assert year["minutes_on"] > 0.9999 * year["minutes_wanted"], year
    assert year["longest_gap_s"] < 2 and year["longest_exposure_s"] < 2, year
    # Nine hours at 60 minutes: 13 or 14 POSTs, and one DELETE.
    assert 13 * days <= year["calls"]["post"] <= 14 * days and days <= year["calls"]["delete"] <= days + 2, year


def test_the_same_seed_is_the_same_history():
    assert simulate("--faults", "mild", "--seed", "7") == simulate("--faults", "mild", "--seed", "7")
    assert simulate("--faults", "mild", "--seed", "7") != simulate("--faults", "mild", "--seed", "8")


def test_mild_faults_for_some_years():
    status, years = simulate("--faults", "mild", "--years", "5")
    assert status == 0 and years["broken"] == [], years
    assert years["calls"]["post"] > 13 * 261 * 5 * 0.9, years


def test_faults_from_a_file():
    faults = "# an hour without the site\n\n2027-01-05T08:00:00Z no-connection for 1h\n"
    status, year = simulate("--faults", "faults", files={"faults": faults})
    assert status == 0 and 0 < year["longest_gap_s"] < 3600 and year["broken"] == [], year
    done = run("simulate", "acme", *FROM, "--faults", "faults", files={"faults": faults})
    assert "after no-connection" in done.stdout and "every promise was kept" in done.stdout, done.stdout


def test_a_broken_promise_is_found():
    status, year = simulate(program=BROKEN)
    assert status == 1 and year["broken"][0]["invariant"] == "I2", year
    done = run("simulate", "acme", *FROM, program=BROKEN)
    assert done.returncode == 1 and "has not been live inside the goal" in done.stdout + done.stderr, done


def test_what_is_wrong_is_said():
    done = run("simulate", "acme", "--faults", "faults", files={"faults": "2027-01-05T08:00:00Z earthquake\n"})
    assert done.returncode == 2 and "1" in done.stderr and "earthquake" in done.stderr, done
    done = run("simulate", "acme", "--faults", "sunny")
    assert done.returncode == 2 and "mild, harsh or a file" in done.stderr, done
    assert run("simulate", "acme", "--years", "0").returncode == 2
    assert run("simulate", "acme", "--seed", "x").returncode == 2
    assert run("simulate", "nobody").returncode == 4


def test_every_site_where_none_is_named():
    second = POLICY + POLICY.split("sites:\n")[1].replace("  acme:", "  zeta:")
    lines = run("--json", "simulate", *FROM, policy=second).stdout.splitlines()
    assert [json.loads(line)["site"] for line in lines] == ["acme", "zeta"]


def read_all(descriptor, pieces):
    try:
        while chunk := os.read(descriptor, 65536):
            pieces.append(chunk)
    except OSError:  # the other end is closed
        pass


def test_long_runs_show_progress_on_a_terminal():
    parent, child = pty.openpty()
    pieces = []
    reader = threading.Thread(target=read_all, args=(parent, pieces))  # a terminal that nobody reads is full soon
    reader.start()
    done = run("simulate", "acme", *FROM, "--years", "20", stderr=child)
    os.close(child)
    reader.join()
    shown = b"".join(pieces)
    assert done.returncode == 0 and b"acme" in shown and b"%" in shown, (done, shown)
    assert "%%" not in done.stdout and "\r" not in done.stdout


tap.run(globals())
