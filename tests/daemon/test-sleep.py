#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sleep and session locks, as systemd-logind tells of them; and life without logind or any bus at all."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, BUILD, House, demand, run_tests, tap, window, utc  # noqa: E402  pylint: disable=wrong-import-position
from private_bus import MockLogind, PrivateBus, is_available  # noqa: E402  pylint: disable=wrong-import-position


def is_on(status):
    return status["state"] == "on"


def is_off(status):
    return status["state"] == "off" and status["proved_off"] is not None


def told_people(house):
    command = [os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, "status"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20).stdout


class Relay:
    """A way to a site on which connections can die without a word, as those of a machine that slept do."""

    def __init__(self, port):
        self.port = port
        self.generation = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def kill(self):
        """What is connected now is dead from now on."""
        self.generation += 1

    def _accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.port))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(*ends, self.generation), daemon=True).start()

    def _carry(self, source, sink, generation):
        with contextlib.suppress(OSError):
            while True:
                piece = source.recv(65536)
                if not piece:
                    break
                if generation == self.generation:
                    sink.sendall(piece)
            if generation == self.generation:
                sink.shutdown(socket.SHUT_WR)


class Workstation:
    """A house on a bus of its own, with logind's stand-in."""

    def __init__(self, house: House, with_bus=True, with_logind=True, **keys):
        self.house = house
        self.bus = PrivateBus(house.folder)
        self.logind = None
        self.site = house.add_site()
        self.write_policy(**keys)
        if with_bus:
            self.bus.start()
        if with_bus and with_logind:
            self.logind = MockLogind(self.bus.environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.logind:
            self.logind.stop()
        self.bus.stop()

    def write_policy(self, **keys):
        self.house.write_policy(self.house.policy_of({"acme": dict({"maintenance_windows": ALWAYS}, **keys)}))

    def start(self, *arguments, locked=True):
        self.house.start(*arguments, environment=self.bus.environment)
        self.house.wait_status("acme", is_on)
        if locked:
            self.logind.wait("locked")

    def reload(self, **keys):
        self.write_policy(**keys)
        demand(next(self.house.call("Reload")).get("error") is None, "the policy is taken")

    def notices(self):
        return self.house.status()["daemon"]["notices"]

    def wait_notices(self, wanted, patience=30):
        """Waits on the daemon's stream of changes until its notices are as wanted."""
        last = None
        try:
            for reply in self.house.call("Monitor", more=True, patience=patience):
                last = (reply["parameters"].get("daemon") or {}).get("notices", last)
                if last is not None and wanted(last):
                    return last
        except TimeoutError:
            pass
        raise TimeoutError(f"the notices are {last}")


def sleep_and_wake(house):
    with Workstation(house) as station:
        station.start()
        station.logind.say("sleep yes")
        station.logind.wait("released")
        demand(not station.site.state()["live"], "the key is off before the machine may sleep")
        status = house.status("acme")
        demand(status["cause"]["kind"] == "sleep" and status["agrees"], status)
        station.logind.say("sleep no")
        station.logind.wait("locked")
        house.wait_status("acme", is_on)
        demand(len(station.site.calls("delete")) == 1, "one DELETE did it")


def slow_site(house):
    with Workstation(house) as station:
        station.start()
        station.site.fault(call="delete", hang_ms=20000)
        before = time.monotonic()
        station.logind.say("sleep yes")
        station.logind.wait("released")
        took = time.monotonic() - before
        demand(3.9 <= took <= 4.6, f"the lock was held for {took:.1f} s")
        house.wait_said("falls asleep; the admin key")
        station.site.clear()
        station.logind.say("sleep no")
        house.wait_status("acme", is_on)


def dead_connections(house):
    with Workstation(house) as station:
        relay = Relay(station.site.port)
        station.write_policy(url=relay.url)
        station.start()
        relay.kill()
        before = time.monotonic()
        station.logind.say("sleep yes")
        station.logind.wait("released")
        relay.kill()
        station.logind.say("sleep no")
        house.wait_status("acme", is_on)
        took = time.monotonic() - before
        demand(took < 2, f"off and on took {took:.1f} s")


def keep(house):
    with Workstation(house, on_sleep="keep") as station:
        station.start(locked=False)
        station.logind.wait("asked")
        station.logind.say("sleep yes")
        station.logind.say("sleep no")
        station.site.wait("get", count=2)
        demand(station.site.calls("delete") == [], "the key is left on")
        demand(house.status("acme")["state"] == "on", "and read after the sleep")
        station.reload(on_sleep="disable")
        station.logind.wait("locked")
        station.reload(on_sleep="keep")
        station.logind.wait("released")


def outside_the_hours(house):
    with Workstation(house, maintenance_windows=window(utc(3600), utc(7200))) as station:
        house.start(environment=station.bus.environment)
        station.logind.wait("locked")
        station.logind.say("sleep yes")
        station.logind.wait("released", patience=3)


def several_sites(house):
    """The lock is held until the last of them is off."""
    with Workstation(house) as station:
        other = house.add_site("other")
        house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS},
                                            "other": {"maintenance_windows": ALWAYS}}))
        station.start()
        house.wait_status("other", is_on)
        other.fault(call="delete", hang_ms=1500, count=1)
        station.logind.say("sleep yes")
        station.logind.wait("released")
        demand(not station.site.state()["live"] and not other.state()["live"], "both are off")


