#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyctl against a daemon that says what the test wants: text, JSON and exit statuses of every command."""

import contextlib
import copy
import datetime
import json
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.environ.get("abs_top_srcdir", "."), "tests", "style"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(tap.BUILD, "adminkeyctl")
CONTROL = "io.adminkeyd.Control."
PATIENCE = 60  # seconds until a hanging program is a failure
FOLDER = tempfile.mkdtemp(prefix="adminkeyctl-")
SOCKET = os.path.join(FOLDER, "socket")


def instant(seconds):
    """That many seconds from now, as the daemon writes it."""
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000)


DAEMON = {
    "version": "1.2.3",
    "since": instant(-3600),
    "policy": {"path": "/etc/adminkeyd/policy.yaml", "loaded_at": instant(-60), "sha256": "0" * 64, "rejected": None},
    "notices": [],
}
OFF = {
    "site": "acme", "url": "https://acme.atlassian.net", "user": "key-admin@acme.example", "enforce": True,
    "state": "off", "goal": "off", "agrees": True, "cause": None, "expires": None, "renews": None,
    "proved_off": instant(-30), "next_change": {"at": instant(7200), "to": "on"}, "outage_tolerated_until": None,
    "disabled_until": None, "holds": [], "failures": 0, "last_error": None, "clock_offset_ms": None,
    "limits": {"continuous": None, "per_day": None}, "token_expires": None, "foreign": None,
}
ON = dict(OFF, state="on", goal="on", proved_off=None, expires=instant(2530), renews=instant(1300),
          next_change={"at": instant(9000), "to": "off"}, outage_tolerated_until=instant(2500),
          cause={"kind": "maintenance_window", "name": "permission audit", "reason": "CHG-1042", "line": 21,
                 "until": instant(9000)})
BLOCKED = dict(OFF, state="blocked", goal="on", agrees=False, proved_off=None, failures=4,
               cause={"kind": "active_hours", "name": None, "reason": None, "line": 9, "until": instant(900)},
               last_error={"verdict": "not_eligible", "detail": "HTTP 404 to POST", "request_id": "abc-123",
                           "at": instant(-5)})


def reply(site=None, daemon=None, continues=False, **more):
    message = {"parameters": dict({"daemon": daemon or DAEMON, "site": site or OFF}, **more)}
    if continues:
        message["continues"] = True
    return message


def error(name, **parameters):
    return {"error": name if "." in name else CONTROL + name, "parameters": parameters}


