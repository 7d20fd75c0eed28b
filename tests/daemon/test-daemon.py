#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon as a process: start, stop, restart, reload, crash, its secrets, and what it refuses to start with."""

import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, BUILD, TOKEN, House, demand, run_tests, utc, window  # noqa: E402  pylint: disable=wrong-import-position


def is_on(status):
    return status["state"] == "on"


def begin(house: House, **keys):
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": dict({"maintenance_windows": ALWAYS}, **keys)}))
    house.start()
    house.wait_status("acme", is_on)
    return site


def sigterm(house):
    site = begin(house)
    demand(house.stop() == 0, "it ends with 0")
    demand(not site.state()["live"], "the key is off at the site")
    demand(not os.path.exists(house.socket), "the socket is gone")
    demand(house.ledger()[-1]["kind"] == "off", "the ledger ends with the proof")


def sigint(house):
    site = begin(house)
    demand(house.stop(signal.SIGINT) == 0, "it ends with 0")
    demand(not site.state()["live"], "the key is off at the site")


def on_stop_keep(house):
    site = begin(house, on_stop="keep")
    demand(house.stop() == 0, "it ends with 0")
    demand(site.state()["live"], "the key is left to its expiry")


def stop_with_a_dead_site(house):
    site = begin(house)
    site.fault(call="delete", drop=True)
    before = utc(0)
    demand(house.stop(patience=40) == 0, "it ends with 0")
    demand(19 <= (utc(0) - before).total_seconds() <= 22, "it tried for 20 s")
    demand("stays on until" in house.said(), "and says until when the key lives")


def crash(house):
    site = begin(house)
    house.stop(signal.SIGKILL)
    house.start()
    status = house.wait_status("acme", is_on)
    demand(status["foreign"] is None, "the key is known as ours")
    demand(len(site.calls("post")) == 1, "and taken up without another POST")


def crash_then_hours_over(house):
    site = begin(house)
    house.stop(signal.SIGKILL)
    house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
    house.start()
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"])
    demand(not site.state()["live"], "the key of the crashed process is switched off")


def broken_policy_at_reload(house):
    site = begin(house)
    sha256 = house.status()["daemon"]["policy"]["sha256"]
    good = open(house.policy, encoding="utf-8").read()
    house.write_policy(good + "    duratoin: 60m\n")
    reply = next(house.call("Reload"))
    demand(reply["error"] == "io.adminkeyd.Control.BadPolicy", reply)
    error = reply["parameters"]["errors"][0]
    demand((error["line"], error["column"], error["key"]) == (len(good.splitlines()) + 1, 5, "sites.acme.duratoin"), error)
    demand("duration" in error["message"], "the nearest key is named")
    daemon = house.status()["daemon"]
    demand(daemon["policy"]["sha256"] == sha256, "the old policy stays in force")
    demand(daemon["policy"]["rejected"]["errors"] == [error], "and status says why")
    place = f"{house.policy}:{error['line']}:{error['column']}"
    house.wait_said(place)
    house.daemon.send_signal(signal.SIGHUP)
    house.write_policy(good)
    demand(next(house.call("Reload")).get("error") is None, "a good one is taken")
    demand(house.status()["daemon"]["policy"]["rejected"] is None, "and the complaint is gone")
    demand(site.state()["live"] and len(site.calls("post")) == 1, "the key was never touched")
    ctl = subprocess.run([os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, "reload"], capture_output=True,
                         text=True, check=False)
    demand(ctl.returncode == 0, ctl.stderr)


def sighup(house):
    site = begin(house)
    house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
    house.daemon.send_signal(signal.SIGHUP)
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"])
    demand(not site.state()["live"], "the new policy is in force")


def sites_come_and_go(house):
    site = begin(house)
    other = house.add_site("other")
    house.write_policy(house.policy_of({"other": {"maintenance_windows": ALWAYS}}))
    demand(next(house.call("Reload")).get("error") is None, "it is taken")
    house.wait_status("other", is_on)
    site.wait("disabled", timeout=20)
    reply = next(house.call("Status", site="acme"))
    demand(reply["error"] == "io.adminkeyd.Control.UnknownSite" and reply["parameters"]["known"] == ["other"], reply)
    demand(other.state()["live"], "the new site has its key")


def not_enforced(house):
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS, "enforce": "no"}}))
    house.start()
    site.wait("get")
    house.wait_said("would be switched on")
    house.stop()
    demand(site.calls("post") + site.calls("delete") == [], "nothing was switched")


def two_daemons(house):
    begin(house)
    second = subprocess.run([os.path.join(BUILD, "adminkeyd"), "--policy", house.policy, "--socket",
                             house.socket + "2", "--state", house.state], capture_output=True, text=True, check=False,
                            timeout=20)
    demand(second.returncode == 1 and "another" in second.stderr, second.stderr)
    third = subprocess.run([os.path.join(BUILD, "adminkeyd"), "--policy", house.policy, "--socket", house.socket,
                            "--state", house.folder], capture_output=True, text=True, check=False, timeout=20)
    demand(third.returncode == 1, "a live socket is not taken over: " + third.stderr)
    demand(is_on(house.status("acme")), "the first one goes on")


def bad_policy_at_start(house):
    house.write_policy("version: 1\ntimezone: Europe/Berlim\nsites: {}\n")
    house.start(wait=False)
    demand(house.daemon.wait(20) == 78, "it ends with 78")
    demand(f"{house.policy}:2:11" in house.said(), "and names the place")


def no_policy_at_start(house):
    house.start(wait=False)
    demand(house.daemon.wait(20) == 78, "it ends with 78")
    demand(house.policy in house.said(), "and names the file")


