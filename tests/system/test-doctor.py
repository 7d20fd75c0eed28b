# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl doctor: well where all is well, and each trouble named with its remedy."""

import json

import scenes
from machine import POLICY, TOKEN

PLAIN = "/etc/adminkeyd/credentials/acme"


def examine(machine, user=None):
    """(exit status, {(check, level): finding and todo})"""
    done = machine.run("adminkeyctl", "doctor", "--json", user=user, check=False)
    found = {}
    for finding in json.loads(done.stdout)["findings"]:
        words = finding["finding"] + (" -> " + finding["todo"] if finding["todo"] else "")
        found.setdefault((finding["check"], finding["level"]), []).append(words)
    return done.returncode, found


def demand(found, check, level, words):
    said = found.get((check, level), [])
    assert any(words in finding for finding in said), f"no '{words}' in {found}"


def test_well(machine):
    """a machine that is well is called well, in text and JSON"""
    machine.start(token_expires="2099-01-01")
    machine.run("systemctl", "enable", "adminkeyd")
    status, found = examine(machine)
    assert status == 0, found
    for check in ("policy", "token", "service", "sandbox", "socket", "groups", "daemon", "bus", "tls", "site",
                  "account", "clock"):
        assert (check, "ok") in found, (check, found)
    assert not [key for key in found if key[1] == "wrong"], found
    text = machine.run("adminkeyctl", "doctor").stdout
    assert "0 wrong" in text, text


def test_encrypted(machine):
    """the site is asked with an encrypted credential, too"""
    machine.run("rm", PLAIN)
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-",
                "/etc/adminkeyd/credentials.encrypted/acme", given=TOKEN)
    machine.start()
    status, found = examine(machine)
    assert status == 0, found
    demand(found, "site", "ok", "accepts user and token")


def test_strangers(machine):
    """users and groups that the machine does not know are named, and a directory that others can write to"""
    machine.start(access="access:\n  operators: {users: [nobody-knows], groups: [adminkey]}\n")
    status, found = examine(machine)
    assert status == 0, found
    demand(found, "groups", "warning", "nobody-knows")
    machine.run("chmod", "777", "/run/adminkeyd")
    status, found = examine(machine)
    assert status == 3, found
    demand(found, "socket", "wrong", "chmod go-w /run/adminkeyd")


def test_without_polkit(machine):
    """polkit that is missing is named"""
    machine.run("rm", "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service")
    machine.start()
    demand(examine(machine)[1], "polkit", "warning", "install polkit")


def test_proxy(machine):
    """a proxy variable that nobody goes by is named, and so is a proxy that does not answer"""
    machine.start()
    done = machine.run("env", "https_proxy=http://127.0.0.1:9", "adminkeyctl", "doctor", "--json")
    assert "adminkeyd goes by the policy alone" in done.stdout, done.stdout
    machine.write(POLICY, machine.policy(proxy="http://127.0.0.1:9"))
    status, found = examine(machine)
    assert status == 3, found
    demand(found, "site", "wrong", "--proxy")


def test_eligibility(machine):
    """what a read cannot tell of the account is said"""
    machine.write(POLICY, machine.policy(enforce="no"))
    machine.run("systemctl", "start", "adminkeyd")
    demand(examine(machine)[1], "account", "note", "a read cannot tell")


def test_stopped(machine):
    """a service that does not run is named, with the command that starts it"""
    machine.write(POLICY, machine.policy())
    status, found = examine(machine)
    assert status == 3
    demand(found, "service", "wrong", "systemctl enable --now adminkeyd.service")
    demand(found, "daemon", "wrong", "nobody answers")


def test_masked(machine):
    """a unit that is masked is named"""
    machine.write(POLICY, machine.policy())
    machine.run("ln", "-s", "/dev/null", "/etc/systemd/system/adminkeyd.service")
    machine.run("systemctl", "daemon-reload")
    status, found = examine(machine)
    assert status == 3
    demand(found, "service", "wrong", "masked")


def test_policy(machine):
    """a policy that cannot be used is named with its first error"""
    machine.start()
    machine.write(POLICY, machine.policy(duration="90m"))
    machine.run("systemctl", "reload", "adminkeyd", check=False)
    status, found = examine(machine)
    assert status == 3
    demand(found, "policy", "wrong", "90m")
    demand(found, "daemon", "wrong", "refused at the last reload")


def test_token(machine):
    """tokens that are missing, open to others or past are named"""
    machine.start()
    machine.run("chmod", "644", PLAIN)
    status, found = examine(machine)
    assert status == 3
    demand(found, "token", "wrong", "0644")
    machine.run("rm", PLAIN)
    demand(examine(machine)[1], "token", "wrong", "systemd-creds encrypt --name=adminkeyd_acme")
    machine.write(PLAIN, TOKEN + "\n", "600")
    machine.write(POLICY, machine.policy(token_expires="2026-01-01"))
    demand(examine(machine)[1], "token", "wrong", "has expired")


def test_account(machine):
    """an account that the site does not let in is named in plain words"""
    machine.start()
    machine.site.fault(call="any", status=401, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    status, found = examine(machine)
    assert status == 3
    demand(found, "site", "wrong", "does not accept this e-mail and token")


def test_certificate(machine):
    """a certificate that is not trusted is named"""
    machine.start()
    machine.write(POLICY, machine.policy(ca_file="/etc/ssl/certs/ca-certificates.crt"))
    status, found = examine(machine)
    assert status == 3
    demand(found, "site", "wrong", "certificate is not to be trusted")


def test_clock(machine):
    """a clock that differs from the site's is named"""
    machine.start()
    machine.site.set_clock(90)
    demand(examine(machine)[1], "clock", "warning", "behind the site's")


def test_viewer(machine):
    """without rights it says what cannot be seen, and by whom"""
    machine.run("useradd", "stranger")
    machine.run("useradd", "--groups", "adminkey", "viewer")
    machine.start()
    demand(examine(machine, user="stranger")[1], "daemon", "warning", "adminkey")
    status, found = examine(machine, user="viewer")
    demand(found, "site", "note", "sudo")
    assert status == 0, found


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
