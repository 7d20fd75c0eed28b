#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service and the machine under it, with the real systemd-logind, bus and polkit: delay lock, sleep, locked
sessions, a network that comes up. A container cannot sleep, so that part has a stand-in for logind on the real bus."""

import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "daemon"))
import scenes  # noqa: E402  pylint: disable=wrong-import-position
from machine import wait  # noqa: E402  pylint: disable=wrong-import-position
from private_bus import MockLogind  # noqa: E402  pylint: disable=wrong-import-position

LOCK_DISABLES = {"on_lock": "disable"}


def status(machine, *site):
    return json.loads(machine.say("adminkeyctl", "status", "--json", *site))


def notices(machine):
    return status(machine)["daemon"]["notices"]


def wait_on(machine, on=True):
    machine.run("adminkeyctl", "wait", "acme", "--on" if on else "--off", "--timeout", "30s")


def delay_locks(machine):
    """Those that logind says are held by the service, as [what, who, why, mode]."""
    reply = json.loads(machine.say("busctl", "call", "--json=short", "org.freedesktop.login1", "/org/freedesktop/login1",
                                   "org.freedesktop.login1.Manager", "ListInhibitors"))
    return [lock[:4] for lock in reply["data"][0] if lock[1] == "adminkeyd"]


def wait_delay_lock(machine):
    """One, and not two."""
    wait(lambda: delay_locks(machine) or None, "a delay lock")
    assert delay_locks(machine) == [["sleep", "adminkeyd", "switches admin keys off first", "delay"]], delay_locks(machine)


def log_in(machine, user, kind="wayland"):
    """A session of that kind on the seat; returns what logind calls it."""
    known = machine.say("loginctl", "list-sessions", "--no-legend").split()
    machine.run("useradd", "--create-home", user)
    machine.run("systemd-run", f"--unit=desktop-{user}", f"--uid={user}", "--property=PAMName=login",
                f"--setenv=XDG_SESSION_TYPE={kind}", "--setenv=XDG_SEAT=seat0", "--setenv=XDG_SESSION_CLASS=user",
                "sleep", "infinity")

    def find():
        for line in machine.say("loginctl", "list-sessions", "--no-legend").splitlines():
            session = line.split()[0]
            if session not in known and machine.say("loginctl", "show-session", "--value", "--property=Type",
                                                    session) == kind:
                return session
        return None
    return wait(find, f"the session of {user}")


def say_locked(machine, session, locked):
    """As a desktop does, when its screen is locked."""
    path = machine.say("busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
                       "org.freedesktop.login1.Manager", "GetSession", "s", session).split('"')[1]
    machine.run("busctl", "call", "org.freedesktop.login1", path, "org.freedesktop.login1.Session", "SetLockedHint", "b",
                "true" if locked else "false")


def test_delay_lock(machine):
    """the service holds one delay lock against sleep, which polkit allows it, and lets go of it when it stops"""
    machine.start()
    wait_delay_lock(machine)
    assert notices(machine) == [], notices(machine)
    machine.run("systemctl", "restart", "systemd-logind")
    wait_delay_lock(machine)
    machine.run("systemctl", "stop", "adminkeyd")
    assert delay_locks(machine) == [], delay_locks(machine)
    assert "logind" not in machine.journal(), "a restart of logind is news"


def test_sleep(machine):
    """before the machine sleeps the key is off by the site's word, and on again when it wakes"""
    machine.run("systemctl", "mask", "--runtime", "--now", "systemd-logind")
    bus = f"unix:path=/proc/{machine.leader}/root/run/dbus/system_bus_socket"
    logind = MockLogind({"DBUS_SYSTEM_BUS_ADDRESS": bus})
    try:
        machine.start()
        logind.wait("locked")
        logind.say("sleep yes")
        logind.wait("released")
        assert not machine.is_on(), "the key is on when the machine sleeps"
        assert "the machine is about to sleep" in machine.say("adminkeyctl", "status")
        logind.say("sleep no")
        logind.wait("locked")
        wait_on(machine)
    finally:
        logind.stop()


def test_locked_session(machine):
    """on_lock: disable: off while the graphical session is locked; a text console means nothing"""
    machine.start(**LOCK_DISABLES)
    log_in(machine, "carl", kind="tty")
    ann = log_in(machine, "ann")
    say_locked(machine, ann, True)
    wait_on(machine, False)
    assert status(machine, "acme")["site"]["cause"]["kind"] == "lock", status(machine)
    bob = log_in(machine, "bob")
    wait_on(machine)
    say_locked(machine, bob, True)
    wait_on(machine, False)
    posts = len(machine.site.calls("post"))
    machine.run("systemctl", "restart", "adminkeyd")
    wait_on(machine, False)
    done = machine.run("adminkeyctl", "wait", "acme", "--on", "--timeout", "1s", check=False)
    assert done.returncode == 1, f"a wait for the session to be unlocked is no refusal: {done}"
    assert len(machine.site.calls("post")) == posts, "a daemon that starts while the session is locked enables no key"
    say_locked(machine, bob, False)
    wait_on(machine)


def test_without_polkit(machine):
    """without polkit it runs on, and status says that the delay lock is refused, and what to install"""
    machine.run("systemctl", "mask", "--runtime", "--now", "polkit")
    machine.start()
    notice = wait(lambda: notices(machine) or None, "a notice")[0]
    assert "refuses to wait" in notice and "polkitd" in notice, notice
    assert notice in machine.say("adminkeyctl", "status")
    assert notice in machine.journal()
    assert delay_locks(machine) == [], delay_locks(machine)


def test_without_logind(machine):
    """without logind it runs on, and status says so; logind that comes is taken up"""
    machine.run("systemctl", "mask", "--runtime", "--now", "systemd-logind")
    machine.start()
    notice = wait(lambda: notices(machine) or None, "a notice")[0]
    assert "systemd-logind is not there" in notice, notice
    machine.run("systemctl", "unmask", "--runtime", "systemd-logind")
    machine.run("systemctl", "start", "systemd-logind")
    wait_delay_lock(machine)
    wait(lambda: True if notices(machine) == [] else None, "the notice to go")


def test_without_a_bus(machine):
    """when the system bus ends it runs on and says so, stops as ever, and takes up a bus that comes"""
    machine.start()
    wait_delay_lock(machine)
    machine.run("systemctl", "stop", "dbus.socket", "dbus.service")
    notice = wait(lambda: notices(machine) or None, "a notice")[0]
    assert "system bus cannot be reached" in notice, notice
    assert machine.is_on()
    machine.run("systemctl", "start", "dbus.socket")
    machine.run("systemctl", "restart", "systemd-logind")
    wait(lambda: True if notices(machine) == [] else None, "the notice to go", 60)
    wait_delay_lock(machine)
    machine.run("systemctl", "stop", "dbus.socket", "dbus.service")
    machine.run("systemctl", "stop", "adminkeyd")
    assert not machine.is_on()


def test_network(machine):
    """a network that comes up long after the start is used at once"""
    machine.site.stop()
    machine.write("/etc/adminkeyd/policy.yaml", machine.policy(), "640")
    machine.run("chgrp", "adminkey", "/etc/adminkeyd/policy.yaml")
    machine.run("systemctl", "start", "adminkeyd")
    wait(lambda: True if status(machine, "acme")["site"]["failures"] >= 5 else None, "some tries", 60)
    machine.site.start(machine.site.port)
    machine.run("ip", "route", "add", "default", "dev", "lo")
    machine.site.wait("enabled", timeout=3)


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
