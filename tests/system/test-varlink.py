# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd's own varlinkctl on the control socket: another implementation that must understand it."""

import json
import subprocess

import scenes

SOCKET = "/run/adminkeyd/adminkeyd.sock"
STATUS = "io.adminkeyd.Control.Status"
MONITOR = "io.adminkeyd.Control.Monitor"


def test_info(machine):
    """varlinkctl info, list-interfaces and introspect work unchanged"""
    machine.start()
    assert "adminkeyd" in machine.run("varlinkctl", "info", SOCKET).stdout
    assert "io.adminkeyd.Control" in machine.run("varlinkctl", "list-interfaces", SOCKET).stdout.split()
    assert "method Status" in machine.run("varlinkctl", "introspect", SOCKET, "io.adminkeyd.Control").stdout


def test_call(machine):
    """varlinkctl call has the status, for whoever may see it"""
    machine.run("useradd", "--groups", "adminkey", "viewer")
    machine.run("useradd", "stranger")
    machine.start()
    reply = json.loads(machine.run("varlinkctl", "call", "--json=short", SOCKET, STATUS, "{}", user="viewer").stdout)
    assert reply["sites"][0]["site"] == "acme" and reply["sites"][0]["state"] == "on", reply
    refused = machine.run("varlinkctl", "call", SOCKET, STATUS, "{}", user="stranger", check=False)
    assert refused.returncode != 0 and "NotAuthorized" in refused.stderr + refused.stdout, refused


def test_monitor(machine):
    """varlinkctl call --more has each change, as it comes"""
    machine.start()
    command = machine.command("varlinkctl", "call", "--more", "--json=short", SOCKET, MONITOR, "{}")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stream:
        assert json.loads(stream.stdout.readline().strip("\x1e"))["site"]["state"] == "on"
        machine.write("/etc/adminkeyd/policy.yaml", machine.policy(hours=""))
        machine.run("systemctl", "reload", "adminkeyd")
        for line in stream.stdout:
            if json.loads(line.strip("\x1e"))["site"]["state"] == "off":
                break
        else:
            raise AssertionError("the stream never said that the key is off")
        stream.terminate()


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")], releases=("trixie",))
