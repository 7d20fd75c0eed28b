#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl calendar, as people call it: whole pictures, widths, JSON and exit statuses."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import textwrap
import time

sys.path.insert(0, os.path.join(os.environ.get("abs_top_srcdir", "."), "tests", "style"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(tap.BUILD, "adminkeyctl")
HEAD = """\
version: 1
timezone: %s
sites:
  acme:
    url: https://acme.atlassian.net
    user: key-admin@acme.example
    token: acme
"""
WEEK = HEAD % "Europe/Berlin" + """\
    active_hours:
      - weekdays: ['monday:friday']
        times: ['08:30-17:30']
    maintenance_windows:
      - name: permission audit
        reason: CHG-1042
        weekdays: [saturday]
        times: ['22:00-04:00']
    exclude:
      - name: end of the year
        dates: ['2026-12-24:2027-01-01']
"""


class Shown(str):
    """A picture, equal to another whatever stands in the cell of the present: it may be among those shown."""

    def __eq__(self, other):
        return len(self) == len(other) and all(cell in (expected, "@") for cell, expected in zip(self, other))

    __hash__ = str.__hash__


def every_day(zone, times):
    return HEAD % zone + "    active_hours: [{every_day: yes, times: ['%s']}]\n" % times


def run(*arguments, policy=WEEK, columns=80):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(policy)
        file.flush()
        return subprocess.run([PROGRAM, "--policy", file.name, *arguments], capture_output=True, text=True, timeout=60,
                              check=False, env=dict(os.environ, COLUMNS=str(columns), LC_ALL="C"))


def rows(*arguments, **options):
    """The rows of the days: date to cells and note."""
    lines = run("calendar", "acme", *arguments, **options).stdout.splitlines()
    return {line[4:14]: Shown(line[16:]) for line in lines if line[14:16] == "  " and line[8:9] == "-" and line[0] != " "}


def clock(*arguments, **options):
    """What is said of clock changes."""
    lines = iter(run("calendar", "acme", *arguments, **options).stdout.splitlines())
    return [text for line in lines if line.startswith("  clock") for text in (line, next(lines)) if text]


def transitions(*arguments, **options):
    """What is said below the picture: the last paragraph."""
    return run("calendar", "acme", *arguments, **options).stdout.rstrip("\n").split("\n\n")[-1].splitlines()


def test_the_whole_picture_where_clocks_are_set_back():
    assert Shown(run("calendar", "acme", "--from", "2026-10-24", "--days", "3").stdout) == """\
acme, hours of Europe/Berlin

                00    03    06    09    12    15    18    21    24
                | ' ' | ' ' | ' ' | ' ' | ' ' | ' ' | ' ' | ' ' |
Sat 2026-10-24  ............................................mmmm
Sun 2026-10-25  mmmmmmMmmm........................................ 25h
Mon 2026-10-26  .................aaaaaaaaaaaaaaaaaa.............

  . off  a active hours  m maintenance  x excluded  @ now  a cell is 30m
  clock  Sun 2026-10-25 03:00 +02:00 becomes 02:00 +01:00
         at the capital or ':'; from there the ruler is 1h ahead of the clock

  off  Fri 2026-10-23 17:30 +02:00     2026-10-23T15:30:00Z  for 1d 4h
  on   Sat 2026-10-24 22:00 +02:00     2026-10-24T20:00:00Z  for 7h
       maintenance 'permission audit' (CHG-1042), line 12
  off  Sun 2026-10-25 04:00 +01:00     2026-10-25T03:00:00Z  for 1d 4h
  on   Mon 2026-10-26 08:30 +01:00     2026-10-26T07:30:00Z  for 9h
       active hours, line 9
  off  Mon 2026-10-26 17:30 +01:00     2026-10-26T16:30:00Z  for 15h
"""


def test_a_day_of_23_hours():
    assert rows("--from", "2026-03-29", "--days", "1") == {"2026-03-29": "mmmmMm" + "." * 40 + " 23h"}
    assert clock("--from", "2026-03-29", "--days", "1") == [
        "  clock  Sun 2026-03-29 02:00 +01:00 becomes 03:00 +02:00",
        "         at the capital or ':'; from there the ruler is 1h behind the clock"]


def test_half_an_hour_on_lord_howe():
    got = rows("--from", "2027-04-04", "--days", "1", policy=every_day("Australia/Lord_Howe", "01:00-02:15"))
    assert "from there the ruler is 30m ahead of the clock" in clock(
        "--from", "2027-04-04", "--days", "1", policy=every_day("Australia/Lord_Howe", "01:00-02:15"))[1]
    # 01:00 to 02:00, then from 01:30 again to 02:15: the last cell is half on.
    assert got == {"2027-04-04": "..aaAa" + "." * 43 + " 24h30"}, got


def test_kathmandu_is_a_day_like_any_other():
    assert rows("--from", "2026-06-01", "--days", "1", policy=every_day("Asia/Kathmandu", "06:00-07:00")) == {
        "2026-06-01": "." * 12 + "aa" + "." * 34}


def test_a_day_that_does_not_exist():
    got = rows("--from", "2011-12-29", "--days", "3", policy=every_day("Pacific/Apia", "10:00-11:00"))
    assert got["2011-12-30"] == "the clock skips this day", got
    assert len(got) == 3 and got["2011-12-31"].endswith("." * 26), got
    assert clock("--from", "2011-12-29", "--days", "3", policy=every_day("Pacific/Apia", "10:00-11:00")) == [
        "  clock  Fri 2011-12-30 00:00 -10:00 becomes Sat 2011-12-31 00:00 +14:00"]


def test_midnights_that_the_clock_skips():
    # Cairo: at 24:00 of Thursday it is 01:00 of Friday.
    options = {"policy": every_day("Africa/Cairo", "00:00-02:00")}
    assert rows("--from", "2026-04-23", "--days", "2", **options) == {
        "2026-04-23": "aaaa" + "." * 44, "2026-04-24": "Aa" + "." * 44 + " 23h"}
    assert clock("--from", "2026-04-23", "--days", "2", **options)[0] == (
        "  clock  Fri 2026-04-24 00:00 +02:00 becomes 01:00 +03:00")


def test_excluded_hours_are_marked():
    got = rows("--from", "2026-12-23", "--days", "2")
    assert got == {"2026-12-23": "." * 17 + "a" * 18 + "." * 13, "2026-12-24": "." * 17 + "x" * 18 + "." * 13}, got


def test_an_exclude_in_the_middle_cuts_a_window_in_two():
    policy = HEAD % "UTC" + """\
    active_hours: [{every_day: yes, times: ['08:00-12:00']}]
    exclude: [{every_day: yes, times: ['09:00-10:00', '20:00-21:00'], name: stand-up}]
"""
    options = {"policy": policy}
    assert rows("--from", "2026-06-01", "--days", "1", **options) == {
        "2026-06-01": "." * 16 + "aaxxaaaa" + "." * 24}, "an exclude over nothing does not show"
    assert transitions("--from", "2026-06-01", "--days", "1", **options) == [
        "  off  Sun 2026-05-31 12:00 +00:00     2026-05-31T12:00:00Z  for 20h",
        "  on   Mon 2026-06-01 08:00 +00:00     2026-06-01T08:00:00Z  for 1h",
        "       active hours, line 8",
        "  off  Mon 2026-06-01 09:00 +00:00     2026-06-01T09:00:00Z  for 1h",
        "       exclude 'stand-up', line 9",
        "  on   Mon 2026-06-01 10:00 +00:00     2026-06-01T10:00:00Z  for 2h",
        "       active hours, line 8",
        "  off  Mon 2026-06-01 12:00 +00:00     2026-06-01T12:00:00Z  for 20h"]


def test_the_exclude_that_keeps_the_key_off_for_days_is_named():
    assert transitions("--from", "2026-12-28", "--days", "3") == [
        "  off  Wed 2026-12-23 17:30 +01:00     2026-12-23T16:30:00Z  for 10d 4h",
        "       exclude 'end of the year', line 17"]


def test_a_long_reason_is_wrapped():
    reason = "wörds of sense " * 16 + "x" * 100
    lines = transitions("--from", "2026-10-24", "--days", "1", policy=WEEK.replace("CHG-1042", reason))
    text = [line.removeprefix(" " * 7) for line in lines if line.startswith(" " * 7)]
    assert " ".join(text) == "maintenance 'permission audit' (" + reason + "), line 12", text
    for line, following in zip(text, text[1:]):
        assert 7 + len(line) <= 80 or " " not in line, line
        assert 7 + len(line) + 1 + len(following.split()[0]) > 80, (line, following)


def test_a_window_shorter_than_a_cell_shows():
    got = rows("--from", "2026-06-01", "--days", "1", policy=every_day("UTC", "06:14-06:16"))
    assert got == {"2026-06-01": "." * 12 + "a" + "." * 35}, got
    got = rows("--from", "2026-06-01", "--days", "1", columns=140, policy=every_day("UTC", "06:14-06:16"))
    assert got == {"2026-06-01": "." * 24 + "aa" + "." * 70}, got


def test_cells_grow_shorter_where_there_is_room():
    for columns, minutes in (20, 30), (80, 30), (96, 30), (97, 20), (121, 20), (122, 15), (300, 15):
        done = run("calendar", "acme", "--from", "2026-10-24", columns=columns)
        assert "a cell is %dm" % minutes in done.stdout, (columns, done.stdout)
        longest = max(len(line) for line in done.stdout.splitlines())
        assert longest <= max(columns, 80), (columns, longest)


def test_now_is_marked_today():
    done = run("calendar", "acme", "--days", "1")
    assert done.stdout.count("@") == 2, done.stdout  # in its cell, and in the key


def test_no_hours_at_all():
    assert transitions(policy=HEAD % "UTC") == ["  off  always"]


def test_on_for_ever():
    assert transitions(policy=every_day("UTC", "00:00-24:00")) == ["  on   always", "       active hours, line 8"]


def test_off_from_the_first_until_the_one_window():
    policy = HEAD % "UTC" + "    active_hours: [{from: '2026-06-02 08:00', until: '2026-06-02 09:00'}]\n"
    assert transitions("--from", "2026-06-01", "--days", "2", policy=policy) == [
        "  off  from the first",
        "  on   Tue 2026-06-02 08:00 +00:00     2026-06-02T08:00:00Z  for 1h",
        "       active hours, line 8",
        "  off  Tue 2026-06-02 09:00 +00:00     2026-06-02T09:00:00Z  for ever"]


def test_every_site_where_none_is_named():
    policy = WEEK + (HEAD % "UTC").split("sites:\n")[1].replace("  acme:", "  zeta:")
    done = run("calendar", "--days", "1", policy=policy)
    assert done.stdout.startswith("acme, ") and "\nzeta, hours of Europe/Berlin\n" in done.stdout, done.stdout
    lines = run("--json", "calendar", "--days", "1", policy=policy).stdout.splitlines()
    assert [json.loads(line)["site"] for line in lines] == ["acme", "zeta"]


def test_json_has_the_documented_fields():
    done = run("--json", "calendar", "acme", "--from", "2026-10-24", "--days", "1")
    assert json.loads(done.stdout) == {
        "site": "acme", "timezone": "Europe/Berlin", "from": "2026-10-23T22:00:00.000Z",
        "until": "2026-10-24T22:00:00.000Z",
        "windows": [{"from": "2026-10-24T20:00:00.000Z", "until": "2026-10-24T22:00:00.000Z", "causes": [
            {"kind": "maintenance_window", "name": "permission audit", "reason": "CHG-1042", "line": 12}]}]}


def test_windows_that_touch_are_one_with_both_causes():
    policy = HEAD % "UTC" + """\
    active_hours:
      - {every_day: yes, times: ['08:00-10:00']}
      - {every_day: yes, times: ['10:00-12:00', '11:00-13:00']}
"""
    done = run("--json", "calendar", "--from", "2026-06-01", "--days", "1", policy=policy)
    [window] = json.loads(done.stdout)["windows"]
    assert (window["from"], window["until"]) == ("2026-06-01T08:00:00.000Z", "2026-06-01T13:00:00.000Z"), window
    assert [cause["line"] for cause in window["causes"]] == [9, 10], window


def test_what_is_wrong_is_said():
    for days in "0", "-1", "3661", "two", "":
        done = run("calendar", "--days", days)
        assert done.returncode == 2 and "from 1 to 3660" in done.stderr, (days, done)
    for day in "soon", "", "2026-02-30", "1969-12-31":
        done = run("calendar", "--from", day)
        assert done.returncode == 2 and "write 2026-10-24" in done.stderr, (day, done)
    for day in "1970-12-31", "2199-12-31":
        done = run("calendar", "--from", day)
        assert done.returncode == 2 and "the years 1971 to 2199" in done.stderr and not done.stdout, (day, done)
    assert run("calendar", "--from", "2199-12-18").returncode == 0
    assert run("calendar", "acm").returncode == 4
    assert run("calendar", policy="version: 1\n").returncode == 1


def test_the_pictures_of_readme_and_manual_are_true():
    policy = re.sub(r"(?m)^    # (exclude:|  - name: end|    dates:)", r"    \1", tap.read("etc/policy.yaml"))
    shown = run("calendar", "acme", "--from", "2026-12-18", "--days", "7", policy=policy).stdout.split("\n\n")[1]
    [readme] = [text for text in tap.read("README").split("\n\n") if "Fri 2026-12-18" in text]
    assert Shown(textwrap.indent(shown, " " * 4)) == readme, shown
    shown = run("calendar", "acme", "--from", "2026-10-24", "--days", "3", policy=policy).stdout
    manual = tap.read("man/adminkeyctl.1").split("columns:\n.Bd -literal\n")[1].split(".Ed")[0]
    assert Shown(shown) == manual.replace("\\(aq", "'"), shown


def test_a_year_takes_no_time():
    started = time.monotonic()
    assert len(rows("--from", "2027-01-01", "--days", "365")) == 365
    assert time.monotonic() - started < 2, "it should take some hundredths of a second"


def on_terminal(columns, **environment):
    """What a terminal of that width is sent."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(WEEK)
        file.flush()
        settings = {"TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "", "COLUMNS": "80"}
        with subprocess.Popen([PROGRAM, "--policy", file.name, "calendar", "--days", "7"], stdout=child,
                              env={**os.environ, **settings, **environment}) as process:
            os.close(child)
            shown = b""
            while chunk := read(parent):
                shown += chunk
            assert process.wait() == 0
    os.close(parent)
    return shown.decode()


def test_colour_and_blocks_on_a_terminal():
    shown = on_terminal(140)
    assert "\x1b[32m█" in shown and "a cell is 15m" in shown, "the terminal knows its width better than COLUMNS"
    assert "a cell is 20m" in on_terminal(100)


def test_plain_letters_where_colour_or_characters_are_unwanted():
    shown = on_terminal(80, NO_COLOR="1")
    assert "\x1b" not in shown and "a cell is 30m" in shown, shown
    shown = on_terminal(80, LC_ALL="C")
    assert "\x1b[32ma" in shown and shown.isascii(), shown


def read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""


tap.run(globals())