def asleep_before_it_came(house):
    """A logind that appears in the midst of it is asked how things are."""
    with Workstation(house, with_logind=False) as station:
        station.start(locked=False)
        station.logind = MockLogind(station.bus.environment)
        station.logind.wait("locked")
        station.logind.say("leave")
        station.logind.say("sleep yes")
        station.logind.say("return")
        house.wait_status("acme", is_off)
        station.logind.say("sleep no")
        house.wait_status("acme", is_on)


def forged(house):
    """Any user can send a signal that looks like logind's to a connection of its own choice."""
    with Workstation(house) as station:
        station.start()
        station.logind.say("forge")
        station.logind.wait("sent")
        station.logind.say("session 1 locked=yes")
        station.logind.wait("sent")
        demand(house.status("acme")["goal"] == "on" and station.site.calls("delete") == [], "it is not believed")


def lock_and_unlock(house):
    with Workstation(house, on_lock="disable") as station:
        station.logind.say("session 1")
        station.start()
        demand(house.status("acme")["goal"] == "on", "an unlocked session changes nothing")
        station.logind.say("session 1 locked=yes")
        status = house.wait_status("acme", is_off)
        demand(status["cause"]["kind"] == "lock" and status["agrees"], status)
        demand("the session is locked" in told_people(house), told_people(house))
        station.logind.say("session 1 locked=no")
        house.wait_status("acme", is_on)


def start_while_locked(house):
    with Workstation(house, on_lock="disable") as station:
        station.logind.say("session 1 locked=yes")
        station.logind.wait("sent")
        house.start(environment=station.bus.environment)
        house.wait_status("acme", is_off)
        demand(station.site.calls("post") == [], "no key is enabled, not even for a moment")
        station.logind.say("session 1 locked=no")
        house.wait_status("acme", is_on)
        house.stop(signal.SIGKILL)
        house.start(environment=station.bus.environment)
        house.wait_status("acme", is_on)
        demand(len(station.site.calls("post")) == 1 and station.site.calls("delete")[1:] == [],
               "nor is a key of before switched off while nobody knows yet")


def crowd(house):
    with Workstation(house, on_lock="disable") as station:
        for number in range(70):
            station.logind.say(f"session ssh{number} type=tty seat= remote=yes")
        station.logind.say("session 1 locked=yes")
        house.start(environment=station.bus.environment)
        house.wait_status("acme", is_off)
        for number in range(20):
            station.logind.say(f"session more{number} type=tty seat= remote=yes")
        station.logind.say("session 2")
        house.wait_status("acme", is_on)


def denied_list(house):
    with Workstation(house, on_lock="disable") as station:
        station.logind.say("session 1 locked=yes")
        station.logind.say("deny yes")
        house.start(environment=station.bus.environment)
        station.logind.wait("denied")
        station.wait_notices(lambda notices: any("Too many questions" in notice for notice in notices))
        station.logind.say("deny no")
        house.wait_status("acme", is_off)
        station.wait_notices(lambda notices: notices == [])