class Daemon:
    """Answers the first message of each connection with the given messages: objects, bytes, or an event to await.

    `again` is for the connections after the first, where a daemon that was restarted says something else.
    """

    def __init__(self, *answers, keep_open=False, again=None):
        self.answers, self.keep_open, self.again, self.calls = answers, keep_open, again, []
        self.leave = threading.Event()

    def __enter__(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(SOCKET)
        self.socket.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client:
                received = b""
                while not received.endswith(b"\0"):
                    part = client.recv(65536)
                    if not part:
                        break
                    received += part
                if received:
                    self.calls.append(json.loads(received.rstrip(b"\0")))
                answers = self.answers if self.again is None or len(self.calls) < 2 else self.again
                with contextlib.suppress(BrokenPipeError):
                    for answer in answers:
                        if isinstance(answer, threading.Event):
                            answer.wait(PATIENCE)
                        else:
                            client.sendall(answer if isinstance(answer, bytes) else json.dumps(answer).encode() + b"\0")
                if self.keep_open:
                    while not self.leave.wait(0.01) and not select.select([client], [], [], 0)[0]:
                        pass

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def run(*arguments, **environment):
    variables = dict(os.environ, LC_ALL="C.UTF-8", TZ="Europe/Berlin", HOME=FOLDER)
    variables.pop("NO_COLOR", None)
    variables.update(environment)
    return subprocess.run([PROGRAM, "--socket", SOCKET, *arguments], capture_output=True, text=True, timeout=PATIENCE,
                          check=False, env=variables)


def complain(result, status, out=(), err=()):
    """What differs from the exit status, and from the pieces that stdout and stderr must have."""
    if result.returncode != status:
        yield f"exit status {result.returncode}, not {status}; {result.stdout!r} {result.stderr!r}"
    for piece in out:
        if not re.search(piece, result.stdout, re.MULTILINE):
            yield f"stdout lacks {piece!r}: {result.stdout!r}"
    for piece in err:
        if not re.search(piece, result.stderr, re.MULTILINE):
            yield f"stderr lacks {piece!r}: {result.stderr!r}"
    if not err and result.stderr:
        yield f"stderr is not empty: {result.stderr!r}"
    if err and not out and result.stdout:
        yield f"stdout is not empty: {result.stdout!r}"


def equal(value, expected):
    return [] if value == expected else [f"{value!r} is not {expected!r}"]


def test(name, answers, arguments, status, out=(), err=(), keep_open=False, call=None, again=None):
    with Daemon(*answers, keep_open=keep_open, again=again) as daemon:
        result = run(*arguments)
        complaints = list(complain(result, status, out, err))
        if call and daemon.calls != [call] * (2 if again else 1):
            complaints.append(f"called {daemon.calls}")
        tap.check(name, complaints)


def changed(of, **fields):
    return dict(copy.deepcopy(of), **fields)


REJECTED = changed(DAEMON, policy=dict(DAEMON["policy"], rejected={"at": instant(-10), "errors": [
    {"line": 12, "column": 15, "key": "sites.acme.duration", "message": "90m is too long"}]}))
TIME = r"(\w{3} \d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d CES?T"

# status
test("status calls for all sites", [reply(OFF)], ["status"], 0,
     [r"^○ acme: off$", rf"^ +Key: off, proved at {TIME}$", rf"^ +Next: on at {TIME}, in 1h 59m$",
      r"^ +Site: https://acme.atlassian.net as key-admin@acme.example$", rf"^ +Daemon: adminkeyd 1.2.3, since {TIME}$",
      rf"^ +Policy: /etc/adminkeyd/policy.yaml, loaded {TIME}$"],
     call={"method": CONTROL + "Status", "parameters": {}, "more": True})
test("status of one site asks for it", [reply(ON)], ["status", "acme"], 0,
     [r"^● acme: on, 4[12]m \d+s left$", rf"^ +Key: until {TIME}$", rf"Next: renewal at {TIME}, in 2\dm.*; off at",
      rf"Because: maintenance window 'permission audit' \(CHG-1042\), line 21 of the policy, until {TIME}$",
      rf"Outage: the site may be out of reach until {TIME}, 41m \d+s from now"],
     call={"method": CONTROL + "Status", "parameters": {"site": "acme"}, "more": True})
test("a blocked site is degraded, and says why", [reply(BLOCKED)], ["status"], 3,
     [r"^● acme: blocked by the site, but the policy wants it on$", "Because: active hours, line 9 of the policy, until ",
      r"Error: HTTP 404 to POST at .*, 4 in a row, request abc-123", r"Premium|admin"])
test("a site that does not agree is degraded", [reply(changed(OFF, goal="on", agrees=False))], ["status"], 3)
test("a site that agrees is not degraded by a failure", [reply(changed(ON, failures=1))], ["status"], 0)
test("one degraded site of many is enough",
     [reply(OFF, continues=True), reply(changed(BLOCKED, site="beta"))], ["status"], 3, ["acme", "beta"])
test("a rejected policy is degraded", [reply(ON, REJECTED)], ["status"], 3,
     [r"was refused, and the one before it stays in force", r"line 12: sites.acme.duration: 90m is too long"])
test("many sites get a line each",
     [reply(changed(ON, site=f"site-{n}"), continues=n < 9) for n in range(10)], ["status"], 0,
     [r"^● site-0 +on, 4\dm \d+s left, off in 2h 29m", r"^● site-9 "])
test("everything that may be remarked is",
     [reply(changed(ON, enforce=False, clock_offset_ms=-40250, token_expires=instant(86400),
                    foreign={"expires": instant(60), "seen_at": instant(-5)}),
            changed(DAEMON, notices=["no logind"]))], ["status"], 0,
     ["enforce: no", r"40\.250 s behind this machine's", "Token: expires .*make a new one",
      "a key that was not enabled here is on until", "Notice: no logind"])
test("status --json prints each reply's parameters, one a line",
     [reply(ON, continues=True), reply(BLOCKED)], ["status", "--json"], 3,
     [r'^\{"daemon":\{"version":"1\.2\.3".*"site":"acme".*"state":"on".*\}\n\{.*"state":"blocked".*\}\n\Z'])
test("global options may stand before the command", [reply(OFF)], ["--json", "status"], 0, [r'^\{"daemon"'])
test("an unknown site", [error("UnknownSite", site="acm", known=["acme", "beta"])], ["status", "acm"], 4,
     err=["has no site 'acm', did you mean 'acme'\\?; it has acme, beta"])
test("errors are JSON, too", [error("UnknownSite", site="x", known=[])], ["status", "x", "--json"], 4,
     [r'^\{"error": ?"io.adminkeyd.Control.UnknownSite", ?"parameters": ?\{"site": ?"x", ?"known": ?\[\]\}\}$'], ["no site 'x'"])
test("no rights", [error("NotAuthorized")], ["status"], 6, err=["group adminkey"])
test("a limit", [error("LimitExceeded", limit="connections")], ["status"], 5, err=["limit 'connections'"])
test("an older daemon", [error("org.varlink.service.MethodNotFound", method="x")], ["reload"], 5,
     err=["another version"])
test("an unknown error", [error("com.example.Odd")], ["status"], 5, err=["com.example.Odd"])

# what is no daemon
for what, answers in {
        "words": [b"SSH-2.0-OpenSSH_9.2\r\n"], "JSON that is no object": [b"[]\0"], "broken UTF-8": [b'{"a":"\xff"}\0'],
        "an endless message": [b"x" * (2 << 20)], "half a message": [b'{"parameters":'], "no site": [{"parameters": {}}],
        "a site of the wrong shape": [reply(changed(OFF, state="purple"))],
        "deep nesting": [b'{"a":' + b"[" * 1000 + b"\0"]}.items():
    test(f"garbage: {what}", answers, ["status"], 5, err=["does not speak as adminkeyd does.*systemctl status"])
test("a connection that ends without a word", [], ["status"], 5, err=["ended the connection"])
with contextlib.suppress(FileNotFoundError):
    os.unlink(SOCKET)
tap.check("no socket", complain(run("status"), 5, err=["not running.*'systemctl start adminkeyd'"]))
tap.check("no socket of the user's service",
          complain(run("--user", "status", XDG_RUNTIME_DIR=FOLDER), 5, err=["'systemctl --user start adminkeyd'"]))
with socket.socket(socket.AF_UNIX) as stale:
    stale.bind(SOCKET)
tap.check("a stale socket", complain(run("status"), 5, err=["not running.*nobody listens.*'systemctl start adminkeyd'"]))

# is-on
for state, status, words in (("on", 0, "^acme on until"), ("off", 1, "^acme off"), ("enabling", 3, "being switched on"),
                             ("disabling", 3, "being switched off"), ("unknown", 3, "not known"), ("blocked", 3, "blocked")):
    site = changed(OFF if state == "off" else ON, state=state)
    test(f"is-on: {state}", [reply(site)], ["is-on", "acme"], status, [words],
         call={"method": CONTROL + "Status", "parameters": {"site": "acme"}})
    test(f"is-on -q: {state}", [reply(site)], ["is-on", "-q", "acme"], status, [r"\A\Z"])
test("is-on: off without proof", [reply(changed(OFF, proved_off=None))], ["is-on", "acme"], 3, ["off"])
test("is-on --json", [reply(ON)], ["is-on", "acme", "--json"], 0, [r'^\{"daemon"'])
test("is-on: an unknown site", [error("UnknownSite", site="x", known=["acme"])], ["is-on", "-q", "x"], 4, err=["it has acme"])

# wait
MONITOR = {"method": CONTROL + "Monitor", "parameters": {"site": "acme"}, "more": True}
test("wait --on: on already", [reply(ON, continues=True)], ["wait", "acme", "--on"], 0, ["^acme on until"], keep_open=True,
     call=MONITOR)
test("wait --on: until it is",
     [reply(OFF, continues=True), reply(changed(OFF, state="enabling", goal="on"), continues=True),
      reply(ON, continues=True)], ["wait", "acme", "--on"], 0, ["^acme on until"], keep_open=True)
test("wait --off: until it is proved",
     [reply(ON, continues=True), reply(changed(OFF, proved_off=None), continues=True), reply(OFF, continues=True)],
     ["wait", "acme", "--off", "--json"], 0, ['"proved_off":"'], keep_open=True)
test("wait: timed out", [reply(OFF, continues=True)], ["wait", "acme", "--on", "--timeout", "1s"], 1,
     err=["was not on within 1s"], keep_open=True)
test("wait: blocked", [reply(BLOCKED, continues=True)], ["wait", "acme", "--on"], 3, err=["blocked .HTTP 404 to POST."],
     keep_open=True)
test("wait --min-remaining: there is that much", [reply(ON, continues=True)],
     ["wait", "acme", "--on", "--min-remaining", "20m"], 0, ["on until"], keep_open=True)
test("wait --min-remaining: after the renewal",
     [reply(changed(ON, expires=instant(600)), continues=True), reply(ON, continues=True)],
     ["wait", "acme", "--on", "--min-remaining", "20m"], 0, ["on until"], keep_open=True)
test("wait --min-remaining: the hours end before",
     [reply(changed(ON, expires=instant(300), next_change={"at": instant(300), "to": "off"}), continues=True)],
     ["wait", "acme", "--on", "--min-remaining", "20m"], 6, err=["its hours end before"], keep_open=True)
test("wait --min-remaining: keys are shorter",
     [reply(OFF, continues=True), reply(changed(ON, expires=instant(300)), continues=True)],
     ["wait", "acme", "--on", "--min-remaining", "20m"], 6, err=["duration"], keep_open=True)
test("wait --min-remaining: more than any key lives", [reply(OFF, continues=True)],
     ["wait", "acme", "--on", "--min-remaining", "2h"], 6, err=["an hour at most"], keep_open=True)
test("wait --on: never", [reply(changed(OFF, next_change=None), continues=True)], ["wait", "acme", "--on"], 6,
     err=["never switches"], keep_open=True)
AWAY = r"^adminkeyctl: adminkeyd is not reachable, trying again$"
test("wait: the daemon ends without a word", [], ["wait", "acme", "--on"], 5, err=["ended the connection"])
test("wait: the daemon is restarted", [reply(OFF, continues=True)], ["wait", "acme", "--on"], 0, ["^acme on until"],
     [AWAY, "^adminkeyctl: adminkeyd is back$"], call=MONITOR, again=[reply(ON, continues=True)])
test("wait: the daemon is restarted, and another", [reply(OFF, continues=True)], ["wait", "acme", "--on"], 4,
     err=[AWAY, "has no site 'acme'"], again=[error("UnknownSite", site="acme", known=["beta"])])
test("wait: the daemon is cut off in a message", [reply(OFF, continues=True), b'{"parameters"'],
     ["wait", "acme", "--on"], 0, ["^acme on until"], [AWAY], again=[reply(ON, continues=True)])


def wait_for_a_daemon_that_stays_away():
    with Daemon(reply(OFF, continues=True), keep_open=True) as daemon:
        with subprocess.Popen([PROGRAM, "--socket", SOCKET, "wait", "acme", "--on", "--timeout", "2s"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            while not daemon.calls:
                threading.Event().wait(0.01)
            os.unlink(SOCKET)
            daemon.leave.set()
            out, err = program.communicate(timeout=PATIENCE)
    yield from complain(subprocess.CompletedProcess([], program.returncode, out, err), 1,
                        err=[AWAY + r"\nadminkeyctl: the key of 'acme' was not on within 2s"])


tap.check("wait: --timeout counts while the daemon is away", list(wait_for_a_daemon_that_stays_away()))

# watch, not on a terminal; it ends once the restarted daemon lets nobody look
REFUSED = [error("NotAuthorized")]
test("watch prints a line a change, and none for what did not change",
     [reply(OFF, continues=True), reply(OFF, continues=True), reply(ON, continues=True), reply(BLOCKED, continues=True)],
     ["watch"], 6,
     [rf"\A\w+ \S+ {TIME} acme off\n\w+ \S+ {TIME} acme on until {TIME}, maintenance window 'permission audit' \(CHG-1042\)\n"
      rf"\w+ \S+ {TIME} acme blocked by the site, but the policy wants it on, active hours, HTTP 404 to POST\n\Z"],
     [AWAY, "group adminkey"], call={"method": CONTROL + "Monitor", "parameters": {}, "more": True}, again=REFUSED)
test("watch --json prints each reply", [reply(OFF, continues=True), reply(OFF, continues=True)], ["watch", "--json"], 6,
     [r'^\{"daemon".*\}\n\{"daemon".*\}\n\{"error".*\}\n\Z'], [AWAY, "group adminkey"], again=REFUSED)
test("watch: no daemon from the first", [], ["watch"], 5, err=["ended the connection"])


def watch_on_terminal(first, second):
    """What watch writes to a terminal until the daemon, restarted, refuses it; the second reply waits for the first."""
    drawn = threading.Event()
    with Daemon(first, drawn, second, again=REFUSED):
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", TZ="Europe/Berlin", COLUMNS="60")
            os.execv(PROGRAM, [PROGRAM, "--socket", SOCKET, "watch"])
        written = b""
        while select.select([terminal], [], [], PATIENCE)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not part:
                break
            written += part
            if b"\033[J" in written:
                drawn.set()
        os.close(terminal)
        os.waitpid(child, 0)
        return written.decode()


picture = watch_on_terminal(reply(ON, continues=True), reply(BLOCKED, continues=True))
tap.check("watch draws a bar on a terminal, in colour", [] if "█" in picture and "\033[32m" in picture else [repr(picture)])
tap.check("watch goes back to draw in place", [] if re.search(r"\033\[\d+A", picture) else [repr(picture)])
tap.check("and the picture says that the daemon is away",
          [] if "adminkeyd is not reachable, trying again" in picture else [repr(picture)])
tap.check("the newest picture is drawn", [] if "blocked by the site" in picture else [repr(picture)])

# reload
test("reload", [{"parameters": {}}], ["reload"], 0, ["in force"],
     call={"method": CONTROL + "Reload", "parameters": {}})
test("reload refused by the policy's errors",
     [error("BadPolicy", errors=[{"line": 12, "column": 15, "key": "a.b", "message": "no"},
                                 {"line": None, "column": None, "key": "", "message": "P is a directory"}])],
     ["reload"], 1, err=[r"^12:15: a\.b: no$", "^P is a directory$", "the old one stays in force"])
test("reload without the right", [error("NotAuthorized")], ["reload"], 6, err=["access.operators"])

# check
GOOD = """version: 1
timezone: Europe/Berlin
sites:
  acme:
    url: https://acme.atlassian.net
    user: key-admin@acme.example
    token: acme
    active_hours:
      - weekdays: [monday]
        times: ['08:30-17:30']
"""
PAST = """    maintenance_windows:
      - name: past
        from: 2020-01-01 00:00
        until: 2020-01-02 00:00
"""


def policy(name, content):
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


good, past = policy("good.yaml", GOOD), policy("past.yaml", GOOD + PAST)
bad = policy("bad.yaml", (GOOD + PAST).replace("acme\n", "acme\n    duration: 90m\n", 1))
tap.check("check of a good policy", complain(run("check", good), 0, ["no error, no warning"]))
tap.check("check tells place, key and message of an error",
          complain(run("check", bad), 1, [rf"^{re.escape(bad)}:8:15: sites\.acme\.duration: 90m is more than "]))
tap.check("check goes on to warnings", complain(run("check", past), 0, [rf"^{re.escape(past)}:\d+:\d+: warning: sites\."]))
tap.check("check --strict", complain(run("check", past, "--strict"), 1, ["warning: "]))
tap.check("check --strict of a good policy", complain(run("check", "--strict", good), 0, ["no error"]))
found = json.loads(run("check", "--json", bad).stdout)
tap.check("check --json", [] if found["errors"][0]["line"] == 8 and found["errors"][0]["column"] == 15 and
          found["errors"][0]["key"] == "sites.acme.duration" and isinstance(found["warnings"], list) else [found])
# Twenty faults, and what is said of each: line, column, key and message.
FAULTS = """version: 2
timezone: Nowhere
sitez: {}
access: 1
sites: {a: {timezone: UTC,
url: ftp://x,
user: joe,
token: a b,
token_expires: never,
enforce: maybe,
ca_file: x,
proxy: x,
duration: 61m,
renewal: {windows: [{dates: [2026-11-23], weekdays: [tuesday]}]},
active_hours: [{weekdays: [monday], times: [1320]}],
maintenance_windows: [{name: x, from: 2027-01-02 00:00, until: 2027-01-01 00:00}],
exclude: [{days_of_month: ['7:1']}],
on_stop: x,
limits: {per_day: 25h},
verify: 25h,
duration: 1m,
}}
"""
NAMED = [
    "1:10: version: version '2' is not known: this adminkeyd reads version 1",
    "2:11: timezone: 'Nowhere' is not a time zone of this system: write an IANA name such as "
    "Europe/Berlin, or install tzdata if it is missing",
    "3:1: sitez: unknown key: did you mean 'sites'?",
    "4:9: access: a single value stands where a map is due: write operators and viewers, each on a line "
    "below it",
    "6:6: sites.a.url: the address must begin with https://: write the site's address, such as "
    "https://acme.atlassian.net",
    "7:7: sites.a.user: not an e-mail address: write the e-mail address of the account whose key it is",
    "8:8: sites.a.token: neither a credential's name (letters, digits, '.', '_' and '-') nor an absolute "
    "path: write the name of a credential, or the absolute path of a file that holds the token",
    "9:16: sites.a.token_expires: 'never' is not a date: write a date such as 2027-06-30",
    "10:10: sites.a.enforce: 'maybe' is none of yes, no, true, false",
    "11:10: sites.a.ca_file: not an absolute path: write the absolute path of a file",
    "12:8: sites.a.proxy: a proxy's address begins with http://, https://, socks5:// or socks5h://: write"
    " a proxy's address, such as http://proxy.example:3128",
    "13:11: sites.a.duration: 61m is more than Confluence grants (1m to 60m)",
    "14:21: sites.a.renewal.windows[0]: this window can never open: no day until 2200 fits all of its fields",
    "15:45: sites.a.active_hours[0].times[0]: 1320 is a number, not a time: YAML 1.1 tools make it of an "
    "unquoted 22:00; write '22:00' in quotes",
    "16:64: sites.a.maintenance_windows[0].until: until is not after from (line 16): write a later time",
    "17:28: sites.a.exclude[0].days_of_month[0]: '7:1' runs backwards: write its earlier end first",
    "18:10: sites.a.on_stop: 'x' is not known here: write disable or keep",
    "19:19: sites.a.limits.per_day: 25h is more than is allowed (1m to 24h)",
    "20:9: sites.a.verify: 25h is more than is allowed (1m to 24h)",
    "21:1: sites.a.duration: this key stands here twice, first on line 13: drop one of them",
]
faults = policy("faults.yaml", FAULTS)
tap.check("check names twenty faults in one run",
          equal(run("check", faults).stdout.splitlines(), [f"{faults}:{line}" for line in NAMED]))
found = json.loads(run("check", "--json", faults).stdout)
tap.check("and so does check --json",
          equal(["{line}:{column}: {key}: {message}".format(**error) for error in found["errors"]], NAMED) +
          equal(found["warnings"], []))
DOUBTS = """    token_expires: 2020-01-01
    exclude:
      - {every_day: yes}
"""
doubts = policy("doubts.yaml", GOOD + DOUBTS)
tap.check("check gives each warning its place", complain(run("check", doubts), 0, [
    rf"^{re.escape(doubts)}:9:9: warning: sites\.acme\.active_hours\[0\]: the excludes leave nothing .* line 13 covers ",
    rf"^{re.escape(doubts)}:11:20: warning: sites\.acme\.token_expires: the token's last day is past"]))
tap.check("check --policy", complain(run("--policy", bad, "check"), 1, ["duration"]))
policy("adminkeyd/policy.yaml", GOOD)
tap.check("check --user", complain(run("check", "--user", XDG_CONFIG_HOME=FOLDER, XDG_RUNTIME_DIR=FOLDER), 0, ["no error"]))
missing = os.path.join(FOLDER, "missing.yaml")
for what, path, words in (("a missing file", missing, "does not exist"), ("a directory", FOLDER, "is a directory"),
                          ("9 MiB", policy("large.yaml", b"#" * (9 << 20)), "too large"),
                          ("a device", "/dev/null", "not a regular file"),
                          ("a binary file", PROGRAM, rf"^{re.escape(PROGRAM)}:1:"),
                          ("random bytes", policy("random.yaml", bytes(range(256)) * 64), ":1:"),
                          ("an empty file", policy("empty.yaml", b""), "empty")):
    result = run("check", path)
    tap.check(f"check of {what} is one clear sentence", list(complain(result, 1, [words])) +
              ([] if result.stdout.count("\n") == 1 else [result.stdout]))
unread = json.loads(run("check", "--json", missing).stdout)
tap.check("a file that cannot be read has no line", equal(unread["errors"][0]["line"], None)
          + equal(unread["errors"][0]["column"], None))

# usage
for arguments in ([], ["nonsense"], ["status", "a", "b"], ["is-on"], ["wait", "acme"], ["wait", "acme", "--on", "--off"],
                  ["wait", "acme", "--off", "--min-remaining", "1m"], ["wait", "acme", "--on", "--timeout", "5"],
                  ["reload", "x"], ["status", "--quiet"], ["status", "--nonsense"], ["--color", "blue", "status"]):
    tap.check(f"wrong usage: {' '.join(arguments)}", complain(run(*arguments), 2, err=["^adminkeyctl.*: "]))
tap.check("the nearest command is named", complain(run("stauts"), 2, err=["did you mean 'status'"]))
tap.check("--version", complain(run("--version"), 0, [r"^adminkeyctl \d+\.\d+"]))
COMMANDS = ["status", "watch", "is-on", "wait", "reload", "check"]
tap.check("--help names every command", complain(run("--help"), 0, [f"^  {name} " for name in COMMANDS]))
for name in COMMANDS:
    tap.check(f"{name} --help", complain(run(name, "--help"), 0, [f"^adminkeyctl {name}"]))

# colour
with Daemon(reply(ON)):
    tap.check("no colour and no bar without a terminal", [] if "\033" not in run("status").stdout else ["coloured"])
    tap.check("--color always", [] if "\033[32m" in run("--color", "always", "status").stdout else ["not coloured"])

shutil.rmtree(FOLDER)
tap.done()
