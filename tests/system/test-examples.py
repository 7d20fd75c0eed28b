# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples that are installed as documentation, as a reader would use them."""

import scenes

DOCUMENTATION = "/usr/share/doc/adminkeyd/examples/"
JOB = "backup-with-key"
BACKUP = "#!/bin/sh\nadminkeyctl is-on acme -q && touch /var/tmp/backup-was-made\n"


def settle(machine):
    for name in (f"{JOB}.service", f"{JOB}.timer", "tell-admins@.service"):
        machine.run("cp", DOCUMENTATION + name, "/etc/systemd/system/")
    machine.write("/usr/local/bin/backup-wiki", BACKUP, "755")
    machine.run("systemctl", "daemon-reload")


def was_made(machine):
    return machine.run("test", "-e", "/var/tmp/backup-was-made", check=False).returncode == 0


def test_verify(machine):
    """systemd finds no fault with the units"""
    settle(machine)
    for name in (f"{JOB}.service", f"{JOB}.timer", "tell-admins@x.service"):
        done = machine.run("systemd-analyze", "verify", "--man=no", "/etc/systemd/system/" + name, check=False)
        assert done.returncode == 0 and not done.stderr.strip(), done.stdout + done.stderr


def test_with_key(machine):
    """the job runs while the key is on"""
    settle(machine)
    machine.start()
    machine.run("systemctl", "start", JOB)
    assert was_made(machine)


def test_without_key(machine):
    """outside the policy's hours the job is skipped, and that is no failure"""
    settle(machine)
    machine.write("/etc/adminkeyd/policy.yaml", machine.policy(hours=""))
    machine.run("systemctl", "start", "adminkeyd")
    machine.run("systemctl", "start", JOB)
    assert not was_made(machine)
    assert machine.unit("ActiveState", unit=JOB + ".service") == ("inactive",)
    assert "Skipped due to 'exec-condition'" in machine.journal(unit=JOB)


def test_without_daemon(machine):
    """where the daemon does not run, the job fails, and is not skipped without a word"""
    settle(machine)
    machine.run("systemctl", "start", JOB, check=False)
    assert not was_made(machine)
    assert machine.unit("ActiveState", unit=JOB + ".service") == ("failed",)


def test_handler(machine):
    """a job that fails is told of by mail, with what the journal says of it"""
    settle(machine)
    machine.write("/usr/bin/mail", "#!/bin/sh\necho \"mail $*\" >&2\nsed 's/^/mail: /' >&2\n", "755")
    machine.run("systemctl", "start", JOB, check=False)
    handler = f"tell-admins@{JOB}.service.service"
    machine.wait_unit("the handler to be done", unit=handler, ActiveState="inactive", ExecMainCode="1", ExecMainStatus="0")
    mail = machine.journal(unit=handler)
    assert f"mail -s {JOB}.service has failed on " in mail, mail
    assert "mail: " in mail and "adminkeyd is not running" in mail, mail


def test_policy(machine):
    """the policy of the documentation passes the check"""
    assert machine.run("adminkeyctl", "check", DOCUMENTATION + "policy.yaml").returncode == 0


scenes.run([value for name, value in sorted(globals().items()) if name.startswith("test_")])