def lock_of_no_interest(house):
    with Workstation(house) as station:
        station.logind.say("session 1 locked=yes")
        station.start()
        demand(house.status("acme")["goal"] == "on", "on_lock is keep")
        station.reload(on_lock="disable")
        house.wait_status("acme", is_off)
        station.reload()
        house.wait_status("acme", is_on)


def which_sessions_count(house):
    with Workstation(house, on_lock="disable") as station:
        station.start()

        def expect(goal, *commands):
            for command in commands:
                station.logind.say(command)
            house.wait_status("acme", lambda status: status["goal"] == ("on" if goal else "off"))

        # These are unlocked and do not count, or the login screen would change nothing.
        expect(True, "session ssh type=tty seat= remote=yes", "session console type=tty",
               "session far type=x11 seat= remote=yes", "session manager class=manager type=unspecified seat=",
               "session late state=closing", "session job class=background")
        expect(False, "session login class=greeter uid=120")
        expect(True, "session ann uid=1001 type=x11")
        expect(True, "end login")
        expect(False, "session ann locked=yes")
        expect(True, "session bob uid=1002")
        expect(False, "session bob locked=yes")
        expect(True, "session ann locked=no")
        expect(False, "session ann state=closing")
        # These are locked and do not count, or the end of those that do would change nothing.
        expect(True, "session ssh locked=yes", "session console locked=yes", "session far locked=yes",
               "session late locked=yes", "end bob", "end ann")


def sessions_of_the_user(house):
    with Workstation(house, on_lock="disable") as station:
        station.logind.say(f"session mine uid={os.getuid()}")
        station.logind.say("session other uid=54321 locked=yes")
        station.start("--user")
        station.logind.say("session mine locked=yes")
        house.wait_status("acme", is_off)
        station.logind.say("session other locked=no")
        station.logind.say("session login class=greeter uid=120")
        station.logind.wait("sent")
        demand(house.status("acme")["goal"] == "off", "the sessions of others mean nothing")
        station.logind.say("session mine locked=no")
        house.wait_status("acme", is_on)


def logind_gone_and_back(house):
    with Workstation(house, on_lock="disable") as station:
        station.logind.say("session 1")
        station.start()
        station.logind.stop()
        notice, = station.wait_notices(lambda notices: notices)
        demand("systemd-logind is not there" in notice and "systemctl start systemd-logind" in notice, notice)
        demand(is_on(house.status("acme")), "the daemon goes on")
        station.logind = MockLogind(station.bus.environment)
        station.logind.wait("locked")
        station.wait_notices(lambda notices: not notices)
        station.logind.say("session 1 locked=yes")
        house.wait_status("acme", is_off)
        station.logind.stop()
        station.wait_notices(lambda notices: notices)
        demand(is_off(house.status("acme")), "what was known last stays")
        station.logind = MockLogind(station.bus.environment)
        house.wait_status("acme", is_on)
        station.wait_notices(lambda notices: not notices)
        demand(house.said().count("systemd-logind is not there") == 1, "it is said once a minute at most")
        house.wait_said("are seen again", patience=70)


def bus_gone_and_back(house):
    with Workstation(house) as station:
        station.start()
        station.logind.stop()
        station.bus.stop()
        notice, = station.wait_notices(lambda notices: notices)
        demand("system bus cannot be reached" in notice and "sleep goes unseen" in notice, notice)
        station.bus.start()
        station.logind = MockLogind(station.bus.environment)
        station.logind.wait("locked")
        station.wait_notices(lambda notices: not notices)
        demand(house.said().count("system bus cannot be reached") == 1, "it was said once: " + house.said())
        station.logind.say("sleep yes")
        station.logind.wait("released")
        demand(not station.site.state()["live"], "and sleep is seen again")


def a_restart_of_logind_is_no_news(house):
    with Workstation(house) as station:
        station.start()
        for _ in range(2):
            station.logind.say("leave")
            station.logind.say("return")
            station.logind.wait("locked")
        station.logind.wait("released")
        demand(station.notices() == [], "no notice")
        demand("logind" not in house.said(), house.said())


