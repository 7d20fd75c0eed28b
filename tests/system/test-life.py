# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's life, as systemd and the site see it: start, reload, restart, crash, stop, poweroff."""

import json
import os
import time

import scenes
from machine import POLICY, TOP, wait

WHOLE = 1e6  # microseconds


def main_pid(machine):
    return machine.unit("MainPID")[0]


def never_off(machine):
    """Since it was first enabled, the key was live without a gap, up to now."""
    spans = machine.site.key_spans()
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"


def is_down(machine):
    """The unit has failed for good, and the key is off by the site's word: how long that took, in seconds."""
    machine.wait_unit("the unit to fail", ActiveState="failed")
    failed = int(machine.unit("InactiveEnterTimestampMonotonic")[0]) / WHOLE
    wait(lambda: None if machine.is_on() else True, "the key to go off")
    return time.clock_gettime(time.CLOCK_MONOTONIC) - failed


def test_no_policy(machine):
    """without a policy it is not enabled, and a start is an unmet condition and no failure"""
    assert machine.say("systemctl", "is-enabled", "adminkeyd") == "disabled"
    machine.run("systemctl", "start", "adminkeyd")
    assert machine.unit("ActiveState", "Result", "ConditionResult") == ("inactive", "success", "no")
    assert not machine.say("systemctl", "--failed", "--quiet"), "something has failed"


def test_start(machine):
    """it starts, tells systemd what it does, and the key is on"""
    machine.start()
    assert machine.is_on()
    assert machine.unit("ActiveState", "Type", "NotifyAccess")[0] == "active"
    machine.wait_unit("the status line", StatusText="acme is on, trial (a test)")
    assert machine.run("adminkeyctl", "is-on", "acme").returncode == 0


def test_reload(machine):
    """a reload takes a new policy; one that is refused fails the reload, and the old one stays"""
    machine.start(duration="60m")
    machine.write(POLICY, machine.policy(duration="30m"))
    machine.run("systemctl", "reload", "adminkeyd")
    machine.write(POLICY, machine.policy(duration="90m"))
    assert machine.run("systemctl", "reload", "adminkeyd", check=False).returncode != 0
    assert machine.unit("ActiveState")[0] == "active"
    status = json.loads(machine.say("adminkeyctl", "status", "--json"))
    assert status["daemon"]["policy"]["rejected"]["errors"][0]["key"] == "sites.acme.duration", status
    assert machine.run("adminkeyctl", "status", check=False).returncode == 3
    assert "90m" in machine.journal(), "the journal does not say why"
    never_off(machine)


def test_notify_reload(machine):
    """with notify-reload, where systemd knows it, a reload works and one that is refused still fails"""
    with open(os.path.join(TOP, "etc/adminkeyd.service.d/notify-reload.conf"), encoding="ascii") as file:
        machine.write("/run/systemd/system/adminkeyd.service.d/notify-reload.conf", file.read())
    machine.run("systemctl", "daemon-reload")
    machine.start(duration="60m")
    assert machine.unit("Type")[0] == "notify-reload"
    machine.write(POLICY, machine.policy(duration="30m"))
    machine.run("systemctl", "reload", "adminkeyd")
    loaded = machine.journal().count(f"policy {POLICY} is in force")
    assert loaded == 2, f"loaded {loaded} times, not once at the start and once again"
    machine.write(POLICY, machine.policy(duration="90m"))
    assert machine.run("systemctl", "reload", "adminkeyd", check=False).returncode != 0
    assert machine.unit("ActiveState")[0] == "active"
    never_off(machine)


test_notify_reload.releases = ("trixie",)


def test_zones(machine):
    """new time zones are reckoned by at once; which of them is the machine's own means nothing"""
    machine.start()
    machine.run("timedatectl", "set-timezone", "Asia/Kolkata")
    machine.run("sh", "-c", "cd /usr/share/zoneinfo && cp Etc/UTC UTC.new && mv UTC.new UTC")
    wait(lambda: "time zones have changed" in machine.journal() or None, "the daemon to hear of the zones")
    machine.wait_on()
    never_off(machine)


def test_journal(machine):
    """the journal has the fields, and journalctl -x explains them"""
    machine.start()
    entries = [json.loads(line) for line in machine.journal("--output=json").splitlines()]
    enabled = [entry for entry in entries if entry.get("ADMINKEYD_STATE") == "on"]
    assert enabled, "no entry says that the key is on"
    for field in ("MESSAGE_ID", "ADMINKEYD_SITE", "ADMINKEYD_CAUSE", "ADMINKEYD_EXPIRES", "ADMINKEYD_ID"):
        assert enabled[0].get(field), f"{field} is missing"
    assert "The admin key of acme is on" in machine.journal("--catalog")


def test_users(machine):
    """two users are told apart on the socket: a member of adminkey looks, a stranger is refused"""
    machine.run("useradd", "--groups", "adminkey", "viewer")
    machine.run("useradd", "stranger")
    machine.start()
    assert machine.run("adminkeyctl", "status", user="viewer").returncode == 0
    refused = machine.run("adminkeyctl", "status", user="stranger", check=False)
    assert refused.returncode == 6, refused
    assert machine.run("adminkeyctl", "reload", user="viewer", check=False).returncode == 6
    assert machine.run("adminkeyctl", "check", user="viewer").returncode == 0
    assert machine.run("cat", POLICY, user="stranger", check=False).returncode != 0, "a stranger reads the policy"


