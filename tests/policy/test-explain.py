#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl explain, as people call it: text, JSON and exit statuses on policies of all kinds."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get("abs_top_srcdir", "."), "tests", "style"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(tap.BUILD, "adminkeyctl")
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
    maintenance_windows:
      - name: permission audit
        reason: CHG-1042
        weekdays: [saturday]
        times: ['22:00-04:00']
      - {name: migration, from: 2027-03-05 18:00, until: 2027-03-08 06:00}
    exclude:
      - name: end of the year
        dates: ['2026-12-24:2027-01-01']
  idle:
    url: https://idle.atlassian.net
    user: key-admin@acme.example
    token: acme
  island:
    url: https://island.atlassian.net
    user: key-admin@acme.example
    token: acme
    timezone: Australia/Lord_Howe
    active_hours:
      - every_day: yes
        times: ['01:00-02:15']
"""


def run(*arguments, policy=POLICY, environment=None):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "policy.yaml")
        if policy is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(policy)
        return subprocess.run([PROGRAM, "--policy", path, *arguments], capture_output=True, text=True, timeout=20,
                              check=False, env=dict(os.environ, **(environment or {})))


def explain(at, site="acme"):
    done = run("--json", "explain", site, "--at", at)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def lines_of(answer):
    return [(reason["kind"], reason["line"], reason["on"]) for reason in answer["because"]]


def test_json_has_the_documented_fields():
    status, [answer] = explain("2026-10-26 09:00")
    assert status == 0
    assert answer == {
        "site": "acme", "at": "2026-10-26T08:00:00.000Z", "on": True, "since": "2026-10-26T07:30:00.000Z",
        "until": "2026-10-26T16:30:00.000Z",
        "because": [{"kind": "active_hours", "name": None, "line": 9, "on": True}]}, answer


def test_an_exclude_beats_a_window_and_both_are_named():
    _, [answer] = explain("2026-12-24 10:00")
    assert not answer["on"] and lines_of(answer) == [("exclude", 18, False), ("active_hours", 9, True)], answer
    assert answer["since"] == "2026-12-23T16:30:00.000Z" and answer["until"] == "2027-01-02T21:00:00.000Z", answer
    done = run("explain", "acme", "--at", "2026-12-24 10:00")
    assert "exclude: off, and wins" in done.stdout and "active hours: on, but an exclude wins" in done.stdout
    assert "   18 | - name: end of the year\n     19 |   dates: ['2026-12-24:2027-01-01']" in done.stdout


def test_an_overlap_names_both_windows():
    _, [answer] = explain("2027-03-06 23:00")
    assert answer["on"] and lines_of(answer) == [("maintenance_window", 12, True), ("maintenance_window", 16, True)]
    assert answer["since"] == "2027-03-05T17:00:00.000Z", answer


def test_nothing_covers_and_what_comes_next():
    _, [answer] = explain("2026-10-25 12:00")
    assert not answer["on"] and answer["because"] == [] and answer["until"] == "2026-10-26T07:30:00.000Z", answer
    done = run("explain", "acme", "--at", "2026-10-25 12:00")
    assert "the next is of" in done.stdout and "    9 | - weekdays:" in done.stdout, done.stdout


def test_a_site_without_hours_is_off_for_ever():
    _, [answer] = explain("now", "idle")
    assert not answer["on"] and answer["since"] is None and answer["until"] is None
    assert "nor any later one" in run("explain", "idle").stdout


def test_a_time_that_comes_twice_has_two_answers():
    _, answers = explain("2026-10-25 02:30")
    assert [answer["at"] for answer in answers] == ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"], answers
    assert "reads 2026-10-25 02:30 twice" in run("explain", "acme", "--at", "2026-10-25 02:30").stdout


def test_a_time_that_is_skipped_is_answered_for_the_change():
    _, [answer] = explain("2026-03-29 02:30")
    assert answer["at"] == "2026-03-29T01:00:00.000Z" and answer["on"], answer
    assert "skips 2026-03-29 02:30" in run("explain", "acme", "--at", "2026-03-29 02:30").stdout


def test_half_an_hour_on_lord_howe():
    _, answers = explain("2027-04-04 01:45", "island")
    assert [answer["at"] for answer in answers] == ["2027-04-03T14:45:00.000Z", "2027-04-03T15:15:00.000Z"], answers
    assert all(answer["on"] for answer in answers)


def test_every_form_of_when():
    for at in "now", "+3h", "-7d", "+1h30m", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00", "2026-10-25", \
            "2026-10-25 02:30:15", "2026-10-25T12:30":
        assert explain(at)[0] == 0, at
    assert explain("2026-10-25T02:30:00+02:00")[1][0]["at"] == "2026-10-25T00:30:00.000Z"
    assert explain("2026-10-25")[1][0]["at"] == "2026-10-24T22:00:00.000Z"


def test_what_is_no_time_is_wrong_usage():
    for at in "", "yesterday", "+3", "25.10.2026", "2026-10-25 25:00", "2026-02-30 10:00":
        done = run("explain", "acme", "--at", at)
        assert done.returncode == 2 and "--at: '%s' is no time" % at in done.stderr, (at, done)
    assert run("explain").returncode == 2


def test_an_unknown_site_is_told_with_those_that_there_are():
    done = run("explain", "acm")
    assert done.returncode == 4 and done.stdout == "" and "it has acme, idle, island" in done.stderr, done


def test_a_refused_policy_says_where():
    done = run("explain", "acme", policy=POLICY.replace("08:30-17:30", "8:30-17:30"))
    assert done.returncode == 1 and "policy.yaml:10:" in done.stderr and "adminkeyctl check" in done.stderr, done
    done = run("explain", "acme", policy=None)
    assert done.returncode == 1 and "does not exist" in done.stderr and "--policy" in done.stderr, done


def test_colour_only_where_it_is_wanted():
    assert "\x1b" not in run("explain", "acme").stdout
    assert "\x1b" in run("--color", "always", "explain", "acme").stdout
    assert "\x1b" not in run("--color", "auto", "explain", "acme", environment={"NO_COLOR": "1"}).stdout


tap.run(globals())