def no_bus(house):
    with Workstation(house, with_bus=False) as station:
        station.start(locked=False)
        demand(house.stop() == 0 and not station.site.state()["live"], "a stop before anything is known")
        station.start(locked=False)
        notice, = station.wait_notices(lambda notices: notices)
        demand("system bus cannot be reached" in notice, notice)
        demand(notice in told_people(house), told_people(house))
        house.wait_said("system bus cannot be reached")
        station.reload(on_sleep="keep")
        demand(station.notices() == [], "whoever needs it not misses nothing")
        demand(house.stop() == 0 and not station.site.state()["live"], "it stops as ever")


def a_bus_that_says_nothing(house):
    """It listens and never answers: the start waits for two seconds, the loop goes on, and so does the stop."""
    with Workstation(house, on_lock="disable") as station:
        station.bus.process.send_signal(signal.SIGSTOP)
        before = time.monotonic()
        station.start(locked=False)
        took = time.monotonic() - before
        demand(1.9 < took < 3, f"on after {took:.1f} s")
        for _ in range(20):
            before = time.monotonic()
            house.status("acme")
            demand(time.monotonic() - before < 1, "questions are answered")
        demand(house.stop() == 0 and not station.site.state()["live"], "it stops")


def refused(house):
    with Workstation(house) as station:
        station.logind.say("refuse yes")
        station.start(locked=False)
        notice, = station.wait_notices(lambda notices: notices)
        demand("Permission denied" in notice and "polkitd" in notice, notice)
        station.logind.say("sleep yes")
        house.wait_status("acme", is_off)
        station.logind.say("refuse no")
        station.logind.say("sleep no")
        station.logind.wait("locked")
        station.wait_notices(lambda notices: not notices)
        house.wait_status("acme", is_on)


def not_enforced(house):
    with Workstation(house, enforce="no") as station:
        house.start(environment=station.bus.environment)
        station.site.wait("get")
        station.logind.wait("asked")
        station.logind.say("sleep yes")
        station.logind.say("sleep no")
        station.site.wait("get", count=2)
        demand(station.site.calls("delete") == [], "nothing is switched")


def stop_while_it_falls_asleep(house):
    with Workstation(house) as station:
        station.start()
        station.logind.say("sleep yes")
        demand(house.stop() == 0, "it stops")
        station.logind.wait("released")
        demand(not station.site.state()["live"], "the key is off")


TESTS = [
    ("before the machine sleeps the key is switched off, and on again when it wakes", sleep_and_wake),
    ("on_sleep: keep takes no lock; the key is read after the sleep", keep),
    ("outside the hours the machine may sleep at once", outside_the_hours),
    ("all sites are off before it may", several_sites),
    ("a sleep that began while logind was out of sight", asleep_before_it_came),
    ("a forged signal is not believed", forged),
    ("a locked session, and an unlocked one", lock_and_unlock),
    ("a start while the session is locked", start_while_locked),
    ("a local session is seen among seventy from afar", crowd),
    ("a list of sessions that is refused is asked for again", denied_list),
    ("on_lock: keep does not care; a reload changes that", lock_of_no_interest),
    ("which sessions count", which_sessions_count),
    ("for a user's daemon only his own do", sessions_of_the_user),
    ("logind goes and comes back", logind_gone_and_back),
    ("the bus goes and comes back", bus_gone_and_back),
    ("a restart of logind is no news", a_restart_of_logind_is_no_news),
    ("no bus at all", no_bus),
    ("a delay lock that is refused", refused),
    ("enforce: no", not_enforced),
    ("a stop while the machine falls asleep", stop_while_it_falls_asleep),
]

TIMED = [
    ("a slow site holds up the sleep for four seconds and no longer", slow_site),
    ("a connection of before the sleep is not used after it", dead_connections),
    ("a bus that never answers", a_bus_that_says_nothing),
]

if __name__ == "__main__":
    if not is_available():
        for test, _ in TESTS + TIMED:
            tap.skip(test, "dbus-daemon is not installed")
        tap.done()
    run_tests(TESTS, TIMED)
