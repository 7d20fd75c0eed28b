#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon and its calendar: windows are named as the cause, and what changes hours or zones counts at once."""

import datetime
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, BUILD, House, demand, run_tests, utc, wall  # noqa: E402  pylint: disable=wrong-import-position

ZONES = os.environ.get("TZDIR", "/usr/share/zoneinfo")


def is_on(status):
    return status["state"] == "on"


def is_off(status):
    return status["state"] == "off" and status["proved_off"]


def adminkeyctl(house, *arguments):
    command = [os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def reload(house):
    """Reloads, and returns the error's name and parameters; None: it was taken."""
    reply = next(house.call("Reload"))
    return (reply["error"].rpartition(".")[2], reply["parameters"]) if "error" in reply else None


def the_cause_has_a_name(house: House):
    until = utc(3600).replace(microsecond=0)
    audit = f"[{{name: permission audit, reason: CHG-1042, from: {wall(utc(-60))}, until: {wall(until)}}}]"
    notify = house.listen(20)
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"active_hours": "[{every_day: true, times: ['00:00-00:01']}]",
                                                 "maintenance_windows": audit}}))
    house.start()
    house.wait_status("acme", is_on)
    told = ""
    while "acme is on" not in told:
        told = notify.recv(65536).decode()
    status = json.loads(adminkeyctl(house, "status", "acme", "--json").stdout)["site"]
    with open(house.policy, encoding="utf-8") as file:
        line = [number for number, text in enumerate(file, 1) if "permission audit" in text][0]
    demand(status["cause"] == {"kind": "maintenance_window", "name": "permission audit", "reason": "CHG-1042",
                               "line": line, "until": until.strftime("%Y-%m-%dT%H:%M:%S.000Z")}, status["cause"])
    words = adminkeyctl(house, "status", "acme").stdout
    demand(f"maintenance window 'permission audit' (CHG-1042), line {line} of the policy" in words, words)
    house.wait_said(f"(maintenance_window 'permission audit' (CHG-1042), policy line {line})")
    demand(told.strip().endswith(", permission audit (CHG-1042)"), f"the service's status names it: {told}")


def an_exclude_at_reload(house: House):
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start()
    house.wait_status("acme", is_on)
    house.write_policy(house.policy_of({"acme": {
        "maintenance_windows": ALWAYS,
        "exclude": f"[{{name: freeze, dates: ['{utc(-86400):%Y-%m-%d}:{utc(86400):%Y-%m-%d}']}}]"}}))
    begun = utc(0)
    demand(reload(house) is None, "it is taken")
    status = house.wait_status("acme", is_off)
    took = (utc(0) - begun).total_seconds()
    demand(not site.state()["live"], "the site says that it is off")
    demand(took < 5, f"it was switched off at once: {took} s")
    demand((status["cause"]["kind"], status["cause"]["name"]) == ("exclude", "freeze"), status["cause"])
    demand(status["next_change"]["to"] == "on", status["next_change"])


def own_zones(house, **zones):
    """A folder of zone files of which each has the rules of another."""
    folder = os.path.join(house.folder, "zoneinfo")
    for name, rules in zones.items():
        path = os.path.join(folder, *name.split("__"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(os.path.join(ZONES, rules), path + ".new")
        os.rename(path + ".new", path)
    return folder


def zone_data_that_changes(house: House):
    """Berlin five hours east of UTC, then, after an update, five hours west of it."""
    site = house.add_site()
    folder = own_zones(house, UTC="UTC", Europe__Berlin="Etc/GMT-5")
    local = utc(5 * 3600)
    around = [wall(local + datetime.timedelta(minutes=minutes)) for minutes in (-10, 10)]
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": (
        f"[{{name: trial, reason: a test, location: Europe/Berlin, from: {around[0]}, until: {around[1]}}}]")}}))
    house.start(environment={"TZDIR": folder})
    house.wait_status("acme", is_on)
    own_zones(house, Europe__Berlin="Etc/GMT+5")
    demand(is_on(house.status("acme")), "nothing happens before a reload")
    demand(reload(house) is None, "it is taken")
    status = house.wait_status("acme", is_off)
    demand(not site.state()["live"], "the site says that it is off")
    wait = datetime.datetime.fromisoformat(status["next_change"]["at"].replace("Z", "+00:00")) - utc(0)
    demand(9.7 * 3600 < wait.total_seconds() < 10 * 3600, f"the window is ten hours later now: {status['next_change']}")
    os.unlink(os.path.join(folder, "Europe", "Berlin"))
    name, parameters = reload(house)
    demand(name == "BadPolicy" and "Europe/Berlin" in parameters["errors"][0]["message"], parameters)
    demand(house.status("acme")["next_change"] == status["next_change"], "the old rules stay in force")


