# SPDX-License-Identifier: GPL-3.0-or-later
"""The package: installed, upgraded while a key is on, removed, purged, installed again."""

import json
import os
import tempfile

import machine as machines
import scenes

NEXT = "0.9.9"
OURS = ("/etc/adminkeyd", "/var/lib/adminkeyd", "/run/adminkeyd", "/usr/sbin/adminkeyd", "/usr/bin/adminkeyctl")


def package(machine):
    """The path, in the machine, of the package that it was made with."""
    return machine.say("sh", "-c", "ls /root/adminkeyd_*.deb")


def left_over(machine):
    return [path for path in OURS if machine.run("test", "-e", path, check=False).returncode == 0]


def test_upgrade(machine):
    """an upgrade while the goal is on does not interrupt the key, and the new program runs"""
    machine.start()
    old = machine.unit("MainPID")[0]
    with tempfile.TemporaryDirectory() as folder:
        next_one = machines.repack(machine.root + package(machine), NEXT, os.path.join(folder, "next.deb"))
        machine.send(next_one, "/root/next.deb")
    machine.run("dpkg", "--install", "/root/next.deb")
    machine.wait_on()
    assert machine.unit("MainPID")[0] not in ("0", old), "the old process still runs"
    version = json.loads(machine.say("adminkeyctl", "status", "--json"))["daemon"]["version"]
    assert version == NEXT, f"{version} runs"
    spans = machine.site.key_spans()
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"


def test_remove(machine):
    """a removal switches the key off before the files go, and a purge leaves nothing"""
    machine.start()
    machine.run("dpkg", "--remove", "adminkeyd")
    assert not machine.is_on()
    assert machine.run("test", "-e", machines.POLICY, check=False).returncode == 0, "the policy is gone"
    machine.run("dpkg", "--purge", "adminkeyd")
    assert not left_over(machine), left_over(machine)
    assert not machine.say("systemctl", "list-unit-files", "--no-legend", "adminkeyd*")


def test_remove_what_was_left(machine):
    """a removal switches off a key that a service left on, too"""
    machine.start(on_stop="keep")
    machine.run("systemctl", "stop", "adminkeyd")
    assert machine.is_on()
    machine.run("dpkg", "--remove", "adminkeyd")
    assert not machine.is_on()


def test_remove_without_a_site(machine):
    """a removal while the site is gone goes on, and says that a key may be on"""
    machine.start()
    machine.kill("KILL")
    machine.run("systemctl", "stop", "adminkeyd")
    machine.site.stop()
    done = machine.run("dpkg", "--remove", "adminkeyd")
    machine.site = None
    assert "an admin key may still be on" in done.stderr, done
    assert not machine.run("test", "-e", "/usr/sbin/adminkeyd", check=False).returncode == 0


def test_again(machine):
    """installed again after a purge, it works as at first"""
    machine.run("dpkg", "--purge", "adminkeyd")
    machine.run("dpkg", "--install", package(machine))
    assert machine.say("systemctl", "is-enabled", "adminkeyd") == "disabled"
    assert machine.say("stat", "--format=%a %U %G", "/etc/adminkeyd") == "750 root adminkey"
    for directory in ("credentials", "credentials.encrypted"):
        assert machine.say("stat", "--format=%a %U", "/etc/adminkeyd/" + directory) == "700 root"
    machine.give_site()
    machine.start()
    assert machine.is_on()


def test_accounts(machine):
    """user and groups are made, and nothing of the configuration is for everybody to read"""
    assert "adminkeyd" in machine.say("getent", "passwd", "adminkeyd")
    groups = machine.say("id", "--name", "--groups", "adminkeyd").split()
    assert "adminkey" in groups, groups
    assert machine.say("sh", "-c", "find /etc/adminkeyd /var/lib/adminkeyd -maxdepth 0 -perm /007") == ""


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