def test_operators(machine):
    """an operator of the policy reloads, and so does root"""
    machine.run("useradd", "admin")
    machine.start(access="access:\n  operators: {users: [admin]}\n")
    assert machine.run("adminkeyctl", "reload", user="admin").returncode == 0
    assert machine.run("adminkeyctl", "reload").returncode == 0


def test_restarts(machine):
    """restart, try-restart and reload-or-restart keep the key"""
    machine.start()
    for job in ("restart", "try-restart", "reload-or-restart"):
        machine.run("systemctl", job, "adminkeyd")
        machine.wait_on()
    never_off(machine)
    assert not machine.site.calls("delete")[1:], "a restart switched the key off"


def test_stop(machine):
    """a stop switches the key off before it is done"""
    machine.start()
    machine.run("systemctl", "stop", "adminkeyd")
    assert not machine.is_on()
    assert machine.unit("ActiveState", "Result") == ("inactive", "success")


def test_stop_without_a_site(machine):
    """a stop while the site is gone ends within 25 s, and says when the key ends"""
    machine.start()
    machine.site.stop()
    began = time.monotonic()
    machine.run("systemctl", "stop", "adminkeyd")
    took = time.monotonic() - began
    machine.site = None
    assert took < 25, f"it took {took:.1f} s"
    assert "the admin key stays on until" in machine.journal()
    return f"a stop without a site took {took:.1f} s"


def test_crash(machine):
    """after SIGKILL the key is taken up again within 3 s, and was never off"""
    machine.start()
    old = main_pid(machine)
    began = time.monotonic()
    machine.kill("KILL")
    wait(lambda: None if main_pid(machine) in ("0", old) else True, "another process")
    machine.wait_on()
    took = time.monotonic() - began
    assert took < 3, f"it took {took:.1f} s"
    never_off(machine)
    return f"taken up {took:.2f} s after SIGKILL"


def test_watchdog(machine):
    """a daemon that decides nothing any more is killed by the watchdog, and taken up again"""
    machine.drop_in("WatchdogSec=2s\n")
    machine.start()
    old = main_pid(machine)
    machine.kill("STOP")
    wait(lambda: None if main_pid(machine) in ("0", old) else True, "another process")
    machine.wait_on()
    assert "Watchdog timeout" in machine.journal()
    never_off(machine)


def test_exhausted(machine):
    """once restarts are used up, the key is off within 5 s"""
    machine.drop_in("RestartSec=100ms\n")
    machine.start()
    process = machine.process()
    while process:
        machine.kill("KILL", process)
        process = machine.process(before=process)
    took = is_down(machine)
    assert took < 5, f"it took {took:.1f} s"
    return f"off {took:.2f} s after the last restart"


def test_refused_start(machine):
    """a crash after which the policy is refused ends with the key off within 5 s, by the last policy in force"""
    machine.start()
    machine.write(POLICY, "version: 1\n")
    machine.kill("KILL")
    machine.wait_unit("the unit to fail", ActiveState="failed", ExecMainStatus="78")
    took = is_down(machine)
    assert took < 5, f"it took {took:.1f} s"
    return f"off {took:.2f} s after the policy was refused"


def test_policy_gone_at_a_restart(machine):
    """a restart after the policy was removed ends with the key off within 5 s"""
    machine.start()
    machine.run("rm", POLICY)
    machine.run("systemctl", "restart", "adminkeyd", check=False)
    machine.wait_unit("the unit to fail", ActiveState="failed", ExecMainStatus="78")
    took = is_down(machine)
    assert took < 5, f"it took {took:.1f} s"


def test_policy_gone_at_a_crash(machine):
    """a crash after the policy was removed ends with the key off within 5 s"""
    machine.start()
    machine.run("rm", POLICY)
    machine.kill("KILL")
    machine.wait_unit("the unit to fail", ActiveState="failed", ExecMainStatus="78")
    took = is_down(machine)
    assert took < 5, f"it took {took:.1f} s"


def test_poweroff(machine):
    """a poweroff switches the key off first, within 20 s"""
    machine.start()
    began = time.monotonic()
    machine.power_off()
    took = time.monotonic() - began
    ends = machine.site.key_spans()[-1][1]
    assert not machine.is_on() and ends is not None and took < 20, f"powered off in {took:.1f} s, the key at {ends}"
    return f"powered off in {took:.1f} s"


def test_poweroff_without_a_site(machine):
    """a poweroff while the site is gone waits for 20 s, and says when the key ends"""
    machine.write("/run/systemd/journald.conf.d/console.conf", "[Journal]\nForwardToConsole=yes\n")
    machine.run("systemctl", "restart", "systemd-journald")
    machine.start()
    machine.site.stop()
    machine.site = None
    began = time.monotonic()
    machine.power_off()
    took = time.monotonic() - began
    with open(machine.console, encoding="utf-8", errors="replace") as console:
        said = console.read()
    assert "the admin key stays on until" in said, said
    assert took < 30, f"it took {took:.1f} s"
    return f"powered off without a site in {took:.1f} s"


def test_boot(machine):
    """once enabled, it starts with the machine"""
    machine.write(POLICY, machine.policy())
    machine.run("systemctl", "enable", "adminkeyd")
    wants = machine.say("systemctl", "list-dependencies", "--plain", "multi-user.target")
    assert "adminkeyd.service" in wants.split(), wants
    machine.run("systemctl", "isolate", "multi-user.target")
    machine.wait_on()


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
