# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl setup with the real systemd: from an installed package to a key that is on."""

import scenes
from machine import POLICY, TOKEN, USER, wait

FOLDER = "/etc/adminkeyd/credentials"
ENCRYPTED = FOLDER + ".encrypted/acme"
PLAIN = FOLDER + "/acme"
HOME = "/var/lib/owner"
ALL_WEEK = "monday:sunday 00:00-24:00"


def given(machine, ca_file="/etc/adminkeyd/ca.pem", **more):
    words = {"url": machine.site.url, "site-name": "acme", "user-email": USER, "token-file": "-", "hours": ALL_WEEK,
             "timezone": "UTC", "ca-file": ca_file, "test-enable": "yes", **more}
    return ["setup", *[word for name, value in words.items() for word in ("--" + name, value)], "--yes"]


def set_up(machine, **more):
    """As root, with nothing but the package there."""
    machine.run("rm", "--force", PLAIN)
    return machine.run("adminkeyctl", *given(machine, **more), given=TOKEN + "\n").stdout


def test_from_nothing(machine):
    """setup encrypts the token, writes the policy, and leaves a service that runs and has the key on"""
    told = set_up(machine)
    assert "acme" in told.rsplit("once it wakes", 1)[1] and TOKEN not in told, told
    machine.wait_on()
    assert machine.unit("ActiveState", "UnitFileState") == ("active", "enabled")
    assert machine.say("stat", "-c", "%U:%G %a", POLICY) == "root:adminkey 640"
    assert machine.say("stat", "-c", "%U %a", ENCRYPTED) == "root 600"
    assert machine.say("ls", "-A", "/etc/adminkeyd/credentials") == ""
    assert TOKEN not in machine.run("cat", ENCRYPTED).stdout
    assert machine.say("ls", "/run").find("adminkeyd-setup") < 0


def test_new_token(machine):
    """a new token is taken up by a restart that keeps the key"""
    set_up(machine)
    machine.wait_on()
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-", ENCRYPTED, given="an old one")
    before = machine.unit("MainPID")
    machine.run("adminkeyctl", "setup", "--token-file", "-", "--yes", given=TOKEN)
    machine.wait_on()
    assert machine.unit("MainPID") != before
    spans = [span for span in machine.site.key_spans() if span[1] is None or span[1] - span[0] > 2]
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"


def test_again(machine):
    """a second run finds the encrypted token, changes nothing, and leaves the daemon alone"""
    set_up(machine)
    machine.wait_on()
    before = machine.unit("MainPID")
    told = machine.run("adminkeyctl", "setup", "--yes").stdout
    assert "says all of it already" in told and machine.unit("MainPID") == before, told


def test_interrupted(machine):
    """what a setup left that was interrupted hinders no start, and the next one removes it"""
    set_up(machine)
    machine.wait_on()
    machine.run("cp", ENCRYPTED, FOLDER + ".encrypted/.acme.new")
    machine.run("systemctl", "restart", "adminkeyd")
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_kept.new", "-", FOLDER + ".encrypted/kept.new",
                given="kept")
    machine.run("cp", ENCRYPTED, FOLDER + ".encrypted/acme.new")
    machine.write(FOLDER + "/.acme.Ab3xY9", TOKEN, "600")
    assert machine.run("systemctl", "restart", "adminkeyd", check=False).returncode != 0, "that is no leftover"
    machine.run("systemctl", "reset-failed", "adminkeyd")
    machine.run("adminkeyctl", "setup", "--yes")
    assert machine.say("ls", "-A", FOLDER + ".encrypted").split() == ["acme", "kept.new"]
    assert machine.say("ls", "-A", FOLDER) == "", "a token in plain text is left"
    machine.run("systemctl", "start", "adminkeyd")
    machine.wait_on()


def test_dies_while_encrypting(machine):
    """setup that is killed before the token has its name leaves a service that starts"""
    set_up(machine)
    machine.wait_on()
    machine.run("systemd-creds", "encrypt", "--name=adminkeyd_acme", "-", ENCRYPTED, given="an old one")
    machine.run("mv", "/usr/bin/systemd-creds", "/usr/bin/systemd-creds.real")
    machine.write("/usr/bin/systemd-creds", "#!/bin/sh\n/usr/bin/systemd-creds.real \"$@\" || exit\n"
                  "[ \"$1\" != encrypt ] || kill -9 $PPID\n", "755")
    done = machine.run("adminkeyctl", "setup", "--token-file", "-", "--yes", given=TOKEN, check=False)
    assert done.returncode == 137 or done.returncode == -9, done
    assert machine.say("ls", "-A", FOLDER + ".encrypted").split() == [".acme.new", "acme"]
    machine.run("systemctl", "restart", "adminkeyd")


