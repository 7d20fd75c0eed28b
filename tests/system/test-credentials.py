# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens: encrypted or not, replaced, and seen by nobody else."""

import time

import scenes
from machine import TOKEN, wait

ENCRYPTED = "/etc/adminkeyd/credentials.encrypted/acme"
PLAIN = "/etc/adminkeyd/credentials/acme"


def encrypt(machine, token):
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-", ENCRYPTED, given=token)


def test_encrypted(machine):
    """an encrypted credential is loaded by the unit"""
    machine.run("rm", PLAIN)
    encrypt(machine, TOKEN)
    machine.start()
    assert machine.is_on()


def test_encrypted_for_revoke(machine):
    """the unit that switches off what nobody keeps has it, too"""
    machine.run("rm", PLAIN)
    encrypt(machine, TOKEN)
    machine.start(on_stop="keep")
    machine.run("systemctl", "stop", "adminkeyd")
    assert machine.is_on()
    machine.run("systemctl", "start", "adminkeyd-revoke")
    assert not machine.is_on()


def test_bad_file(machine):
    """a file that keeps the daemon from starting does not keep the key on, and the journal names it"""
    machine.run("rm", PLAIN)
    encrypt(machine, TOKEN)
    machine.start()
    machine.write("/etc/adminkeyd/credentials.encrypted/other", "no credential", "600")
    machine.run("systemctl", "restart", "adminkeyd", check=False)
    machine.wait_unit("the unit to fail", ActiveState="failed", ExecMainStatus="243")
    began = time.monotonic()
    wait(lambda: None if machine.is_on() else True, "the key to go off")
    took = time.monotonic() - began
    assert took < 5, f"it took {took:.1f} s"
    assert "credential other cannot be decrypted" in machine.journal(unit="adminkeyd-revoke")
    machine.wait_unit("the end", unit="adminkeyd-revoke.service", ActiveState="inactive", Result="success")
    assert machine.run("find", "/run", "-name", "adminkeyd_*").stdout == "", "what was decrypted is left"


def test_plain_first(machine):
    """a token in plain text counts before an encrypted one"""
    encrypt(machine, "an old one")
    machine.start()
    assert machine.is_on()


def test_new_token(machine):
    """a new token is taken up by a restart, and the key is not dropped"""
    machine.start()
    machine.run("rm", PLAIN)
    encrypt(machine, TOKEN)
    machine.run("systemctl", "restart", "adminkeyd")
    machine.wait_on()
    spans = machine.site.key_spans()
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"


def test_wrong_token(machine):
    """a token that the site does not accept is told in plain words, and mended by a restart"""
    machine.site.fault(call="any", status=401, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    machine.write("/etc/adminkeyd/policy.yaml", machine.policy())
    machine.run("systemctl", "start", "adminkeyd")
    wait(lambda: "does not accept user and token" in machine.journal() or None, "the journal to say so")
    machine.site.clear()
    machine.run("systemctl", "restart", "adminkeyd")
    machine.wait_on()


def test_nobody_sees(machine):
    """no other user reads the daemon's memory, maps, environment; the token is in no log, ledger or argument"""
    machine.run("useradd", "stranger")
    machine.run("useradd", "--groups", "adminkey", "viewer")
    machine.start()
    process = "/proc/" + machine.unit("MainPID")[0]
    for user in ("stranger", "viewer"):
        for file in ("mem", "maps", "environ"):
            assert machine.run("cat", f"{process}/{file}", user=user, check=False).returncode != 0, f"{user} reads {file}"
    machine.run("journalctl", "--sync")
    for what in (machine.say("journalctl", "--all", "--output=export"), machine.say("cat", f"{process}/cmdline"),
                 machine.say("cat", f"{process}/environ"), machine.say("sh", "-c", "cat /var/lib/adminkeyd/*"),
                 machine.say("adminkeyctl", "status", "--json")):
        assert TOKEN not in what


def test_core(machine):
    """a daemon that is aborted leaves no core, and its token nowhere, also where cores are not limited"""
    machine.drop_in("LimitCORE=infinity\n")
    machine.start()
    for limit in ("infinity", "0"):
        assert machine.unit("LimitCORE")[0] == limit
        process = machine.process()
        machine.kill("ABRT", process)
        assert machine.process(before=process) != process
        machine.run("rm", "-f", "/run/systemd/system/adminkeyd.service.d/test.conf")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", "adminkeyd")
    assert "status=6/ABRT" in machine.journal(), "nothing was aborted"
    found = machine.run("grep", "--recursive", "--files-with-matches", "--fixed-strings", "--devices=skip", TOKEN,
                        "/etc", "/root", "/run", "/srv", "/tmp", "/var", check=False).stdout.split()
    assert set(found) <= {PLAIN, "/run/credentials/adminkeyd.service/adminkeyd-plain_acme"}, found
    assert not machine.say("sh", "-c", "ls -d /core* /var/lib/adminkeyd/core* /var/lib/systemd/coredump/* 2>/dev/null")


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
