#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The practice site against the vendor's description, over TLS, with Python's own client."""

import base64
import datetime
import http.client
import json
import os
import ssl
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.join(os.environ["abs_top_srcdir"], "tests/site"))
from practice_site import PracticeSite, TOKEN, USER  # noqa: E402

BUILD, SOURCE = os.environ["abs_top_builddir"], os.environ["abs_top_srcdir"]
PATH = "/wiki/api/v2/admin-key"
ACCOUNTS = [f"{USER}:{TOKEN}:admin", "member@acme.example:member-token:member"]


def call(site, method, body=None, user=USER, token=TOKEN, path=PATH, headers=None, ca_file=None):
    context = ssl.create_default_context(cafile=ca_file or site.ca_file)
    connection = http.client.HTTPSConnection("127.0.0.1", site.port, context=context, timeout=10)
    headers = dict(headers or {})
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()
    try:
        connection.request(method, path, body=body, headers=headers)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


def minutes_left(body):
    expires = datetime.datetime.fromisoformat(json.loads(body)["expirationTime"].replace("Z", "+00:00"))
    return (expires - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 60


def close_to(value, wanted):
    assert abs(value - wanted) < 0.2, f"{value} is not {wanted}"


def test_no_key_at_first(site):
    assert call(site, "GET")[0] == 404
    assert call(site, "DELETE")[0] == 204


def test_enable_read_disable(site):
    status, headers, body = call(site, "POST", json.dumps({"durationInMinutes": 60}))
    assert status == 200 and "Date" in headers and "atl-traceid" in headers
    assert json.loads(body)["expirationTime"].endswith("Z")
    close_to(minutes_left(body), 60)
    status, _, body = call(site, "GET")
    assert status == 200
    close_to(minutes_left(body), 60)
    assert call(site, "DELETE")[0] == 204
    assert call(site, "GET")[0] == 404


def test_no_minutes_are_ten(site):
    for body in (None, "", "{}", json.dumps({"durationInMinutes": 0})):
        status, _, reply = call(site, "POST", body)
        assert status == 200, body
        close_to(minutes_left(reply), 10)


def test_wrong_minutes(site):
    for minutes in (61, -1, 2.5, "60"):
        assert call(site, "POST", json.dumps({"durationInMinutes": minutes}))[0] == 400, minutes
    assert call(site, "POST", "not json")[0] == 400


def test_who_may_not(site):
    for method in ("GET", "POST", "DELETE"):
        assert call(site, method, token="wrong")[0] == 401
        assert call(site, method, user=None)[0] == 401
        assert call(site, method, user="member@acme.example", token="member-token")[0] == 404


def test_restricted_page(site):
    page, header = "/wiki/api/v2/pages/42", {"Atl-Confluence-With-Admin-Key": "true"}
    assert call(site, "GET", path=page, headers=header)[0] == 404
    call(site, "POST", json.dumps({"durationInMinutes": 1}))
    assert call(site, "GET", path=page, headers=header)[0] == 200
    assert call(site, "GET", path=page)[0] == 404


def test_statuses_on_demand(site):
    site.fault(call="get", count=1, status=429, headers={"Retry-After": "1847"})
    status, headers, _ = call(site, "GET")
    assert status == 429 and headers["Retry-After"] == "1847"
    site.fault(call="post", count=1, status=500)
    assert call(site, "POST")[0] == 500
    assert call(site, "GET")[0] == 404
    site.fault(call="post", count=1, status=500, acts=True)
    assert call(site, "POST")[0] == 500
    assert call(site, "GET")[0] == 200


def test_lost_replies(site):
    for acts, after in ((False, 404), (True, 200)):
        site.fault(call="post", count=1, drop=True, acts=acts)
        try:
            call(site, "POST")
            raise AssertionError("there was a reply")
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
            pass
        assert call(site, "GET")[0] == after
        call(site, "DELETE")


def test_strange_bodies(site):
    site.fault(call="post", count=1, expiry="past")
    assert json.loads(call(site, "POST")[2])["expirationTime"].startswith("2020-")
    site.fault(call="post", count=1, expiry="none")
    assert "expirationTime" not in json.loads(call(site, "POST")[2])
    site.fault(call="post", count=1, minutes=5)
    close_to(minutes_left(call(site, "POST", json.dumps({"durationInMinutes": 60}))[2]), 5)
    site.fault(call="get", count=1, body="oversized")
    assert len(call(site, "GET")[2]) > 65536
    site.fault(call="get", count=1, body="truncated")
    try:
        call(site, "GET")
        raise AssertionError("the body was whole")
    except (http.client.IncompleteRead, ConnectionError, ssl.SSLError):
        pass


def test_clock_that_is_off(site):
    site.set_clock(3600)
    _, headers, body = call(site, "POST", json.dumps({"durationInMinutes": 10}))
    close_to(minutes_left(body), 70)
    site.set_clock(7200)
    assert call(site, "GET")[0] == 404
    site.set_clock(0)


def test_other_actor_and_waiting(site):
    before = len([e for e in site.log() if e["event"] == "key" and e["change"] == "enabled"])
    call(site, "DELETE")
    site.other_actor(5)
    site.wait("enabled", before + 1)
    assert site.state()["live"]
    assert call(site, "GET")[0] == 200
    site.other_actor(0)
    assert not site.state()["live"]


def test_a_stranger_is_not_trusted(site):
    try:
        call(site, "GET", ca_file=site.stranger_ca_file)
        raise AssertionError("the certificate was trusted")
    except ssl.SSLCertVerificationError:
        pass


def test_wrong_commands_are_refused(site):
    assert not site.command(command="fault", misspelt=1)["ok"]
    assert not site.command(command="nothing")["ok"]
    assert not site.command(command="wait", **{"for": "renewed"}, count=10 ** 6, timeout_ms=10)["ok"]


def test_guesses(_):
    with tempfile.TemporaryDirectory() as work, \
         PracticeSite(BUILD, SOURCE, work, options=["--guess-clamp", "--guess-never-shorten", "--guess-round"]) as site:
        close_to(minutes_left(call(site, "POST", json.dumps({"durationInMinutes": 90}))[2]), 60)
        body = call(site, "POST", json.dumps({"durationInMinutes": 1}))[2]
        close_to(minutes_left(body), 60)
        assert json.loads(body)["expirationTime"].endswith(".000Z")


def test_neither_premium_nor_enterprise(_):
    with tempfile.TemporaryDirectory() as work, \
         PracticeSite(BUILD, SOURCE, work, options=["--standard"]) as site:
        for method in ("GET", "POST", "DELETE"):
            assert call(site, method)[0] == 404


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests) + 1}")
    number = failed = 0
    with tempfile.TemporaryDirectory() as work:
        site = PracticeSite(BUILD, SOURCE, work, accounts=ACCOUNTS).start()
        for number, (name, test) in enumerate(tests, 1):
            try:
                test(site)
                print(f"ok {number} - {name}")
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print("# " + traceback.format_exc().replace("\n", "\n# "))
                print(f"not ok {number} - {name}")
            site.clear()
            site.set_clock(0)
            call(site, "DELETE")
        status = site.stop()
        print(f"{'ok' if status == 0 else 'not ok'} {number + 1} - ends in order when asked to")
    return 1 if failed or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
