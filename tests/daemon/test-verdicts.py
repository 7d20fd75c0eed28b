#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon makes of sites that answer wrongly, or not at all: verdict, words and delays, over real TLS."""

import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import ALWAYS, House, demand, run_tests  # noqa: E402  pylint: disable=wrong-import-position


def begin(house: House, fault=None, **keys):
    site = house.add_site()
    if fault:
        site.fault(**fault)
    house.write_policy(house.policy_of({"acme": dict({"maintenance_windows": ALWAYS}, **keys)}))
    house.start()
    return site


def failed_with(verdict):
    return lambda status: status["last_error"] and status["last_error"]["verdict"] == verdict


def gaps(calls):
    times = [call["at_us"] / 1e6 for call in calls]
    return [later - earlier for earlier, later in zip(times, times[1:])]


def demand_doubling(calls):
    """Rule: each delay lies in [c/2, c], c = 1 s doubling to 60 s. Half a second is allowed for a busy machine."""
    for number, gap in enumerate(gaps(calls)):
        most = min(60, 2 ** number)
        demand(most / 2 - 0.01 <= gap <= most + 0.5, f"delay {number + 1} was {gap:.3f} s, not {most / 2} to {most} s")


def http_500(house):
    site = begin(house, {"call": "any", "status": 500})
    status = house.wait_status("acme", failed_with("transient"))
    demand(status["last_error"]["detail"] == "HTTP 500 to GET", status["last_error"])
    demand(status["last_error"]["request_id"].startswith("practice"), "the request id is told")
    site.wait("get", 5, timeout=40)
    demand_doubling(site.calls("get")[:5])
    demand("HTTP 500 to GET" in house.said(), "the journal says so")
    site.clear()
    house.wait_status("acme", lambda status: status["state"] == "on", patience=40)
    house.wait_said("the site answers again")


def http_401(house):
    site = begin(house, {"call": "any", "status": 401, "body": "html"})
    house.wait_status("acme", failed_with("transient"))
    status = house.wait_status("acme", failed_with("credential"), patience=150)
    calls = site.calls("get")
    demand(status["state"] == "blocked", "it is blocked once it is sure")
    demand(len(calls) >= 3 and (calls[-1]["at_us"] - calls[0]["at_us"]) / 1e6 >= 60, "it was seen 3 times over 60 s")
    house.wait_said("does not accept user and token")


def http_401_with_a_reason(house):
    begin(house, {"call": "any", "status": 401, "headers": {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}})
    status = house.wait_status("acme", failed_with("credential"))
    demand(status["state"] == "blocked" and status["failures"] == 1, "the site's own word is conclusive at once")


def http_404(house):
    site = begin(house, {"call": "post", "status": 404})
    house.wait_status("acme", failed_with("transient"))
    status = house.wait_status("acme", failed_with("not_eligible"), patience=260)
    calls = site.calls("post")
    demand(status["state"] == "blocked" and not status["agrees"], "it is blocked once it is sure")
    demand(len(calls) >= 3 and (calls[-1]["at_us"] - calls[0]["at_us"]) / 1e6 >= 120, "it was seen 3 times over 2 min")
    house.wait_said("Premium or Enterprise")


def http_429(house):
    site = begin(house, {"call": "get", "count": 1, "status": 429, "headers": {"Retry-After": "4"}})
    house.wait_status("acme", failed_with("throttled"))
    site.wait("get", 2, timeout=20)
    demand(gaps(site.calls("get"))[0] >= 4, "no call came before Retry-After was over")


def connection_refused(house):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        house.write_policy(house.policy_of({"acme": {"url": f"https://127.0.0.1:{port}", "maintenance_windows": ALWAYS}}))
        house.start()
        status = house.wait_status("acme", failed_with("transient"))
        demand("no connection" in status["last_error"]["detail"], status["last_error"])


def wrong_ca(house):
    site = house.add_site()
    house.write_policy(house.policy_of({"acme": {"ca_file": site.stranger_ca_file, "maintenance_windows": ALWAYS}}))
    house.start()
    status = house.wait_status("acme", failed_with("untrusted"))
    demand("certificate" in status["last_error"]["detail"], status["last_error"])
    demand(site.calls() == [], "no request, and so no credential, was sent")
    house.wait_said("ca_file")


def expired_years_ago(house):
    site = begin(house, {"call": "post", "expiry": "past"})
    status = house.wait_status("acme", failed_with("implausible"))
    demand("2020-01-01" in status["last_error"]["detail"], status["last_error"])
    demand(status["state"] != "on", "nothing is believed of it")
    site.clear()
    house.wait_status("acme", lambda status: status["state"] == "on")


def reply_cut_and_lost(house):
    site = begin(house, {"call": "post", "count": 1, "drop": True, "acts": True})
    status = house.wait_status("acme", lambda status: status["state"] == "on")
    demand(status["foreign"] is None, "the key whose reply was lost is known as ours")
    demand(len(site.calls("post")) == 1, "and no second one was asked for")


def oversized_reply(house):
    begin(house, {"call": "get", "count": 1, "body": "oversized"})
    house.wait_status("acme", failed_with("implausible"))
    house.wait_status("acme", lambda status: status["state"] == "on")


def redirect(house):
    site = begin(house, {"call": "get", "count": 1, "status": 302, "headers": {"Location": "/wiki/api/v2/pages/42"}})
    house.wait_status("acme", failed_with("transient"))
    house.wait_status("acme", lambda status: status["state"] == "on")
    demand(site.calls("page") == [], "the redirect was not followed")


def wrong_clock(house):
    site = house.add_site()
    site.set_clock(3600 * 24 * 3)
    house.write_policy(house.policy_of({"acme": {"active_hours": "[{weekdays: [" + weekday_now() + "]}]"}}))
    house.start()
    house.wait_said("the site's clock is")
    status = house.status("acme")
    demand(site.calls("post") == [], "a wrong clock opens nothing")
    demand(abs(status["clock_offset_ms"] - 3 * 86400000) < 3000, status["clock_offset_ms"])


def weekday_now():
    import datetime  # pylint: disable=import-outside-toplevel
    return datetime.datetime.now(datetime.timezone.utc).strftime("%A").lower()


if __name__ == "__main__":
    run_tests([
        ("500: transient, with delays that double", http_500),
        ("401: credential after a minute", http_401),
        ("401 with the site's reason: credential at once", http_401_with_a_reason),
        ("404 to POST: not eligible after two minutes", http_404),
        ("429: Retry-After is kept", http_429),
        ("a refused connection: transient", connection_refused),
        ("a wrong CA: untrusted, and no credential sent", wrong_ca),
        ("a key that expired years ago: implausible", expired_years_ago),
        ("a reply lost after the site acted: settled by a read", reply_cut_and_lost),
        ("an oversized reply: implausible", oversized_reply),
        ("a redirect is not followed", redirect),
        ("clocks three days apart: nothing is opened", wrong_clock),
    ])
