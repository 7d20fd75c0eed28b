# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine does to its services: a network that comes late, a name server that is silent, a full disk, no
message bus."""

import json
import subprocess
import time

import scenes
from machine import OfflineMachine, POLICY, wait

SILENT = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.9", 53))
print("ready", flush=True)
time.sleep(600)
"""


def site_of(machine):
    return json.loads(machine.say("adminkeyctl", "status", "acme", "--json"))["site"]


def test_late_network(machine):
    """a boot without a network is not kept waiting; when the network comes up, the key is on within 3 s"""
    assert machine.unit("ActiveState")[0] == "active"
    wait(lambda: "no connection" in machine.say("adminkeyctl", "status") or None, "status to say what is missing")
    assert not machine.site.calls(), "the site was reached"
    booted = int(machine.say("systemctl", "show", "multi-user.target", "--property=ActiveEnterTimestampMonotonic", "--value"))
    asked = int(machine.unit("ExecMainStartTimestampMonotonic")[0])
    assert booted - asked < 10e6, "the network has kept the boot waiting"
    machine.plug_in()
    began = time.monotonic()
    machine.wait_on()
    took = time.monotonic() - began
    assert took < 3, f"it took {took:.1f} s"
    return f"booted {(booted - asked) / 1e6:.2f} s after the service, on {took:.2f} s after the network came up"


test_late_network.machine = OfflineMachine


def test_silent_resolver(machine):
    """a name server that never answers keeps neither status nor stop waiting"""
    machine.write("/etc/resolv.conf", "nameserver 127.0.0.9\n")
    with subprocess.Popen(["nsenter", "--target", str(machine.leader), "--net", "--", "python3", "-c", SILENT],
                          stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout.readline().strip() == "ready"
            machine.write(POLICY, machine.policy(url="https://acme.example"))
            machine.run("systemctl", "start", "--no-block", "adminkeyd")
            wait(lambda: machine.run("adminkeyctl", "status", check=False).returncode == 3 or None, "a status")
            began = time.monotonic()
            machine.run("adminkeyctl", "status", check=False)
            assert time.monotonic() - began < 1, "status was kept waiting"
            began = time.monotonic()
            machine.run("systemctl", "stop", "adminkeyd")
            took = time.monotonic() - began
            assert took < 25, f"the stop took {took:.1f} s"
        finally:
            server.kill()
    return f"stopped in {took:.1f} s beside a silent name server"


def test_full_disk(machine):
    """with a full disk under the ledger no key is enabled, status says why, and room mends it"""
    machine.run("sh", "-c", "install -d -o adminkeyd -g adminkeyd -m 700 /var/lib/adminkeyd && "
                "mount -t tmpfs -o size=64k,uid=$(id -u adminkeyd),gid=$(id -g adminkeyd),mode=700 none /var/lib/adminkeyd && "
                "dd if=/dev/zero of=/var/lib/adminkeyd/ballast bs=4k 2>/dev/null; true")
    machine.write(POLICY, machine.policy())
    machine.run("systemctl", "start", "adminkeyd")
    wait(lambda: "ledger could not be written" in json.dumps(site_of(machine)["last_error"]) or None, "status to say so")
    assert not machine.site.calls("post"), "a key was asked for that no ledger knows of"
    machine.run("rm", "/var/lib/adminkeyd/ballast")
    machine.wait_on()


def test_no_bus(machine):
    """without D-Bus it runs on"""
    machine.run("systemctl", "mask", "--now", "dbus.socket", "dbus.service", check=False)
    machine.start()
    assert machine.is_on()
    machine.run("systemctl", "stop", "adminkeyd")
    assert not machine.is_on()


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
