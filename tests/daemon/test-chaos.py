#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real daemon under real faults: killed at random moments, with a ledger torn by hand, beside a site that is
killed, whose replies are cut, whose clock is an hour off. What counts is the site's own log.

    CHAOS_SEED=N     other moments; the seed is printed
    CHAOS_SECONDS=N  of each world; more kills in proportion
"""

import itertools
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import site_truth  # noqa: E402  pylint: disable=wrong-import-position
from house import House, USER, demand, run_tests, utc, window  # noqa: E402  pylint: disable=wrong-import-position

SEED = int(os.environ.get("CHAOS_SEED") or 1)
SECONDS = int(os.environ.get("CHAOS_SECONDS") or 80)
KILLS = SECONDS // 16          # of each world
DOWN = 1.5                     # seconds that a killed daemon stays away, at most
START = 3                      # from the world's beginning to the window's; its end is as long before the world's
VERIFY = 60                    # until the daemon reads the key anew
SLACK = 2.5                    # a request's latency on a busy machine, and the second that rule 4 allows


class World:
    def __init__(self, house, name):
        self.house = house
        self.random = random.Random(f"{SEED} {name}")
        self.site = house.add_site()
        self.killed = []
        self.ready = []  # when a daemon said so; how long its start takes is the machine's, and is no gap of its own
        self.unseen = []  # from what the site did behind the daemon's back until that has had to see it
        self.lost_log = []  # of a site that was killed
        self.began = utc(0)
        self.opens, self.closes = utc(START).replace(microsecond=0), utc(SECONDS - 2 * START).replace(microsecond=0)
        self.window = (self.opens.timestamp(), self.closes.timestamp())
        house.write_policy(house.policy_of({"acme": {
            "duration": "1m", "verify": "1m", "maintenance_windows": window(self.opens, self.closes)}}))
        house.listen(None)
        threading.Thread(target=self.hear, daemon=True).start()

    def hear(self):
        while message := self.house.notify.recv(65536):
            if b"READY=1" in message.splitlines():
                self.ready.append(time.time())

    def kill(self, before=None):
        self.killed.append(time.time())
        self.house.daemon.send_signal(signal.SIGKILL)
        self.house.daemon.wait()
        if before:
            before()
        threading.Event().wait(self.random.uniform(0, DOWN))
        self.house.start(wait=False)

    def downs(self):
        """From the world's beginning, and from each kill, until a daemon was ready next."""
        return [(since, min((at for at in self.ready if at > since), default=time.time()))
                for since in [self.began.timestamp(), *self.killed]]

    def longest_gap(self, spans, excuses):
        """A key can end with the window only if it is asked for a whole number of minutes before: whoever is dead then,
        or waits, leaves a gap in the last minute, and that one is no fault."""
        excuses = [*self.downs(), *((since, until + SLACK) for since, until in [*excuses, *self.unseen])]
        aligned = self.window[1] - 60
        missed = any(since < aligned + 1.5 and until > aligned - 1.5 for since, until in excuses)
        ends = self.window[1] - (60 if missed else 0)
        return site_truth.longest_gap(spans, (self.window[0], ends), excuses)

    def kill_site(self):
        self.lost_log += self.site.log()
        self.site.process.kill()
        self.site.process.wait()
        # What its keys were, nobody knows any more.
        self.lost_log.append({"event": "key", "account": USER, "change": "disabled", "at_us": time.time() * 1e6,
                              "expires_us": 0, "by": "kill"})
        since = time.time()
        threading.Event().wait(self.random.uniform(0, 2))
        self.site.start(self.site.port)
        self.unseen.append((since, time.time() + VERIFY))

    def tear_ledger(self):
        """What a crash in the middle of a write leaves, and worse."""
        path = self.house.ledger_file
        with open(path, "rb") as file:
            content = file.read()
        lines = content.splitlines(keepends=True)
        how = self.random.randrange(3)
        if how == 0:
            content = content[:-self.random.randrange(1, 40)]
        elif how == 1 and lines:
            lines.insert(self.random.randrange(len(lines)), bytes(self.random.randrange(256) for _ in range(60)) + b"\n")
            content = b"".join(lines)
        elif lines:
            lines[self.random.randrange(len(lines))] = b"{\"kind\": \"off\"\n"
            content = b"".join(lines)
        with open(path, "wb") as file:
            file.write(content)

    def run(self, faults):
        """Kills, and these faults, at random moments; the first kill may hit the first POST."""
        moments = [self.random.uniform(START, START + 0.3)]
        moments += [self.random.uniform(1, SECONDS - 2) for _ in range(KILLS - 1)]
        plan = [(moment, self.kill) for moment in moments]
        plan += [(self.random.uniform(1, SECONDS - 3 * START), fault) for fault in faults]
        self.house.start()
        for moment, strike in sorted(plan, key=lambda entry: entry[0]):
            threading.Event().wait(max(0, moment - (utc(0) - self.began).total_seconds()))
            strike()
        # A POST without a reply may still act: the last DELETE against it comes two minutes later.
        self.house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"] and
                               utc(0) > self.closes, patience=150)
        self.house.notify.shutdown(socket.SHUT_RDWR)
        return self.lost_log + self.site.log()


