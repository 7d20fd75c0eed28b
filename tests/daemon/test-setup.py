#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl setup: from nothing to a service that runs, by options, by a file and at a terminal.

Where no systemd runs, a systemctl of the test's own stands in for it: it starts the daemon, and notes its calls."""

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import BUILD, PATIENCE, TOKEN, USER, demand, run_tests, utc  # noqa: E402  pylint: disable=wrong-import-position

SYSTEMCTL = r"""#!/bin/sh
echo "$*" >>"$HOUSE/systemctl.log"
case $2 in
start | restart)
    [ "$2" = start ] && [ -S "$XDG_RUNTIME_DIR/adminkeyd/adminkeyd.sock" ] && exit 0
    [ -e "$HOUSE/pid" ] && kill "$(cat "$HOUSE/pid")" && tail --pid="$(cat "$HOUSE/pid")" -f /dev/null
    mkdir -p "$XDG_RUNTIME_DIR/adminkeyd" "$XDG_STATE_HOME/adminkeyd"
    adminkeyd --user >>"$HOUSE/daemon.log" 2>&1 </dev/null &
    echo $! >"$HOUSE/pid"
    until [ -S "$XDG_RUNTIME_DIR/adminkeyd/adminkeyd.sock" ]; do sleep 0.02; done ;;
esac
"""


