# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and steers the practice site, for tests and for the story that bootstrap tells.

    with PracticeSite(build_dir, source_dir, work_dir) as site:
        site.url                      # https://127.0.0.1:PORT
        site.ca_file                  # the CA to trust
        site.fault(call="post", count=1, status=500)
        site.wait("enabled")          # until the site enabled a key
        site.key_spans()              # [(from, until)] of the key's true life, in seconds since the epoch
"""

import json
import os
import socket
import subprocess
import time

USER = "key-admin@acme.example"
TOKEN = "practice-token-0123456789"


class PracticeSite:
    def __init__(self, build_dir, source_dir, work_dir, accounts=None, tls=True, options=(), wrapper=()):
        self.build_dir = build_dir
        self.source_dir = source_dir
        self.work_dir = work_dir
        self.accounts = accounts or [f"{USER}:{TOKEN}:admin"]
        self.tls = tls
        self.options = list(options)
        self.wrapper = list(wrapper)
        self.certificates = os.path.join(work_dir, "certificates")
        self.log_file = os.path.join(work_dir, "site.log")
        self.console = os.path.join(work_dir, "console.sock")
        self.port_file = os.path.join(work_dir, "site.port")
        self.ca_file = os.path.join(self.certificates, "ca.pem")
        self.stranger_ca_file = os.path.join(self.certificates, "stranger.pem")
        self.port = 0
        self.process = None

    def certify(self):
        """Makes its certificates, where there are none yet: for who needs the CA before the site runs."""
        if self.tls and not os.path.exists(self.ca_file):
            script = os.path.join(self.source_dir, "tests/site/make-certificates")
            subprocess.run([script, self.certificates], check=True)

    def start(self, port=0):
        """Starts the site, on the given port if one is named; returns once it listens."""
        self.certify()
        if os.path.exists(self.port_file):
            os.unlink(self.port_file)
        command = [os.path.join(self.build_dir, "tests/site/practice-site"), "--log", self.log_file,
                   "--console", self.console, "--port-file", self.port_file, "--port", str(port)]
        for account in self.accounts:
            command += ["--account", account]
        if self.tls:
            command += ["--certificate", os.path.join(self.certificates, "server.pem"),
                        "--key", os.path.join(self.certificates, "server.key")]
        self.process = subprocess.Popen(self.wrapper + command + self.options, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not os.path.exists(self.port_file):
            if self.process.poll() is not None:
                raise RuntimeError(f"practice-site ended with {self.process.returncode}")
            if time.monotonic() > deadline:
                raise TimeoutError("practice-site does not listen")
            time.sleep(0.01)
        with open(self.port_file, encoding="ascii") as file:
            self.port = int(file.read())
        return self

    def stop(self):
        """Stops it; returns its exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process = None
        return status

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def command(self, **words):
        """Sends one command to the console and returns its answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(words.get("timeout_ms", 10000) / 1000 + 10)
            connection.connect(self.console)
            connection.sendall(json.dumps(words).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def demand(self, **words):
        answer = self.command(**words)
        if not answer["ok"]:
            raise RuntimeError(f"{words}: {answer['why']}")
        return answer

    def fault(self, **words):
        return self.demand(command="fault", **words)

    def clear(self):
        return self.demand(command="clear")

    def set_clock(self, seconds):
        return self.demand(command="clock", offset_ms=int(seconds * 1000))

    def other_actor(self, minutes, account=USER):
        return self.demand(command="key", account=account, minutes=minutes)

    def state(self, account=USER):
        return self.demand(command="state", account=account)

    def wait(self, what, count=1, timeout=10):
        """Waits until that was logged so often in all. Raises RuntimeError when it is not in time."""
        return self.demand(command="wait", **{"for": what}, count=count, timeout_ms=int(timeout * 1000))

    def log(self):
        """All that was logged so far."""
        with open(self.log_file, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def follow(self):
        """Yields the log's entries from the first on, as they come, until the site ends."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.console)
            connection.sendall(b'{"command": "follow"}\n')
            for line in connection.makefile():
                yield json.loads(line)

    def calls(self, kind=None):
        return [entry for entry in self.log()
                if entry["event"] == "call" and kind in (None, entry["call"])]

    def key_spans(self, account=USER):
        """The stretches in which the account's key was live, as (from, until) in seconds; until is None while it is."""
        spans = []
        for entry in self.log():
            if entry["event"] != "key" or entry["account"] != account:
                continue
            at = entry["at_us"] / 1e6
            if entry["change"] == "enabled":
                spans.append((at, None))
            elif entry["change"] in ("disabled", "expired") and spans and spans[-1][1] is None:
                spans[-1] = (spans[-1][0], at)
        return spans
