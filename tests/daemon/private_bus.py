# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus of a test's own, and a stand-in for systemd-logind on it."""

import os
import queue
import shutil
import subprocess
import threading

from house import BUILD, PATIENCE, demand

CONFIGURATION = """<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def is_available():
    return shutil.which("dbus-daemon") is not None


class PrivateBus:
    """dbus-daemon, listening below `folder`; ends with the test, by its stop() or by that of the house."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "bus")
        self.configuration = os.path.join(folder, "bus.conf")
        self.process = None
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(socket=self.socket))

    @property
    def environment(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=" + self.socket}

    def start(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        command = ["dbus-daemon", "--nofork", "--config-file=" + self.configuration, "--print-address"]
        with open(self.socket + ".log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        demand(self.process.stdout.readline(), "the bus listens")
        return self

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        self.process = None


class MockLogind:
    """tests/daemon/mock-logind, which says what its commands are."""

    def __init__(self, environment, command=(os.path.join(BUILD, "tests/daemon/mock-logind"),)):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, **environment))
        self.words = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.wait("ready")

    def _listen(self):
        for line in self.process.stdout:
            self.words.put(line.strip())

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait(self, word, patience=PATIENCE):
        """The next time that it says so; what it says before is dropped."""
        while True:
            try:
                heard = self.words.get(timeout=patience)
            except queue.Empty:
                raise TimeoutError(f"logind's stand-in never said: {word}") from None
            if heard == word:
                return

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        self.process = None
