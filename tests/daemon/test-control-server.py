#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control socket: who may make it, who may connect, what happens past its limits."""

import contextlib
import fcntl
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ.get("abs_top_srcdir", "."), "tests", "style"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(tap.BUILD, "tests", "daemon", "control-host")
CONTROL = "io.adminkeyd.Control."
PATIENCE = 60  # seconds until what should happen is a failure
FOLDER = tempfile.mkdtemp(prefix="control-")
SOCKET = os.path.join(FOLDER, "socket")
STRANGER, OPERATOR = 64999, 64998
os.chmod(FOLDER, 0o755)


class Host:
    """The program, for as long as the block lasts."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, SOCKET, *self.arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, umask=0o077)
        if self.process.stdout.readline() != "listening\n":
            raise RuntimeError("the control socket is not served")
        return self

    def order(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.status = self.process.wait(PATIENCE)
        self.process.stdout.close()


class Client:
    """One connection; messages in and out."""

    def __init__(self, uid=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.received = b""
        if uid is None:
            self.socket.connect(SOCKET)
            return
        os.seteuid(uid)  # SO_PEERCRED has the effective uid of the connect
        try:
            self.socket.connect(SOCKET)
        finally:
            os.seteuid(0)

    def say(self, method, more=False, **parameters):
        self.socket.sendall(json.dumps({"method": method, "parameters": parameters, "more": more}).encode() + b"\0")

    def hear(self):
        """The next message; None at the end."""
        while b"\0" not in self.received:
            try:
                part = self.socket.recv(65536)
            except ConnectionResetError:
                part = b""
            if not part:
                return None
            self.received += part
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, more=False, **parameters):
        self.say(method, more, **parameters)
        return self.hear()


def equal(value, expected):
    return [] if value == expected else [f"{value!r} is not {expected!r}"]


def limit(message):
    return (message or {}).get("parameters", {}).get("limit")


def start(*arguments):
    return subprocess.run([PROGRAM, SOCKET, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


with Host() as host:
    tap.check("the socket is open to everybody, whatever the umask",
              equal(oct(stat.S_IMODE(os.stat(SOCKET).st_mode)), "0o666"))
    second = start()
    tap.check("a served socket is not taken from its daemon",
              equal(second.returncode, 1) + ([] if "another adminkeyd" in second.stderr else [second.stderr]))
    client = Client()
    tap.check("and is still served", equal(client.ask("org.varlink.service.GetInfo")["parameters"]["version"], "1"))
    inode = os.stat(SOCKET).st_ino
    os.rename(SOCKET, SOCKET + ".mine")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(SOCKET)
tap.check("at the end a socket that is not ours stays", equal(os.path.exists(SOCKET), True))
tap.check("the program ends well", equal(host.status, 0))
with Host():
    tap.check("a stale socket is replaced", equal(Client().ask(CONTROL + "Nonsense")["error"],
                                                  "org.varlink.service.MethodNotFound"))
tap.check("at the end the socket is removed", equal(os.path.exists(SOCKET), False))
with open(SOCKET, "w", encoding="ascii") as file:
    file.write("precious")
third = start()
with open(SOCKET, encoding="ascii") as file:
    tap.check("a file that is no socket is left alone", equal(third.returncode, 1) + equal(file.read(), "precious"))
os.unlink(SOCKET)

# Whoever can read the directory can lock it, and that must not hold off the daemon.
folder = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY)
fcntl.flock(folder, fcntl.LOCK_EX)
with Host():
    tap.check("somebody who has locked the directory keeps nobody waiting",
              equal("error" in Client().ask("org.varlink.service.GetInfo"), False))
os.close(folder)
tap.check("what the daemons lock is theirs alone to open",
          equal(oct(stat.S_IMODE(os.stat(SOCKET + ".lock").st_mode)), "0o600"))

with Host() as host:
    monitor, other = Client(), Client()
    first = [monitor.ask(CONTROL + "Monitor", True)] + [monitor.hear() for _ in range(2)]
    tap.check("a monitor is told of all sites", equal([m["parameters"]["site"]["site"] for m in first], ["a", "b", "c"]))
    host.order("site 1")
    tap.check("and then of a change", equal(monitor.hear()["parameters"]["site"], dict(
        first[1]["parameters"]["site"], failures=1)))
    tap.check("a reload is answered", equal(other.ask(CONTROL + "Reload"), {"parameters": {}}))
    tap.check("and told to the monitor",
              equal([monitor.hear()["parameters"]["site"]["site"] for _ in range(3)], ["a", "b", "c"]))
    other.socket.sendall(b"nonsense\0")
    tap.check("garbage gets a reply", equal(other.hear()["error"], "org.varlink.service.InvalidParameter"))
    tap.check("and the connection ends", equal(other.hear(), None))
    with contextlib.closing(Client().socket) as large:
        large.sendall(b" " * 65537)
        refused = Client.__new__(Client)
        refused.socket, refused.received = large, b""
        tap.check("a message past the cap gets a reply", equal(limit(refused.hear()), "message_size"))
    half = Client()
    half.socket.sendall(json.dumps({"method": CONTROL + "Status", "parameters": {"site": "a"}}).encode() + b"\0")
    half.socket.shutdown(socket.SHUT_WR)
    tap.check("a client that has ended its side is answered", equal(half.hear()["parameters"]["site"]["site"], "a"))
    tap.check("and then disconnected", equal(half.hear(), None))
    # A client that never reads has its queue filled, and is then cut off; the monitor never notices.
    deaf = Client()
    calls = memoryview((json.dumps({"method": CONTROL + "Status"}).encode() + b"\0") * 20000)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
        deaf.socket.settimeout(3)  # nothing taken for so long: the daemon, however busy, reads no more
        while calls:
            calls = calls[deaf.socket.send(calls):]
    deaf.socket.settimeout(PATIENCE)
    last = message = deaf.hear()
    while message:
        last, message = message, deaf.hear()
    tap.check("a client that never reads is told of its limit at last", equal(limit(last), "queue_size"))
    host.order("site 0")
    tap.check("and others did not notice", equal(monitor.hear()["parameters"]["site"]["site"], "a"))
    clients = [Client() for _ in range(15)]
    tap.check("sixteen connections of a user are served",
              equal({c.ask(CONTROL + "Nonsense")["error"] for c in clients}, {"org.varlink.service.MethodNotFound"}))
    seventeenth = Client()
    tap.check("the seventeenth is refused", equal(limit(seventeenth.hear()), "connections_per_uid"))
    clients.pop().socket.close()
    for _ in range(1000):  # until the daemon has seen that it is gone
        again = Client()
        answer = again.ask(CONTROL + "Nonsense")
        if not limit(answer):
            break
    tap.check("a place that was left is free again", equal(answer["error"], "org.varlink.service.MethodNotFound"))
tap.check("connections do not keep the program", equal(host.status, 0))

USERS = "connections are kept for operators, whose rights come from the kernel"
if os.geteuid() != 0:
    tap.skip(USERS, "needs root, to be several users")
else:
    with Host(str(OPERATOR)) as host:
        stranger, operator = Client(STRANGER), Client(OPERATOR)
        tap.check("a stranger may not look", equal(stranger.ask(CONTROL + "Status").get("error"),
                                                   CONTROL + "NotAuthorized"))
        tap.check("but may ask what this is", equal("error" in stranger.ask("org.varlink.service.GetInfo"), False))
        tap.check("an operator may reload", equal(operator.ask(CONTROL + "Reload"), {"parameters": {}}))
        crowd = [Client(STRANGER + 1 + n // 16) for n in range(54)]
        tap.check("56 connections are for everybody", equal(crowd[-1].ask(CONTROL + "Status").get("error"),
                                                            CONTROL + "NotAuthorized"))
        tap.check("the next is refused", equal(limit(Client(STRANGER).hear()), "connections"))
        late = Client(OPERATOR)
        tap.check("but not an operator's", equal(late.ask(CONTROL + "Reload"), {"parameters": {}}))

shutil.rmtree(FOLDER)
tap.done()