def test_directories(machine):
    """setup makes both directories that the units load, as a service without either does not start"""
    machine.run("rm", "-r", FOLDER, FOLDER + ".encrypted")
    set_up(machine)
    machine.wait_on()
    for folder in (FOLDER, FOLDER + ".encrypted"):
        assert machine.say("stat", "-c", "%U:%G %a", folder) == "root:root 700"


def test_without_encryption(machine):
    """where systemd cannot encrypt, the token is a plain file of root's alone"""
    machine.run("mv", "/usr/bin/systemd-creds", "/root/")
    set_up(machine)
    machine.wait_on()
    assert machine.say("stat", "-c", "%U %a", PLAIN) == "root 600"


def be_owner(machine):
    """A user with a manager of their own, and what setup is to be told of the site."""
    machine.run("useradd", "--create-home", "--home-dir", HOME, "owner")
    machine.run("systemctl", "start", "user@" + machine.say("id", "-u", "owner"))
    machine.run("install", "-m", "644", "/etc/adminkeyd/ca.pem", HOME + "/ca.pem")


def as_owner(machine, *words, **keys):
    number = machine.say("id", "-u", "owner")
    return machine.run("env", "HOME=" + HOME, "XDG_RUNTIME_DIR=/run/user/" + number, *words, user="owner", **keys)


def wait_owner(machine):
    as_owner(machine, "adminkeyctl", "--user", "wait", "acme", "--on", "--timeout", "30s")


def test_of_a_user(machine):
    """a user sets up a service of the user's own, with the token in a file before systemd 256"""
    be_owner(machine)
    as_owner(machine, "adminkeyctl", "--user", *given(machine, ca_file=HOME + "/ca.pem"), given=TOKEN)
    wait_owner(machine)
    assert machine.say("stat", "-c", "%U %a", HOME + "/.config/adminkeyd/acme.token") == "owner 600"
    assert not machine.unit("ActiveState")[0] == "active", "the system's service is another"


def test_of_a_user_encrypted(machine):
    """a user's token is encrypted for that user; a new one is taken up with the key on; a bad one hinders nothing"""
    be_owner(machine)
    there = HOME + "/.config/adminkeyd/credentials.encrypted/"
    told = as_owner(machine, "adminkeyctl", "--user", *given(machine, ca_file=HOME + "/ca.pem"), given=TOKEN).stdout
    assert "encrypted for this user" in told and TOKEN not in told, told
    wait_owner(machine)
    assert machine.say("stat", "-c", "%U %a", there, there + "acme").split("\n") == ["owner 700", "owner 600"]
    assert machine.run("grep", "-r", TOKEN, HOME, check=False).returncode == 1, "the token is on the disk"
    doctor = as_owner(machine, "adminkeyctl", "--user", "doctor", "--json", check=False).stdout
    assert "encrypted for this user" in doctor and "accepts user and token" in doctor, doctor
    as_owner(machine, "systemd-creds", "encrypt", "--user", "--name=adminkeyd_acme", "-", there + "acme", given="old")
    machine.run("install", "-o", "owner", "-m", "600", "/dev/stdin", there + "other", given="no credential")
    told = as_owner(machine, "adminkeyctl", "--user", "setup", "--token-file", "-", "--yes", given=TOKEN).stdout
    assert "Wrote the token" in told, told
    wait_owner(machine)
    spans = [span for span in machine.site.key_spans() if span[1] is None or span[1] - span[0] > 2]
    assert len(spans) == 1 and spans[0][1] is None, f"the key went off: {spans}"
    machine.run("journalctl", "--sync")
    said = machine.say("journalctl", "--no-pager", "_SYSTEMD_USER_UNIT=adminkeyd.service")
    assert "credential other cannot be decrypted" in said, said
    machine.write(HOME + "/.config/systemd/user/adminkeyd.service.d/test.conf", "[Service]\nRestart=no\n")
    as_owner(machine, "systemctl", "--user", "daemon-reload")
    as_owner(machine, "systemctl", "--user", "kill", "--signal=KILL", "adminkeyd")
    wait(lambda: machine.is_on() is False or None, "what nobody keeps any more to be switched off")
    wait(lambda: machine.run("find", "/run/user", "-name", "adminkeyd_*").stdout == "" or None, "what was decrypted to go")


test_of_a_user.releases = ("bookworm",)
test_of_a_user_encrypted.releases = ("trixie",)


def test_without_rights(machine):
    """the system's service is root's to set up"""
    machine.run("useradd", "stranger")
    done = machine.run("adminkeyctl", "setup", user="stranger", check=False)
    assert done.returncode == 6 and "sudo adminkeyctl setup" in done.stderr, done


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
