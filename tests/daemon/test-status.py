#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Status tells the truth: for each verdict the JSON and what people read, over real TLS; and what an outage, or a
clock that is off, does to a key that is live."""

import datetime
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, BUILD, House, demand, run_tests  # noqa: E402  pylint: disable=wrong-import-position

SERAPH = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
# verdict: the fault, the state that it leads to, the detail, and words that tell people what to do
VERDICTS = {
    "throttled": ({"call": "any", "status": 429, "headers": {"Retry-After": "900"}}, "unknown", "HTTP 429 to GET",
                  "asks for fewer requests"),
    "transient": ({"call": "any", "status": 503}, "unknown", "HTTP 503 to GET", "trying again"),
    "credential": ({"call": "any", "status": 401, "headers": SERAPH}, "blocked", "HTTP 401 to GET", "new unscoped API token"),
    "not_eligible": ({"call": "post", "status": 403}, "blocked", "HTTP 403 to POST", "Premium or Enterprise"),
    "refused": ({"call": "any", "status": 400}, "blocked", "HTTP 400 to GET", "report this with the request id"),
    "implausible": ({"call": "post", "expiry": "past"}, None, "2020-01-01", "nothing is believed of it"),
}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def shown(house, *arguments):
    """What adminkeyctl status prints, and its exit status."""
    done = subprocess.run([os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, "status", *arguments],
                          capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, " ".join(done.stdout.split())


def look(house, done):
    """The status, its exit status and its text, all of one moment: a retry in between would tell of another call."""
    while True:
        status = house.wait_status("acme", done, patience=260)
        code, text = shown(house)
        if house.status("acme")["last_error"] == status["last_error"]:
            return status, code, text


def begin(house: House, fault=None, **keys):
    site = house.add_site()
    if fault:
        site.fault(**fault)
    house.write_policy(house.policy_of({"acme": dict({"maintenance_windows": ALWAYS}, **keys)}))
    house.start()
    return site


def told(verdict):
    def test(house):
        fault, state, detail, words = VERDICTS[verdict]
        begin(house, fault)
        status, code, text = look(house, lambda status: (status["last_error"] or {}).get("verdict") == verdict)
        error = status["last_error"]
        demand(detail in error["detail"], error)
        demand(error["request_id"] and error["request_id"].startswith("practice"), error)
        demand(abs(instant(error["at"]) - datetime.datetime.now(datetime.timezone.utc)).total_seconds() < 20, error)
        demand(status["failures"] >= 1 and status["goal"] == "on", status)
        demand(state is None or status["state"] == state, status)
        demand(status["state"] != "on" and status["expires"] is None and status["proved_off"] is None, status)
        demand(code == 3 or status["agrees"], f"exit status {code}: {text}")
        demand(words in text and error["detail"] in text and error["request_id"] in text, text)
        demand("Next: another try" in text, text)
        house.wait_said(words)
    return test


def untrusted(house):
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": {"ca_file": site.stranger_ca_file, "maintenance_windows": ALWAYS}}))
    house.start()
    status = house.wait_status("acme", lambda status: (status["last_error"] or {}).get("verdict") == "untrusted")
    demand(status["last_error"]["request_id"] is None and status["state"] == "unknown", status)
    demand("The site's certificate is not to be trusted" in shown(house)[1], shown(house))


def done(house):
    begin(house)
    status = house.wait_status("acme", lambda status: status["state"] == "on")
    demand(status["last_error"] is None and status["failures"] == 0 and status["agrees"], status)
    demand(status["clock_offset_ms"] == 0, status)
    code, text = shown(house, "acme")
    demand(code == 0 and "on" in text and "error" not in text, text)


def outage(house):
    """A key that is live when the site is lost: it tells how long that is no harm, and what was tried."""
    site = begin(house, duration="1m", renewal="{before: 1m, spread: 0s}")
    status = house.wait_status("acme", lambda status: status["state"] == "on")
    demand(status["outage_tolerated_until"] == status["expires"], "the key's end is the end of patience")
    demand(instant(status["renews"]) < instant(status["expires"]), status)
    demand("Outage: the site may be out of reach until" in shown(house)[1], shown(house)[1])
    port = site.port
    site.stop()
    status = house.wait_status("acme", lambda status: status["last_error"] and status["state"] == "on", patience=60)
    demand(status["agrees"] and status["last_error"]["verdict"] == "transient", status)
    demand(status["outage_tolerated_until"] == status["expires"], status)
    status = house.wait_status("acme", lambda status: status["outage_tolerated_until"] is None, patience=90)
    demand(status["state"] != "on" and status["expires"] is None and status["failures"] > 1, status)
    site.start(port)
    status = house.wait_status("acme", lambda status: status["state"] == "on" and status["failures"] == 0, patience=90)
    demand(status["last_error"] is None and status["agrees"], status)


def clock(house):
    site = house.add_site()
    site.set_clock(-12)
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS}}))
    house.start()
    status = house.wait_status("acme", lambda status: status["state"] == "on")
    demand(-12600 <= status["clock_offset_ms"] <= -10000, status)
    demand("s behind this machine's" in shown(house)[1], shown(house)[1])


def clock_ahead(house):
    """The site's clock tells when a key ends, and this machine's how long that is: one that is ahead prolongs nothing."""
    site = house.add_site()
    site.set_clock(3600)
    house.write_policy(house.policy_of({"acme": {"maintenance_windows": ALWAYS, "duration": "30m"}}))
    house.start()
    status = house.wait_status("acme", lambda status: status["state"] == "on")
    left = instant(status["expires"]) - datetime.datetime.now(datetime.timezone.utc)
    demand(88 * 60 < left.total_seconds() < 90 * 60 + 5, status)
    tolerated = instant(status["outage_tolerated_until"]) - datetime.datetime.now(datetime.timezone.utc)
    demand(28 * 60 < tolerated.total_seconds() < 30 * 60 + 5, status)
    text = shown(house, "acme")[1]
    demand("on, 29m" in text or "on, 30m" in text, text)
    demand("ahead of this machine's" in text and ("29m" in text or "30m" in text.split("Outage:")[1]), text)
    done_waiting = subprocess.run([os.path.join(BUILD, "adminkeyctl"), "--socket", house.socket, "wait", "acme", "--on",
                                   "--min-remaining", "45m", "--timeout", "1s"], capture_output=True, text=True, timeout=20,
                                  check=False)
    demand(done_waiting.returncode != 0, "a key of 30 minutes was taken for one of 45")


def limit(house):
    """A limit that is spent: off as the policy wants it, and since when and until when."""
    begin(house, duration="1m", limits="{per_day: 1m}")
    status = house.wait_status("acme", lambda status: (status["cause"] or {}).get("kind") == "limit", patience=90)
    demand(status["goal"] == "off" and status["limits"]["per_day"]["limit_s"] == 60, status)
    demand(58 <= status["limits"]["per_day"]["used_s"] <= 61, status)
    demand(status["limits"]["per_day"]["until"] == status["next_change"]["at"], status)
    house.wait_status("acme", lambda status: status["state"] == "off" and status["agrees"])
    code, text = shown(house, "acme")
    demand(code == 0 and "Because: a limit is spent" in text and "of 1m a day: spent until" in text, text)
    house.wait_said("a limit of the policy is spent")


if __name__ == "__main__":
    run_tests([("done", done), *((verdict, told(verdict)) for verdict in VERDICTS), ("untrusted", untrusted),
               ("an outage while a key is live", outage), ("a clock that is 12 s behind", clock),
               ("a clock that is an hour ahead", clock_ahead), ("a limit that is spent", limit)])