def token_that_others_can_read(house):
    os.chmod(house.token, 0o644)
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start(wait=False)
    house.wait_said("0600")
    demand(TOKEN not in house.said(), "the token is never shown")


def credential_of_systemd(house):
    folder = os.path.join(house.folder, "credentials")
    os.mkdir(folder)
    os.rename(house.token, os.path.join(folder, "adminkeyd_acme"))
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS, "token": "acme"}}))
    house.start(environment={"CREDENTIALS_DIRECTORY": folder})
    house.wait_status("acme", is_on)


def secrets(house):
    begin(house)
    pid = house.daemon.pid
    for name in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{name}", "rb") as file:
            demand(TOKEN.encode() not in file.read(), f"the token is not in {name}")
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        core = [line.split() for line in file if line.startswith("Max core")][0]
    demand(core[4] == "0" and core[5] == "0", "no core file can be made")
    owner = os.stat(f"/proc/{pid}/mem").st_uid
    demand(owner == 0, "it cannot be attached to by its own user")
    everything = json.dumps(list(house.call("Status"))) + house.said() + open(house.ledger_file, encoding="utf-8").read()
    demand(TOKEN not in everything, "the token is in no reply, log or ledger")
    house.stop()
    demand(TOKEN not in house.said(), "nor at the end")


def torn_ledger(house):
    site = begin(house)
    house.stop(signal.SIGKILL)
    with open(house.ledger_file, "a", encoding="utf-8") as file:
        file.write('{"kind":"intent","at":"2026-')
    house.start()
    demand(house.wait_status("acme", is_on)["foreign"] is None, "the key is still known as ours")
    house.stop()
    demand(not site.state()["live"], "and switched off at the end")
    demand(all(isinstance(record, dict) for record in house.ledger()), "the torn line is gone")


def revoke_only(house):
    site = begin(house)
    house.stop(signal.SIGKILL)
    demand(house.start("--revoke-only", wait=False).wait(30) == 0, "a key that is wanted is rightly on")
    demand(site.state()["live"], "and left on")
    house.write_policy(house.policy_of({"acme": {"active_hours": "never"}}))
    demand(house.start("--revoke-only", wait=False).wait(30) == 0, "it is proved off")
    demand(not site.state()["live"], "the site says so, too")
    site.other_actor(10)
    demand(house.start("--revoke-only", wait=False).wait(30) == 0, "another's key is none of ours")
    demand(site.state()["live"], "and left alone")
    demand(house.start("--revoke-only", "--all", wait=False).wait(30) == 0, "with --all it is not")
    demand(not site.state()["live"], "it is off")
    site.other_actor(10)
    site.fault(call="delete", status=500)
    demand(house.start("--revoke-only", "--all", wait=False).wait(40) == 1, "what cannot be proved is a failure")


def notifications(house):
    """What systemd would be told, in its order, with a READY that waits for no dead network."""
    notify = house.listen(20)
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start(environment={"WATCHDOG_USEC": "1000000"})
    told = b""

    def until(words):
        nonlocal told
        while words not in told:
            told += notify.recv(65536) + b"\n"

    until(b"READY=1")
    until(b"STATUS=")
    until(b"WATCHDOG=1")
    house.daemon.send_signal(signal.SIGHUP)
    until(b"RELOADING=1")
    until(b"MONOTONIC_USEC=")
    told = told.split(b"RELOADING=1")[1]
    until(b"READY=1")
    site.fault(call="delete", count=2, status=500)
    house.daemon.send_signal(signal.SIGTERM)
    until(b"STOPPING=1")
    until(b"EXTEND_TIMEOUT_USEC=")
    demand(house.daemon.wait(30) == 0, "it ends with 0")


def no_leak_under_valgrind(house):
    house.add_site()
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start(wrapper=["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible",
                         "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99"])
    house.wait_status("acme", is_on, patience=60)
    demand(next(house.call("Reload")).get("error") is None, "it reloads")
    demand(house.stop(patience=60) == 0, "valgrind has nothing to say: " + house.said())


def is_sanitized():
    with open(os.path.join(BUILD, "adminkeyd"), "rb") as file:
        return b"__asan" in file.read()


TESTS = [
    ("SIGTERM inside a window: the key is off at the site", sigterm),
    ("SIGINT does the same", sigint),
    ("on_stop: keep", on_stop_keep),
    ("a stop with a dead site tries for 20 s and says when the key ends", stop_with_a_dead_site),
    ("a crash: the key is taken up again", crash),
    ("a crash, and the hours are over: the key is switched off", crash_then_hours_over),
    ("a broken policy at reload: the old one is kept, and the error has its place", broken_policy_at_reload),
    ("SIGHUP takes up a new policy", sighup),
    ("sites come and go with the policy", sites_come_and_go),
    ("enforce: no", not_enforced),
    ("two daemons do not share a ledger or a socket", two_daemons),
    ("a bad policy at start: 78", bad_policy_at_start),
    ("no policy at start: 78", no_policy_at_start),
    ("a token that others can read is refused", token_that_others_can_read),
    ("a token from systemd's credentials", credential_of_systemd),
    ("the token shows up nowhere", secrets),
    ("a torn ledger", torn_ledger),
    ("--revoke-only", revoke_only),
    ("what systemd is told", notifications),
]
if shutil.which("valgrind") and not is_sanitized():
    TESTS.append(("no leak at the end, under valgrind", no_leak_under_valgrind))

if __name__ == "__main__":
    run_tests(TESTS)
