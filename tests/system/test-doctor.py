# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl doctor: well where all is well, and each trouble named with its remedy."""

import json
import re
import time

import scenes
from machine import POLICY, TOKEN

FOLDER = "/etc/adminkeyd/credentials"
PLAIN = FOLDER + "/acme"
NO_START = "adminkeyd does not start"
UNSYNCHRONISED = ("this machine's clock is not synchronised: beyond 30 s a key is on only while both clocks are inside "
                  "the hours -> timedatectl set-ntp true")


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


def try_starts(machine):
    """Whether daemon and revoke unit start."""
    started = []
    for unit in ("adminkeyd", "adminkeyd-revoke"):
        machine.run("systemctl", "stop", "adminkeyd", "adminkeyd-revoke")
        machine.run("systemctl", "reset-failed", "adminkeyd", "adminkeyd-revoke", check=False)
        started.append(machine.run("systemctl", "start", unit, check=False).returncode == 0)
    return started


def test_undecryptable(machine):
    """an encrypted file that keeps the daemon from starting is named, and one that systemd leaves alone is not"""
    machine.start()
    machine.run("systemctl", "enable", "adminkeyd")
    machine.write(FOLDER + ".encrypted/.acme.new", "half of", "600")
    assert examine(machine)[0] == 0 and try_starts(machine) == [True, True]
    machine.write(FOLDER + ".encrypted/other", "no such thing", "600")
    assert try_starts(machine) == [False, True], "then the words below are not true"
    status, found = examine(machine)
    assert status == 3, found
    demand(found, "token", "wrong", FOLDER + ".encrypted/other cannot be decrypted: " + NO_START)
    demand(found, "token", "wrong", "remove it, or make it anew: systemd-creds encrypt --name=adminkeyd_other - ")
    demand(found, "site", "wrong", "the site could not be asked")
    assert not any(".acme.new" in words for said in found.values() for words in said), found
    machine.run("rm", FOLDER + ".encrypted/other")
    assert try_starts(machine) == [True, True]


def test_renamed(machine):
    """an encrypted file that has another's name cannot be decrypted, and its content is not told"""
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-", FOLDER + ".encrypted/other", given=TOKEN)
    machine.write(POLICY, machine.policy())
    told = machine.run("adminkeyctl", "doctor", check=False)
    assert TOKEN not in told.stdout + told.stderr, told
    demand(examine(machine)[1], "token", "wrong", FOLDER + ".encrypted/other cannot be decrypted")
    assert try_starts(machine) == [False, True]


def test_unnamed(machine):
    """files that no site names, and what is no file, are told"""
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_old", "-", FOLDER + ".encrypted/old", given="an old one")
    machine.write(FOLDER + "/older", "an older one", "600")
    machine.start()
    status, found = examine(machine)
    assert status == 0, found
    demand(found, "token", "note", FOLDER + ".encrypted/old is loaded, and no site of the policy names it")
    demand(found, "token", "note", FOLDER + "/older is loaded, and no site of the policy names it")
    assert not any("credentials/acme is loaded" in words for words in found[("token", "note")]), found
    machine.run("mkdir", FOLDER + ".encrypted/below")
    demand(examine(machine)[1], "token", "warning", FOLDER + ".encrypted/below is a directory")


def test_missing_directory(machine):
    """a directory of credentials that is missing keeps the daemon from starting, and is named"""
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-", FOLDER + ".encrypted/acme", given=TOKEN)
    machine.start()
    for folder in (FOLDER + ".encrypted", FOLDER):
        machine.run("mv", folder, "/root/away")
        assert try_starts(machine) == [False, True], "then the words below are not true"
        status, found = examine(machine)
        assert status == 3, found
        demand(found, "token", "wrong", f"{folder} is missing: {NO_START} -> systemd-tmpfiles --create")
        machine.run("systemd-tmpfiles", "--create")
        assert machine.say("stat", "-c", "%U:%G %a", folder) == "root:root 700"
        machine.run("rmdir", folder)
        machine.run("mv", "/root/away", folder)
    assert try_starts(machine) == [True, True]


def test_many(machine):
    """what is wrong counts, also beyond the findings that are kept"""
    machine.write(POLICY, machine.policy())
    machine.run("sh", "-c", f"cd {FOLDER} && for i in $(seq 1100); do : >$i; done")
    status, found = examine(machine)
    assert status == 3 and not [key for key in found if key[0] == "service"], found
    text = machine.run("adminkeyctl", "doctor", check=False)
    assert text.returncode == 3 and "\n0 wrong" not in text.stdout, text


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


def test_linked(machine):
    """a directory of the socket that is reached by a link is as safe as what the link leads to"""
    machine.start()
    machine.run("ln", "-s", "/run/adminkeyd", "/root/link")
    told = machine.say("adminkeyctl", "--socket", "/root/link/adminkeyd.sock", "doctor")
    assert "\n0 wrong" in told and "/root/link/adminkeyd.sock is the daemon's" in told, told
    machine.run("chmod", "777", "/run/adminkeyd")
    told = machine.say("adminkeyctl", "--socket", "/root/link/adminkeyd.sock", "doctor")
    assert "others can write to /root/link" in told, told


def test_groups(machine):
    """the group of viewers is told once where it is missing, and without a policy nothing of whom that lets in"""
    machine.write(POLICY, "no: policy\n")
    groups = {key: said for key, said in examine(machine)[1].items() if key[0] == "groups"}
    assert groups == {("groups", "ok"): ["the group adminkey is there"]}, groups
    machine.run("groupdel", "adminkey")
    for named in ("", "access:\n  viewers: {groups: [adminkey]}\n"):
        machine.write(POLICY, machine.policy(access=named))
        groups = {key: said for key, said in examine(machine)[1].items() if key[0] == "groups"}
        assert list(groups) == [("groups", "warning")] and len(groups["groups", "warning"]) == 1, (named, groups)


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
    before = time.monotonic()
    said = examine(machine)[1].get(("clock", "warning"), [])
    unsure = 1 + (time.monotonic() - before) / 2  # the site's whole second, and half of what its call may have taken
    away = [words for words in said if words != UNSYNCHRONISED]
    told = len(away) == 1 and re.fullmatch(
        "This machine's clock is ([0-9]+) s behind the site's\\. Beyond 30 s the key is on only while both are\n"
        "inside the hours: have the clock set, such as by 'timedatectl set-ntp true'\\.", away[0])
    assert told and abs(90 - int(told.group(1))) <= unsure, (said, unsure)


def test_synchronised(machine):
    """whether this machine's clock is synchronised is told as timedatectl tells it"""
    machine.start()
    for answer, level, words in (("echo NTPSynchronized=no", "warning", UNSYNCHRONISED),
                                 ("echo NTPSynchronized=yes", "ok", "this machine's clock is synchronised"),
                                 ("exit 1", "note", "timedatectl cannot tell of the clock")):
        machine.write("/usr/bin/timedatectl", "#!/bin/sh\n"
                      f"[ \"$*\" = 'show --property=NTPSynchronized' ] || exit 9\n{answer}\n", "755")
        found = {level: said for (check, level), said in examine(machine)[1].items() if check == "clock"}
        site = [said for said in found.get("ok", []) if "the site's" in said]
        assert len(site) == 1, found
        found["ok"].remove(site[0])
        assert {level: said for level, said in found.items() if said} == {level: [words]}, (answer, found)


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