def an_unknown_zone_at_reload(house: House):
    site = house.add_site()
    good = house.policy_of({"acme": {"maintenance_windows": ALWAYS}})
    house.write_policy(good)
    house.start()
    house.wait_status("acme", is_on)
    before = house.status()["daemon"]["policy"]
    house.write_policy(good.replace("timezone: UTC", "timezone: Europe/Berlim"))
    name, parameters = reload(house)
    error = parameters["errors"][0]
    demand((name, error["line"], error["column"], error["key"]) == ("BadPolicy", 2, 11, "timezone"), parameters)
    demand("Europe/Berlim" in error["message"], "the zone is named")
    house.wait_said(f"{house.policy}:2:11")
    policy = house.status()["daemon"]["policy"]
    demand(policy["rejected"]["errors"] == parameters["errors"], "status shows what was refused")
    demand((policy["sha256"], policy["loaded_at"]) == (before["sha256"], before["loaded_at"]), "the old one is in force")
    demand(site.state()["live"] and len(site.calls("post")) == 1, "the key was never touched")
    words = adminkeyctl(house, "status", "acme")
    demand(words.returncode == 3 and "line 2: timezone:" in words.stdout, words.stdout)


def watching_outlives_a_restart(house: House):
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start()
    house.wait_status("acme", is_on)
    command = [os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, "watch", "acme"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        try:
            demand("acme on until" in watching.stdout.readline(), "it says how things are")
            house.daemon.kill()
            house.daemon.wait()
            demand("not reachable, trying again" in watching.stderr.readline(), "it says that the daemon is away")
            house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
            house.start()
            demand("is back" in watching.stderr.readline(), "and that it is back")
            while " acme off" not in watching.stdout.readline():
                demand(watching.poll() is None, "and goes on")
        finally:
            watching.kill()


def a_users_daemon_without_a_session(house: House):
    """All places are named by options, so that no directory of the user's is needed."""
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start("--user", wrapper=["env", "-u", "XDG_RUNTIME_DIR", "-u", "XDG_STATE_HOME", "-u", "XDG_CONFIG_HOME",
                                   "-u", "HOME"])
    house.wait_status("acme", is_on)
    demand("group" not in house.said(), "nobody named a group, so none is missed: " + house.said())
    good = house.policy_of({"acme": {"maintenance_windows": ALWAYS}})
    house.write_policy(good + "access: {viewers: {groups: [no-such-group]}}\n")
    demand(reload(house) is None, "it is taken")
    house.wait_said("there is no group 'no-such-group' on this system")


TESTS = [
    ("a window is named as the cause, with its reason and line", the_cause_has_a_name),
    ("an exclude that a reload brings switches the key off at once", an_exclude_at_reload),
    ("zone data that changed count from the reload on", zone_data_that_changes),
    ("an unknown zone at reload: the old policy is kept, and the error has its place", an_unknown_zone_at_reload),
    ("adminkeyctl watch outlives a restart of the daemon", watching_outlives_a_restart),
    ("--user with all places named needs no session; a default group is not missed", a_users_daemon_without_a_session),
]

if __name__ == "__main__":
    run_tests(TESTS)
