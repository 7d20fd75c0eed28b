# SPDX-License-Identifier: GPL-3.0-or-later
"""The walls around the service, as systemd measures them and as they stand."""

import re

import scenes

MOST = 1.3


def test_security(machine):
    """systemd-analyze security finds 1.3 at most for the service that runs"""
    machine.start()
    said = machine.say("systemd-analyze", "security", "--no-pager", "adminkeyd.service")
    figure = float(re.search(r"Overall exposure level for adminkeyd.service: ([0-9.]+)", said)[1])
    assert figure <= MOST, said
    return f"systemd-analyze security: {figure}"


def test_verify(machine):
    """systemd-analyze verify has nothing to say"""
    for unit in ("adminkeyd.service", "adminkeyd-revoke.service"):
        done = machine.run("systemd-analyze", "verify", "--man=no", machine.unit("FragmentPath", unit=unit)[0])
        assert not (done.stdout + done.stderr).strip(), done.stdout + done.stderr


def test_walls(machine):
    """a process of the service writes nothing outside its state, sees no home and gets no privilege"""
    machine.start()
    inside = ["nsenter", "--target", machine.unit("MainPID")[0], "--mount", "--setuid", machine.say("id", "-u", "adminkeyd"),
              "--setgid", machine.say("id", "-g", "adminkeyd"), "--"]
    for path in ("/etc/adminkeyd/x", "/usr/x", "/var/x", "/run/x"):
        assert machine.run(*inside, "touch", path, check=False).returncode != 0, path
    machine.run(*inside, "touch", "/var/lib/adminkeyd/x", "/run/adminkeyd/x")
    assert machine.run(*inside, "ls", "/root", check=False).returncode != 0
    status = machine.say("cat", f"/proc/{machine.unit('MainPID')[0]}/status")
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert re.search(capabilities + r":\s+0+$", status, re.MULTILINE), status
    assert re.search(r"NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"Seccomp:\s+2$", status, re.MULTILINE)


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
