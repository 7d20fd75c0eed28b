#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""adminkeyd --test-site: what one read of a site's key tells, and a trial that leaves nothing behind."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import BUILD, TOKEN, USER, demand, run_tests  # noqa: E402  pylint: disable=wrong-import-position


def ask(house, *options, site="acme", environment=None):
    """The exit status, and what was printed."""
    result = subprocess.run([os.path.join(BUILD, "adminkeyd"), "--policy", house.policy, "--test-site", site, *options],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
                            env={**os.environ, **(environment or {})})
    demand(TOKEN not in result.stdout + result.stderr, "the token is never shown")
    return result


def findings(house, *options, status=0, **keys):
    house.write_policy(house.policy_of({"acme": keys}))
    result = ask(house, "--json", *options)
    demand(result.returncode == status, f"it ends with {result.returncode}: {result.stdout}{result.stderr}")
    return json.loads(result.stdout)


def a_read(house):
    site = house.add_site()
    found = findings(house)
    wanted = {"site": "acme", "url": site.url, "user": USER, "call": "get", "verdict": "done", "suspect": None,
              "http_status": 404, "detail": None, "clock_offset_ms": 0, "key": None, "proxy": None, "trial": None,
              "tls": {"verified": True, "ca_file": site.ca_file}}
    demand({**found, "detail": None, "request_id": "", "date": ""} == {**wanted, "request_id": "", "date": ""}, found)
    demand(found["date"].endswith("Z") and found["request_id"].startswith("practice"), found)
    demand([call["call"] for call in site.calls()] == ["get"], "one GET was made, and nothing else")
    demand(not os.listdir(house.state), "nothing was written")


def a_live_key(house):
    site = house.add_site()
    site.other_actor(30)
    found = findings(house, "--enable")
    demand(found["key"]["expires"] and found["trial"] == {"result": "key_is_live", "proved_off": False}, found)
    demand([call["call"] for call in site.calls()] == ["get"], "a live key is left alone")


def a_trial(house):
    site = house.add_site()
    found = findings(house, "--enable")
    demand(found["verdict"] == "done" and found["call"] == "delete", found)
    demand(found["trial"] == {"result": "tried", "proved_off": True}, found)
    demand([call["call"] for call in site.calls()] == ["get", "post", "get", "delete"], site.calls())
    demand(site.key_spans()[0][1], "the key is off again")


def a_trial_without_rights(house):
    site = house.add_site(accounts=[f"{USER}:{TOKEN}:member"])
    found = findings(house, "--enable", status=1)
    demand((found["call"], found["verdict"], found["suspect"]) == ("post", "transient", "not_eligible"), found)
    demand(site.calls("delete") == [], "what was refused needs no DELETE")


def a_trial_whose_reply_is_lost(house):
    site = house.add_site()
    site.fault(call="post", count=1, drop=True, acts=True)
    found = findings(house, "--enable", status=1)
    demand(found["call"] == "post" and found["trial"]["proved_off"], found)
    demand(site.key_spans()[0][1], "the key is off again")


def a_trial_whose_delete_fails_at_first(house):
    site = house.add_site()
    site.fault(call="delete", count=1, status=500)
    found = findings(house, "--enable")
    demand(found["trial"]["proved_off"] and len(site.calls("delete")) == 2, found)


def a_policy_that_does_not_enforce(house):
    site = house.add_site()
    found = findings(house, "--enable", enforce="no")
    demand(found["trial"]["result"] == "not_enforced" and site.calls("post") == [], found)


def a_wrong_token(house):
    house.add_site(accounts=[f"{USER}:another:admin"])
    found = findings(house, status=1)
    demand(found["http_status"] == 401 and "credential" in (found["verdict"], found["suspect"]), found)


def a_strange_certificate(house):
    site = house.add_site()
    found = findings(house, status=1, ca_file=site.stranger_ca_file)
    demand(found["verdict"] == "untrusted" and found["tls"]["verified"] is False, found)
    demand(found["http_status"] is None and found["date"] is None and found["clock_offset_ms"] is None, found)


def no_token(house):
    house.add_site()
    found = findings(house, status=1, token="/nonexistent/token")
    demand(found["verdict"] == "credential" and "/nonexistent/token" in found["detail"], found)


def a_credential(house):
    house.add_site()
    with open(os.path.join(house.folder, "adminkeyd_acme"), "w", encoding="ascii",
              opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(TOKEN)
    house.write_policy(house.policy_of({"acme": {"token": "acme"}}))
    demand(ask(house, environment={"CREDENTIALS_DIRECTORY": house.folder}).returncode == 0, "the credential is read")


def a_clock_that_is_off(house):
    site = house.add_site()
    site.set_clock(3600)
    demand(abs(findings(house)["clock_offset_ms"] - 3600000) < 3000, "an hour")


def in_words(house):
    house.add_site(accounts=[f"{USER}:{TOKEN}:member"])
    house.write_policy(house.policy_of({"acme": {}}))
    result = ask(house, "--enable")
    demand(result.returncode == 1 and "not_eligible" in result.stdout, result.stdout)
    demand("Premium or Enterprise" in result.stdout, result.stdout)


def wrong_usage(house):
    house.add_site()
    house.write_policy(house.policy_of({"acme": {}}))
    demand(ask(house, site="nobody").returncode == 2, "no such site")
    demand(ask(house, "--revoke-only").returncode == 2, "two things at once")
    house.write_policy("version: 1\n")
    demand(ask(house).returncode == 78, "a policy that is refused")


if __name__ == "__main__":
    run_tests([
        ("a read: one GET, told with all that is known of it", a_read),
        ("a trial leaves a live key alone", a_live_key),
        ("a trial switches on and off", a_trial),
        ("a trial without the right: not eligible, if it stays so", a_trial_without_rights),
        ("a trial whose reply is lost is switched off all the same", a_trial_whose_reply_is_lost),
        ("a trial's DELETE is tried again", a_trial_whose_delete_fails_at_first),
        ("enforce: no forbids a trial", a_policy_that_does_not_enforce),
        ("a wrong token: credential", a_wrong_token),
        ("a strange certificate: untrusted", a_strange_certificate),
        ("a token that cannot be read is named", no_token),
        ("a credential of systemd's is read", a_credential),
        ("a clock that is off is measured", a_clock_that_is_off),
        ("words name the remedy", in_words),
        ("wrong usage and a refused policy have their exit statuses", wrong_usage),
    ])