def held(log, world, excuses=(), memory=True):
    """I1 to I4, as far as that world's faults allow each; says what was measured."""
    spans = site_truth.lives(log, USER, time.time())
    exposure = site_truth.longest_exposure(spans, world.window)
    gap = world.longest_gap(spans, excuses)
    down = max(until - since for since, until in world.downs())
    print(f"# {len(world.killed)} kills, longest exposure {exposure:.3f} s, longest gap {gap:.3f} s beside those of up "
          f"to {down:.3f} s without a daemon, {sum(entry['event'] == 'call' for entry in log)} calls", flush=True)
    demand(exposure <= SLACK, f"seed {SEED}: the key was live for {exposure:.3f} s outside of its window: {spans}")
    demand(not site_truth.bad_minutes(log), f"seed {SEED}: {site_truth.bad_minutes(log)}")
    demand(not memory or not site_truth.crowded(log), f"seed {SEED}: too many POSTs at {site_truth.crowded(log)}")
    demand(gap <= SLACK, f"seed {SEED}: no key for {gap:.3f} s: {spans}, of which {world.downs()} without a daemon")
    demand(len(world.killed) >= KILLS, f"{len(world.killed)} kills")


def killed(house):
    world = World(house, "killed")
    held(world.run([]), world)


def killed_again(house):
    world = World(house, "killed again")
    held(world.run([]), world)


def replies_cut(house):
    world = World(house, "cut")
    cuts = itertools.count(1)

    def cut():
        if next(cuts) % 16 == 0:
            world.site.clear()  # those that wait for a call that seldom comes, of which the site takes so many only
        world.site.fault(call=world.random.choice(["post", "get", "delete"]), count=1, drop=True,
                         acts=world.random.random() < 0.7)
    log = world.run([cut] * (2 * KILLS))
    held(log, world, excuses=[*site_truth.retries(log), *site_truth.held_back(log)])


def ledger_torn(house):
    world = World(house, "torn")
    held(world.run([lambda: world.kill(world.tear_ledger)] * KILLS), world, memory=False)


def site_killed(house):
    world = World(house, "site")
    held(world.run([world.kill_site] * max(1, KILLS // 3)), world)


def site_clock_off(house):
    """An hour ahead, and right again: while the clocks disagree, the key is on only where both say so."""
    world = World(house, "clock")

    def set_clock():
        since = time.time()
        world.site.set_clock(world.random.choice([-3600, 3600]))
        threading.Event().wait(world.random.uniform(2, 5))
        world.site.set_clock(0)
        world.unseen.append((since, time.time() + VERIFY))
    held(world.run([set_clock] * max(1, KILLS // 3)), world)


def log_entry(at, change, expires):
    return {"event": "key", "account": USER, "change": change, "at_us": at * 1e6, "expires_us": expires * 1e6}


def checks_can_fail(_):
    """The analysis itself, on logs made by hand."""
    span = (100, 160)
    good = [log_entry(100, "enabled", 160)]
    demand(site_truth.lives(good, USER, 1000) == [span], "a key lives to its expiry")
    demand(site_truth.lives([*good, log_entry(130, "disabled", 0)], USER, 1000) == [(100, 130)], "or to its end")
    demand(site_truth.lives([*good, log_entry(140, "renewed", 200)], USER, 180) == [(100, 180)], "or on")
    demand(site_truth.longest_exposure([span], (100, 160)) == 0, "no exposure")
    demand(site_truth.longest_exposure([span], (110, 160)) == 10, "too early")
    demand(site_truth.longest_exposure([span], (100, 150)) == 10, "too late")
    demand(site_truth.longest_exposure([(300, 310)], (100, 150)) == 10, "much too late")
    demand(site_truth.longest_gap([span], (100, 160)) == 0, "no gap")
    demand(site_truth.longest_gap([(105, 120), (130, 160)], (100, 162)) == 10, "the longest of three")
    demand(site_truth.longest_gap([], (100, 160)) == 60, "nothing but a gap")
    demand(site_truth.longest_gap([], (100, 160), [(90, 130)]) == 30, "what is left of one that has an excuse")
    calls = [{"event": "call", "call": call, "at_us": at * 1e6, "status": status} for at, call, status in (
        (0, "get", 404), (1, "post", 0), (2, "get", 500), (5, "get", 404), (6, "post", 0), (7, "post", 200))]
    demand(site_truth.retries(calls) == [(1, 2), (2, 4), (6, 7)], "a second, and two")
    demand(site_truth.held_back(calls) == [(7, 61)], "the third POST within a minute")
    post = {"event": "call", "call": "post", "at_us": 0, "minutes": 0}
    demand(site_truth.bad_minutes([post]) == [post], "0 minutes")
    shorter = [*good, log_entry(110, "renewed", 150)]
    demand(site_truth.bad_minutes(shorter) == [shorter[1]], "an expiry moved earlier")
    demand(not site_truth.bad_minutes([*good, log_entry(110, "renewed", 170)]), "an expiry moved later")
    many = [log_entry(at, "renewed", at + 60) for at in (0, 10, 20, 30)]
    demand(site_truth.crowded(many) == [30], "four grants in a minute")
    demand(not site_truth.crowded(many[:3]), "three grants in a minute")


if __name__ == "__main__":
    print(f"# CHAOS_SEED={SEED}", flush=True)
    run_tests([
        ("the checks can fail", checks_can_fail),
        ("killed at random moments", killed),
        ("killed at other moments", killed_again),
        ("killed, and replies cut", replies_cut),
        ("killed, and the ledger torn", ledger_torn),
        ("killed, and the site killed", site_killed),
        ("killed, and the site's clock an hour off", site_clock_off),
    ])
