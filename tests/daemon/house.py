# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the running daemon share: adminkeyd beside practice sites, asked over its own socket."""

import datetime
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

TOP = os.environ.get("abs_top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("abs_top_builddir") or TOP
sys.path[:0] = [os.path.join(TOP, "tests", "style"), os.path.join(TOP, "tests", "site")]
import tap  # noqa: E402  pylint: disable=wrong-import-position
from practice_site import PracticeSite, TOKEN, USER  # noqa: E402,F401  pylint: disable=wrong-import-position

PATIENCE = 60  # seconds until what should happen is a failure
INTERFACE = "io.adminkeyd.Control."


def utc(seconds_from_now):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)


def wall(time):
    """As from and until want it, in a policy whose zone is UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def window(start, end):
    """A maintenance window between two instants, in flow style."""
    return f"[{{name: trial, reason: a test, from: {wall(start)}, until: {wall(end)}}}]"


ALWAYS = "[{name: trial, reason: a test, every_day: true}]"


class House:
    """A folder with a policy, a token, practice sites and a daemon; all gone at the end."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="adminkeyd-test-")
        self.policy = os.path.join(self.folder, "policy.yaml")
        self.socket = os.path.join(self.folder, "control.sock")
        self.state = os.path.join(self.folder, "state")
        self.ledger_file = os.path.join(self.state, "ledger.jsonl")
        self.token = os.path.join(self.folder, "token")
        self.output = os.path.join(self.folder, "daemon.log")
        self.sites = {}
        self.daemon = None
        self.notify = None
        os.mkdir(self.state)
        with open(self.token, "w", opener=lambda path, flags: os.open(path, flags, 0o600), encoding="ascii") as file:
            file.write(TOKEN + "\n")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        for site in self.sites.values():
            site.stop()
        if self.notify:
            self.notify.close()
        if kind is not None and os.path.exists(self.output):
            print("# what the daemon said:\n# " + self.said().replace("\n", "\n# "))
        shutil.rmtree(self.folder)

    def add_site(self, name="acme", **options):
        folder = os.path.join(self.folder, "site-" + name)
        os.mkdir(folder)
        self.sites[name] = PracticeSite(BUILD, TOP, folder, **options).start()
        return self.sites[name]

    def write_policy(self, text):
        """Replaces the policy in one stroke, as an editor would."""
        with open(self.policy + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.policy + ".new", self.policy)

    def policy_of(self, sites):
        """A policy for these sites: name to its further keys (a map of key and YAML text)."""
        lines = ["version: 1", "timezone: UTC", "sites:"]
        for name, keys in sites.items():
            words = {"user": USER, "token": self.token}
            if name in self.sites:
                words.update(url=self.sites[name].url, ca_file=self.sites[name].ca_file)
            words.update(keys)
            lines.append(f"  {name}:")
            lines += [f"    {key}: {value}" for key, value in words.items() if value is not None]
        return "\n".join(lines) + "\n"

    def listen(self, patience):
        """The socket that hears, of each daemon started from now on, what systemd would."""
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(self.folder, "notify"))
        self.notify.settimeout(patience)
        return self.notify

    def start(self, *arguments, wrapper=(), environment=None, wait=True):
        """Starts the daemon; returns once it listens on its socket."""
        command = [*wrapper, os.path.join(BUILD, "adminkeyd"), "--policy", self.policy, "--socket", self.socket,
                   "--state", self.state, *arguments]
        # The bus of the machine that the tests run on is none of theirs.
        surroundings = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + os.path.join(self.folder, "no-bus")}
        if self.notify:
            surroundings["NOTIFY_SOCKET"] = self.notify.getsockname()
        with open(self.output, "a", encoding="utf-8") as output:
            self.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                           env={**os.environ, **surroundings, **(environment or {})})
        if wait:
            self.status()
        return self.daemon

    def stop(self, how=signal.SIGTERM, patience=PATIENCE):
        self.daemon.send_signal(how)
        return self.daemon.wait(patience)

    def said(self):
        with open(self.output, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_said(self, words, patience=PATIENCE):
        """Waits until the daemon said these words. Polls a file: the daemon tells nobody that it wrote."""
        deadline = utc(patience)
        while words not in self.said():
            if utc(0) > deadline:
                raise TimeoutError(f"the daemon never said: {words}")
            threading.Event().wait(0.02)

    def connect(self, patience=PATIENCE):
        """A connection to the daemon's socket, waited for where it is still starting."""
        deadline = utc(patience)
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(patience)
            try:
                connection.connect(self.socket)
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
                if utc(0) > deadline or self.daemon.poll() is not None:
                    raise
                threading.Event().wait(0.01)

    def call(self, method, more=False, patience=PATIENCE, **parameters):
        """Yields the replies to one Varlink call, as they come."""
        with self.connect(patience) as connection:
            message = {"method": INTERFACE + method, "parameters": parameters, "more": more}
            connection.sendall(json.dumps(message).encode() + b"\0")
            received = b""
            while True:
                while b"\0" not in received:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    received += piece
                line, received = received.split(b"\0", 1)
                reply = json.loads(line)
                yield reply
                if not reply.get("continues"):
                    return

    def status(self, site=None):
        parameters = {"site": site} if site else {}
        reply = next(self.call("Status", **parameters))["parameters"]
        return reply["site"] if site else reply

    def wait_status(self, site, wanted, patience=PATIENCE):
        """Waits, on the daemon's own stream of changes, until the site's status is as wanted."""
        deadline = utc(patience)
        last = None
        try:
            for reply in self.call("Monitor", more=True, patience=patience, site=site):
                last = reply["parameters"]["site"]
                if wanted(last):
                    return last
                if utc(0) > deadline:
                    break
        except TimeoutError:
            pass
        raise TimeoutError(f"{site} never came to it; it is {json.dumps(last)}")

    def ledger(self):
        with open(self.ledger_file, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def run_tests(tests, timed=()):
    """Runs (name, function) pairs, each in a house of its own, all at once: most of them wait most of the time.

    Those that are timed run afterwards, one by one, so that what they time is the daemon and not the crowd.
    """
    # A shell that starts us aside has these ignored, for us and for whatever we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    complaints = {}

    def run(name, function):
        try:
            with House() as house:
                function(house)
            complaints[name] = []
        except Exception as error:  # pylint: disable=broad-except
            complaints[name] = [f"{type(error).__name__}: {error}"]
            trace = error.__traceback__
            while trace:
                complaints[name].append(f"at line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename}")
                trace = trace.tb_next

    threads = [threading.Thread(target=run, args=pair) for pair in tests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for pair in timed:
        run(*pair)
    for name, _ in [*tests, *timed]:
        tap.check(name, complaints[name])
    tap.done()


def demand(truth, words):
    if not truth:
        raise AssertionError(words)
