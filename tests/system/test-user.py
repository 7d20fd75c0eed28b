# SPDX-License-Identifier: GPL-3.0-or-later
"""The service of a user's own, under that user's manager."""

import scenes
from machine import TOKEN, wait

HOME = "/var/lib/owner"


def as_user(machine, *words, check=True):
    return machine.run("systemctl", "--user", "--machine=owner@.host", *words, check=check)


def settle(machine):
    """A user whose manager runs, with policy and token at home."""
    machine.run("useradd", "--create-home", "--home-dir", HOME, "owner")
    machine.run("systemctl", "start", "user@" + machine.say("id", "-u", "owner"))
    home = HOME + "/.config/adminkeyd/"
    machine.write(home + "token", TOKEN + "\n", "600")
    machine.run("install", "-m", "644", "/etc/adminkeyd/ca.pem", home + "ca.pem")
    machine.write(home + "policy.yaml", machine.policy(token=home + "token", ca_file=home + "ca.pem"), "600")
    machine.run("chown", "-R", "owner:owner", HOME + "/.config")


def ask(machine, *words, check=True):
    return machine.run("env", "XDG_RUNTIME_DIR=/run/user/" + machine.say("id", "-u", "owner"), "adminkeyctl", "--user",
                       *words, user="owner", check=check)


def wait_on(machine):
    wait(lambda: ask(machine, "is-on", "acme", check=False).returncode == 0 or None, "the key to be on")


def test_life(machine):
    """a user's service starts, keeps the key through a restart, and switches it off at its stop"""
    settle(machine)
    as_user(machine, "start", "adminkeyd")
    wait_on(machine)
    as_user(machine, "restart", "adminkeyd")
    wait_on(machine)
    spans = machine.site.key_spans()
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"
    as_user(machine, "stop", "adminkeyd")
    assert not machine.is_on()


def test_others(machine):
    """nobody else sees it"""
    settle(machine)
    machine.run("useradd", "stranger")
    as_user(machine, "start", "adminkeyd")
    wait_on(machine)
    there = "/run/user/" + machine.say("id", "-u", "owner") + "/adminkeyd/adminkeyd.sock"
    assert machine.run("adminkeyctl", "--socket", there, "status", user="stranger", check=False).returncode != 0


def test_removal(machine):
    """the package's removal switches it off"""
    settle(machine)
    as_user(machine, "start", "adminkeyd")
    wait_on(machine)
    machine.run("dpkg", "--remove", "adminkeyd")
    assert not machine.is_on()


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
