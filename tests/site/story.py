#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of an admin key, on a terminal: a practice site with TLS and a CA of its own, the real daemon beside it
with a policy whose hours are now, and what each of them says of the key. Three minutes; nothing is left behind."""

import argparse
import datetime
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from practice_site import PracticeSite, TOKEN, USER  # noqa: E402  pylint: disable=wrong-import-position

WINDOW = 180  # seconds
LEAD = 3      # seconds from the start of the daemon to the start of the window
BAR = 24      # characters
WORDS = 31    # characters for what happens: a line fits a terminal of 80

POLICY = """\
version: 1
timezone: UTC
sites:
  practice:
    url: {url}
    ca_file: {ca_file}
    user: {user}
    token: {token}
    duration: 2m
    maintenance_windows:
      - name: story
        reason: to see it at work
        from: {start}
        until: {end}
"""


class Screen:
    """Lines that stay, and on a terminal one line below them that counts."""

    def __init__(self):
        self.live = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colour = self.live and "NO_COLOR" not in os.environ

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def say(self, text=""):
        print(("\r\033[K" if self.live else "") + text, flush=True)

    def count(self, text):
        if self.live:
            print("\r\033[K" + text, end="", flush=True)


class Story:
    def __init__(self, top, build):
        self.top, self.build = top, build
        self.screen = Screen()
        self.folder = tempfile.mkdtemp(prefix="adminkeyd-try-")
        self.socket = os.path.join(self.folder, "control.sock")
        self.site = PracticeSite(build, top, self.folder)
        self.daemon = None
        self.news = queue.Queue()
        self.status = None
        self.key = "off"      # as the site logged it last
        self.key_until = None
        self.posts = 0
        self.start = self.end = 0.0
        self.next_beat = 0.0  # where nothing can be redrawn: a line every quarter of a minute

    # --- The parts ---

    def begin(self):
        self.screen.say("Starting a practice site with TLS on loopback ...")
        self.site.start()
        token = os.path.join(self.folder, "token")
        with open(token, "w", opener=lambda path, flags: os.open(path, flags, 0o600), encoding="ascii") as file:
            file.write(TOKEN + "\n")
        self.start = float(int(time.time()) + LEAD)
        self.end = self.start + WINDOW
        policy = os.path.join(self.folder, "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(POLICY.format(url=self.site.url, ca_file=self.site.ca_file, user=USER, token=token,
                                     start=utc_text(self.start), end=utc_text(self.end)))
        self.screen.say("Starting adminkeyd with this policy (hours in UTC, keys of two minutes):")
        self.screen.say()
        for line in open(policy, encoding="utf-8").read().splitlines()[3:]:
            self.screen.say("    " + line)
        self.screen.say()
        os.mkdir(os.path.join(self.folder, "state"))
        with open(os.path.join(self.folder, "daemon.log"), "w", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(
                [os.path.join(self.build, "adminkeyd"), "--policy", policy, "--socket", self.socket, "--state",
                 os.path.join(self.folder, "state")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        threading.Thread(target=self.listen_to_site, daemon=True).start()
        threading.Thread(target=self.listen_to_daemon, daemon=True).start()

    def listen_to_site(self):
        try:
            for entry in self.site.follow():
                self.news.put(("site", entry))
        except OSError as error:
            self.news.put(("lost", f"the practice site: {error}"))

    def listen_to_daemon(self):
        try:
            with self.connect() as connection:
                call = {"method": "io.adminkeyd.Control.Monitor", "parameters": {}, "more": True}
                connection.sendall(json.dumps(call).encode() + b"\0")
                received = b""
                while piece := connection.recv(65536):
                    received += piece
                    *messages, received = received.split(b"\0")
                    for message in messages:
                        self.news.put(("daemon", json.loads(message)["parameters"]["site"]))
        except (OSError, KeyError) as error:
            self.news.put(("lost", f"adminkeyd: {error}"))

    def connect(self):
        deadline = time.monotonic() + 10
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.socket)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > deadline or self.daemon.poll() is not None:
                    raise
                time.sleep(0.05)

    def finish(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.terminate()
            try:
                self.daemon.wait(25)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        self.site.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- The telling ---

    def tell(self):
        self.screen.say(self.screen.paint(1, f"{'':>8}  {'what happens':<{WORDS}}  {'adminkeyd says':<17}  the site says"))
        while True:
            try:
                kind, what = self.news.get(timeout=0.5)
            except queue.Empty:
                kind, what = None, None
            if kind == "lost":
                raise RuntimeError(what)
            if kind == "daemon":
                self.status = what
            if kind == "site":
                words = self.understand(what)
                if words:
                    self.line(words)
            if self.status and self.is_over():
                self.line("the window is over, off proved")
                return
            if time.time() > self.end + 15:
                raise RuntimeError("the key's life should be over by now")
            self.countdown()

    def understand(self, entry):
        """The words for one entry of the site's log; None where it is not worth a line."""
        if entry["event"] == "key":
            self.key = "off" if entry["change"] in ("disabled", "expired") else "on"
            self.key_until = entry.get("expires_us", 0) / 1e6 if self.key == "on" else None
            self.settle()
            return {
                "enabled": "window opens: POST, key enabled",
                "renewed": "POST: renewed to window's end",
                "disabled": "window closes: DELETE, key off",
                "expired": "window closes: the key ends",
            }[entry["change"]]
        if entry["call"] == "post":
            self.posts += 1
        if entry["call"] == "delete" and self.key == "off":
            self.settle()
            return "DELETE, 204: proof of off"
        return "GET: is there a key?" if entry["call"] == "get" else None

    def settle(self):
        """Lets the daemon read the reply that the site has just sent: a second is plenty."""
        deadline = time.monotonic() + 1
        later = []
        while not self.agree() and time.monotonic() < deadline:
            try:
                kind, what = self.news.get(timeout=0.1)
            except queue.Empty:
                continue
            if kind == "daemon":
                self.status = what
            else:
                later.append((kind, what))
        for news in later:
            self.news.put(news)

    def agree(self):
        """Whether both say the same of the key."""
        if not self.status:
            return False
        if self.key == "off":
            return self.status["state"] == "off" and self.status["proved_off"] is not None
        return self.status["state"] == "on" and self.daemon_view() == self.site_view()

    def is_over(self):
        return time.time() > self.end and self.status["state"] == "off" and self.status["proved_off"] is not None

    def line(self, words):
        clock = datetime.datetime.now().strftime("%H:%M:%S")
        self.screen.say(f"{clock:>8}  {words:<{WORDS}}  {self.daemon_view():<17}  {self.site_view()}")

    def daemon_view(self):
        if not self.status:
            return "(starting)"
        if self.status["state"] == "on":
            return "on until " + local_time(self.status["expires"])
        if self.status["state"] == "off" and self.status["proved_off"]:
            return "off, proved"
        return self.status["state"]

    def site_view(self):
        if self.key == "off":
            return "off"
        return "on until " + datetime.datetime.fromtimestamp(self.key_until).strftime("%H:%M:%S")

    def countdown(self):
        now = time.time()
        if not self.status:
            self.screen.count("          waiting for the daemon ...")
        elif now < self.start:
            self.screen.count(f"          the window opens in {self.start - now:.0f} s")
        elif self.status["state"] == "on" and self.key_until:
            left = max(0, self.key_until - now)
            full = min(BAR, int(BAR * left / 120))
            bar = self.screen.paint(32, "█" * full) + "·" * (BAR - full) if self.screen.colour else \
                "#" * full + "." * (BAR - full)
            self.screen.count(f"          {bar}  {left:4.0f} s of key left, window closes in "
                              f"{max(0, self.end - now):.0f} s")
            if not self.screen.live and now >= self.next_beat:
                self.next_beat = now + 15
                self.line(f"... {left:.0f} s of key left")

    def close(self):
        spans = self.site.key_spans()
        self.screen.say()
        if len(spans) == 1 and spans[0][1]:
            self.screen.say(f"By the site's log: on {1000 * (spans[0][0] - self.start):.0f} ms after the window opened, "
                            f"without a gap,\noff {1000 * (spans[0][1] - self.end):.0f} ms after it closed; "
                            f"{self.posts} POSTs.")
        self.screen.say("To run it for real (setup asks for the site, the token and the hours):")
        self.screen.say()
        for command in (f"sudo make -C {os.path.relpath(self.build)} install &&\n"
                        "        sudo systemd-sysusers && sudo systemd-tmpfiles --create &&\n"
                        "        sudo journalctl --update-catalog && sudo systemctl daemon-reload",
                        "sudo adminkeyctl setup && sudo adminkeyctl status"):
            self.screen.say("    " + self.screen.paint(1, command))


def utc_text(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def local_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone().strftime("%H:%M:%S")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="the folder that was built in")
    arguments = parser.parse_args()
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    story = Story(top, os.path.abspath(arguments.build))
    try:
        story.begin()
        story.tell()
        story.close()
        return 0
    except KeyboardInterrupt:
        story.screen.say()
        story.screen.say("Interrupted: switching the key off, and removing everything.")
        return 130
    except (RuntimeError, OSError) as error:
        story.screen.say(f"The story broke off: {error}")
        log = os.path.join(story.folder, "daemon.log")
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                story.screen.say(file.read())
        return 1
    finally:
        story.finish()


if __name__ == "__main__":
    sys.exit(main())