class Desk:
    """A user's home with nothing in it yet."""

    def __init__(self, house):
        self.house = house
        self.configuration = os.path.join(house.folder, "config", "adminkeyd")
        self.policy = os.path.join(self.configuration, "policy.yaml")
        self.kept_token = os.path.join(self.configuration, "acme.token")
        tools = os.path.join(house.folder, "tools")
        for folder in ("config", "runtime", "home", "tools"):
            os.mkdir(os.path.join(house.folder, folder), 0o700)
        # Whether systemd can encrypt for a user differs by machine: here it never can (tests/system shows the rest).
        for name, script in (("systemctl", SYSTEMCTL), ("systemd-creds", "#!/bin/sh\nexit 1\n")):
            with open(os.path.join(tools, name), "w", encoding="ascii",
                      opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
                file.write(script)
        self.environment = {
            **os.environ, "HOUSE": house.folder, "PATH": f"{tools}:{BUILD}:{os.environ['PATH']}",
            "HOME": os.path.join(house.folder, "home"), "XDG_CONFIG_HOME": os.path.join(house.folder, "config"),
            "XDG_RUNTIME_DIR": os.path.join(house.folder, "runtime"), "TERM": "dumb",
            "XDG_STATE_HOME": os.path.join(house.folder, "state"),
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + os.path.join(house.folder, "no-bus")}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pid = os.path.join(self.house.folder, "pid")
        if os.path.exists(pid):
            os.kill(int(read(pid)), signal.SIGKILL)

    def command(self, *options):
        return [os.path.join(BUILD, "adminkeyctl"), "--user", "setup", *options]

    def run(self, *options, given="", status=0):
        """Without a terminal."""
        result = subprocess.run(self.command(*options), input=given, capture_output=True, text=True, check=False,
                                timeout=PATIENCE, env=self.environment)
        told = result.stdout + result.stderr
        demand(result.returncode == status, f"it ends with {result.returncode}: {told}")
        demand(TOKEN not in told, "the token is never shown")
        demand(not [name for name in os.listdir(os.path.join(self.house.folder, "runtime")) if "setup" in name],
               "the room of the test is gone")
        return told

    def options(self, site, **more):
        """Those of a run that needs no further answer."""
        words = {"url": site.url, "site-name": "acme", "user-email": USER, "token-file": self.house.token,
                 "hours": "never", "timezone": "UTC", "ca-file": site.ca_file, "test-enable": "yes", **more}
        return [word for name, value in words.items() if value is not None for word in ("--" + name, value)] + ["--yes"]

    def systemctl(self):
        path = os.path.join(self.house.folder, "systemctl.log")
        return read(path).splitlines() if os.path.exists(path) else []


class Terminal:
    """setup at a terminal; what it shows is collected."""

    def __init__(self, desk, *options):
        self.master, self.slave = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(desk.command(*options), stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                        env=desk.environment, start_new_session=True)

    def expect(self, words):
        """Reads until these words are shown, behind those that were expected before."""
        deadline = utc(PATIENCE)
        while words not in self.shown:
            demand(utc(0) < deadline, f"it never showed '{words}', but: {self.shown}")
            if select.select([self.master], [], [], 0.1)[0]:
                self.shown += os.read(self.master, 4096).decode()
            elif self.process.poll() is not None:
                raise AssertionError(f"it ended without '{words}': {self.shown}")
        before, self.shown = self.shown.split(words, 1)
        return before

    def answer(self, prompt, line):
        self.expect(prompt)
        os.write(self.master, line.encode() + b"\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def end(self):
        status = self.process.wait(PATIENCE)
        os.close(self.slave)
        try:
            while select.select([self.master], [], [], 1)[0]:
                self.shown += os.read(self.master, 4096).decode()
        except OSError:
            pass
        os.close(self.master)
        return status


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def by_options(house):
    site = house.add_site()
    with Desk(house) as desk:
        told = desk.run(*desk.options(site))
        demand("switched on, and off again" in told, told)
        demand(read(desk.kept_token) == TOKEN and mode(desk.kept_token) == 0o600, "the token is kept for its owner")
        demand(f"token: '{desk.kept_token}'" in read(desk.policy) and mode(desk.policy) == 0o600, read(desk.policy))
        demand(desk.systemctl() == ["--user reset-failed adminkeyd.service", "--user enable adminkeyd.service",
                                    "--user restart adminkeyd.service"], desk.systemctl())
        demand("acme" in told.rsplit("once it wakes", 1)[1], f"the status is shown: {told}")
        demand(all(until for _, until in site.key_spans()), "no key is left on")


def again(house):
    site = house.add_site()
    with Desk(house) as desk:
        desk.run(*desk.options(site))
        written = read(desk.policy)
        told = desk.run(*desk.options(site))
        demand("says all of it already" in told and read(desk.policy) == written, told)
        told = desk.run("--yes")
        demand("says all of it already" in told and read(desk.policy) == written, told)
        demand(desk.systemctl()[-1] == "--user start adminkeyd.service", "what has not changed needs no restart")
        demand(not os.path.exists(desk.policy + "~"), "nor a copy")


def a_new_token(house):
    site = house.add_site(accounts=[f"{USER}:{TOKEN}:admin", f"{USER}:another:admin"])
    with Desk(house) as desk:
        desk.run(*desk.options(site))
        desk.run("--token-file", "-", "--yes", given="another\n")
        demand(read(desk.kept_token) == "another", "the new token is kept")
        demand(desk.systemctl()[-1] == "--user restart adminkeyd.service", "a new token is taken up by a restart")


def by_a_file(house):
    site = house.add_site()
    with Desk(house) as desk:
        answers = os.path.join(house.folder, "answers.json")
        content = {"url": site.url, "site_name": "acme", "user_email": USER, "token_file": house.token,
                   "hours": "monday,friday 08:00-12:00,13:00-17:00", "timezone": "Europe/Berlin", "enforce": False,
                   "ca_file": site.ca_file, "test_enable": "no"}
        with open(answers, "w", encoding="utf-8") as file:
            json.dump(content, file)
        told = desk.run("--answers", answers, "--yes", "--no-start")
        policy = read(desk.policy)
        demand("weekdays: ['monday', 'friday']" in policy and "times: ['08:00-12:00', '13:00-17:00']" in policy, policy)
        demand("enforce: no" in policy and "timezone: 'Europe/Berlin'" in policy, policy)
        demand(site.calls("post") == [] and "a read cannot tell" in told, told)
        demand(desk.systemctl() == [], "the service is left as it is")
        with open(answers, "w", encoding="utf-8") as file:
            json.dump({"token": TOKEN}, file)
        demand("token_file" in desk.run("--answers", answers, "--yes", status=2), "a token is no answer")


def what_is_missing(house):
    site = house.add_site()
    with Desk(house) as desk:
        demand("--url" in desk.run(status=2), "the option is named")
        for name in ("site-name", "user-email", "token-file", "hours", "timezone", "test-enable"):
            options = [word for word in desk.options(site, **{name: None}) if word != "--yes"]
            demand(f"--{name}" in desk.run(*options, status=2), f"--{name} is named")
        options = [word for word in desk.options(site) if word != "--yes"]
        demand("--yes" in desk.run(*options, status=2), "consent is asked for")
        demand(not os.path.exists(desk.configuration), "nothing was written")


def malformed_answers(house):
    site = house.add_site()
    with Desk(house) as desk:
        for name, value, words in (("url", "https://admin.atlassian.com/o/1", "name the site itself"),
                                   ("url", "me@acme.atlassian.net", "no site's address"),
                                   ("user-email", "admin", "no e-mail address"),
                                   ("hours", "mondays", "weekdays and times"),
                                   ("hours", "monday 08:00-17:00'], x: [", "weekdays and times"),
                                   ("site-name", "Acme Inc", "a-z"),
                                   ("enforce", "maybe", "yes or no"),
                                   ("timezone", "Mars/Olympus", "IANA name"),
                                   ("url", "http://acme.atlassian.net", "sites.acme.url"),
                                   ("hours", "monday 17:00-17:00", "active_hours")):
            demand(words in desk.run(*desk.options(site, **{name: value}), status=2), f"{name} {value}")
        demand(not os.path.exists(desk.configuration), "nothing was written")


def failures(house):
    """Each in plain words, and nothing is written."""
    site = house.add_site(accounts=[f"{USER}:{TOKEN}:member", "other@acme.example:other:admin",
                                    f"service@acme.example:{TOKEN}:scoped"])
    standard = house.add_site("standard", options=["--standard"])
    cases = [
        ({}, "must be an organisation or site admin"),
        ({"url": standard.url, "ca-file": standard.ca_file}, "must be on the Premium or Enterprise plan"),
        ({"user-email": "other@acme.example"}, "does not accept this e-mail and token"),
        ({"user-email": "service@acme.example"}, "a scoped token, or that of"),
        ({"ca-file": site.stranger_ca_file}, "--ca-file"),
        ({"url": "https://127.0.0.1:1"}, "--proxy"),
        ({"proxy": "http://127.0.0.1:1"}, "cannot be reached"),
        ({"url": "https://no-such-host.invalid"}, "no such host"),
    ]
    with Desk(house) as desk:
        for more, words in cases:
            told = desk.run(*desk.options(site, **more), status=1)
            demand(words in told, f"{more}: {told}")
        site.fault(call="get", status=302, headers={"Location": "/elsewhere"})
        demand("leads elsewhere" in desk.run(*desk.options(site), status=1), "a redirect")
        site.clear()
        site.fault(call="get", status=503)
        demand("a fault of its own" in desk.run(*desk.options(site), status=1), "a 503")
        demand(not os.path.exists(desk.configuration), "nothing was written")


def a_wrong_clock(house):
    site = house.add_site()
    site.set_clock(-3600)
    with Desk(house) as desk:
        told = desk.run(*desk.options(site, **{"test-enable": "no"}), "--no-start")
        demand("ahead of the site's" in told and "set-ntp" in told, told)


OTHERS = """# written by hand
version: 1
timezone: UTC
sites:
    other:   # of another team
        url: https://other.atlassian.net
        user: admin@other.example
        token: /nowhere
        active_hours:
        - weekdays: [monday]
          times: ['08:00-09:00']

access:
    viewers: {users: [root]}
"""


def beside_others(house):
    site = house.add_site()
    with Desk(house) as desk:
        os.mkdir(desk.configuration)
        with open(desk.policy, "w", encoding="utf-8") as file:
            file.write(OTHERS)
        told = desk.run(*desk.options(site), "--no-start")
        policy = read(desk.policy)
        head, tail = OTHERS.split("\naccess:")
        demand(policy.startswith(head) and policy.endswith("\naccess:" + tail), f"all else stays: {policy}")
        demand("    acme:\n      url: 'https://127.0.0.1" in policy and policy in told, policy)
        demand(read(desk.policy + "~") == OTHERS, "the one before is kept")
        desk.run(*desk.options(site, hours="monday 10:00-11:00"), "--no-start")
        changed = read(desk.policy)
        demand("times: ['10:00-11:00']" in changed and "times: ['08:00-09:00']" in changed, changed)
        demand(changed.count("active_hours") == 2, changed)


def what_cannot_be_changed(house):
    site = house.add_site()
    flow = "{version: 1, timezone: UTC, sites: {other: {url: 'https://other.atlassian.net', user: a@b.example, token: t}}}\n"
    with Desk(house) as desk:
        os.mkdir(desk.configuration)
        with open(desk.policy, "w", encoding="utf-8") as file:
            file.write(flow)
        told = desk.run(*desk.options(site), status=1)
        demand("put these lines" in told and "  acme:\n    url:" in told, told)
        demand(read(desk.policy) == flow and not os.path.exists(desk.kept_token), "nothing was written")
        with open(desk.policy, "w", encoding="utf-8") as file:
            file.write("version: 2\n")
        demand("cannot read" in desk.run(*desk.options(site), status=1), "a policy with errors is left alone")


def at_a_terminal(house):
    site = house.add_site()
    with Desk(house) as desk:
        terminal = Terminal(desk, "--ca-file", site.ca_file)
        terminal.answer("Site: ", site.url + "/wiki/spaces/HOME?atlOrigin=x")
        terminal.expect("  " + site.url)
        terminal.answer("[confluence]: ", "acme")
        terminal.answer("E-mail of the admin: ", "nobody")
        terminal.expect("no e-mail address")
        terminal.answer("E-mail of the admin: ", USER)
        terminal.expect("not shown): ")
        demand(not terminal.echoes(), "the token is not echoed")
        os.write(terminal.master, b"wrong\n")
        terminal.answer("[monday:friday 08:30-17:30]: ", "never")
        demand(terminal.echoes(), "all else is")
        terminal.answer("Time zone", "UTC")
        terminal.answer("see that it works [yes]: ", "")
        terminal.expect("does not accept")
        terminal.answer("try again? [Y/n] ", "y")
        terminal.answer("[" + USER + "]: ", "")
        terminal.answer("keeps the present one): ", TOKEN)
        terminal.expect("switched on, and off again")
        terminal.answer("and the token? [Y/n] ", "")
        terminal.expect("once it wakes")
        demand(terminal.end() == 0 and "acme" in terminal.shown, terminal.shown)
        demand(read(desk.kept_token) == TOKEN and TOKEN not in terminal.shown, "the token is kept and never shown")


def addresses(house):
    with Desk(house) as desk:
        for typed, shown in (("acme", "https://acme.atlassian.net"), (" Acme.Atlassian.NET ", "https://acme.atlassian.net"),
                             ("acme.atlassian.net/wiki/x", "https://acme.atlassian.net"),
                             ("https://acme.atlassian.net/wiki/spaces/A?b=c#d", "https://acme.atlassian.net"),
                             ("wiki.acme.example:8443", "https://wiki.acme.example:8443")):
            terminal = Terminal(desk)
            terminal.answer("Site: ", typed)
            terminal.expect(f"  {shown}\r\n")
            terminal.expect(f"[{shown[8:].split('.')[0]}]: ")
            terminal.process.kill()
            terminal.end()


def a_no_at_the_terminal(house):
    site = house.add_site()
    with Desk(house) as desk:
        terminal = Terminal(desk, *[word for word in desk.options(site) if word != "--yes"])
        terminal.answer("and the token? [Y/n] ", "n")
        terminal.expect("Nothing was changed")
        demand(terminal.end() == 1 and not os.path.exists(desk.configuration), "nothing was written")


def interrupted(house):
    site = house.add_site()
    with Desk(house) as desk:
        terminal = Terminal(desk, *[word for word in desk.options(site, **{"token-file": None}) if word != "--yes"])
        terminal.expect("not shown): ")
        demand(not terminal.echoes(), "the token is not echoed")
        terminal.process.send_signal(signal.SIGINT)
        demand(terminal.process.wait(PATIENCE) == -signal.SIGINT, "it ends by the signal")
        demand(terminal.echoes(), "the terminal is as it was")
        terminal.end()


def interrupted_while_it_asks(house):
    """A signal of the terminal's goes to all of them: what lies in the test's room is a token in plain text."""
    site = house.add_site()
    with Desk(house) as desk:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            site.fault(call="get", count=1, hang_ms=20000)
            with subprocess.Popen(desk.command(*desk.options(site)), env=desk.environment, start_new_session=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as setup:
                site.wait("get", count=len(site.calls("get")) + 1)
                os.killpg(setup.pid, number)
                demand(setup.wait(PATIENCE) == -number, f"it ends by signal {number}")
            left = [name for name in os.listdir(os.path.join(house.folder, "runtime")) if "setup" in name]
            demand(not left, f"signal {number} leaves {left}")


def left_over(house):
    """What a setup left that was killed between writing a token and giving it its name."""
    site = house.add_site()
    with Desk(house) as desk:
        desk.run(*desk.options(site), "--no-start")
        names = {".acme.token.Ab3xY9": False, ".acme.token.backup2": True, ".other.token.Ab3xY9": True}
        for name in names:
            with open(os.path.join(desk.configuration, name), "w", encoding="ascii") as file:
                file.write("left")
        desk.run("--yes", "--no-start")
        there = os.listdir(desk.configuration)
        demand([name for name in names if name in there] == [name for name, stays in names.items() if stays],
               f"only what is surely left of this token is removed: {there}")


def a_linked_policy(house):
    site = house.add_site(accounts=[f"{USER}:{TOKEN}:admin", f"{USER}:another:admin"])
    with Desk(house) as desk:
        desk.run(*desk.options(site), "--no-start")
        away = os.path.join(desk.configuration, "away.yaml")
        os.rename(desk.policy, away)
        os.symlink(away, desk.policy)
        before = read(away)
        told = desk.run("--token-file", "-", "--hours", "monday 10:00-11:00", "--yes", "--no-start", "--test-enable",
                        "no", given="another\n", status=1)
        demand("is a symbolic link" in told and read(away) == before, told)
        demand(read(desk.kept_token) == TOKEN, "the token stays, too")
        demand(sorted(os.listdir(desk.configuration)) == ["acme.token", "away.yaml", "policy.yaml"], "no copy is made")


def a_policy_of_others(house):
    """Who may write the policy may have the token sent to where they like."""
    site = house.add_site()
    with Desk(house) as desk:
        desk.run(*desk.options(site), "--no-start")

        def told():
            result = subprocess.run([os.path.join(BUILD, "adminkeyctl"), "--user", "doctor", "--json"], check=False,
                                    capture_output=True, text=True, timeout=PATIENCE, env=desk.environment)
            return [finding for finding in json.loads(result.stdout)["findings"] if finding["check"] == "policy"
                    and finding["level"] == "wrong"]

        demand(told() == [], f"nothing is wrong yet: {told()}")
        os.chmod(desk.policy, 0o620)
        demand([finding["todo"] for finding in told()] == ["chmod go-w " + desk.policy], told())
        os.chmod(desk.policy, 0o600)
        os.chmod(desk.configuration, 0o777)
        demand([finding["todo"] for finding in told()] == ["chmod go-w " + desk.configuration + "/"], told())
        os.chmod(desk.configuration, 0o1777)
        demand(told() == [], f"there nobody replaces another's file: {told()}")


def refused_to_others(house):
    if os.geteuid() != 0:
        return
    result = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", os.path.join(BUILD, "adminkeyctl"), "setup"],
                            capture_output=True, text=True, check=False, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    demand(result.returncode in (6, 126, 127), result.stderr)
    demand(result.returncode != 6 or "sudo adminkeyctl setup" in result.stderr, result.stderr)


if __name__ == "__main__":
    run_tests([
        ("options alone: policy, token, service, status", by_options),
        ("a second run changes nothing", again),
        ("a new token needs a restart", a_new_token),
        ("a file of answers", by_a_file),
        ("what is missing is named", what_is_missing),
        ("malformed answers are told of", malformed_answers),
        ("each failure in plain words", failures),
        ("a wrong clock is told of", a_wrong_clock),
        ("a site beside others: their lines stay", beside_others),
        ("a policy that cannot be changed: the lines to paste", what_cannot_be_changed),
        ("at a terminal, with a mistake on the way", at_a_terminal),
        ("what people paste becomes the site's address", addresses),
        ("a no at the terminal changes nothing", a_no_at_the_terminal),
        ("an interrupt leaves the terminal as it was", interrupted),
        ("a signal in the middle of the test leaves no token", interrupted_while_it_asks),
        ("what was left of a token's file is removed", left_over),
        ("a policy that is a link is refused, and nothing is written", a_linked_policy),
        ("the doctor names a policy that others can write", a_policy_of_others),
        ("the system's service is root's", refused_to_others),
    ])
