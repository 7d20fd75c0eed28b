#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a key, told by the site: two-minute keys in a three-minute window, over real TLS in real time."""

import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import House, demand, run_tests, utc, window  # noqa: E402  pylint: disable=wrong-import-position


def a_window_from_end_to_end(house: House):
    site = house.add_site()
    start = utc(4).replace(microsecond=0)
    end = start + datetime.timedelta(seconds=180)
    house.write_policy(house.policy_of({"acme": {"duration": "2m", "maintenance_windows": window(start, end)}}))
    house.start()

    site.wait("enabled", timeout=20)
    house.wait_status("acme", lambda status: status["state"] == "on")
    site.wait("renewed", timeout=120)
    house.wait_status("acme", lambda status: status["state"] == "off" and status["proved_off"], patience=150)

    spans = site.key_spans()
    posts = site.calls("post")
    demand(len(spans) == 1, f"the key was on once, without a gap: {spans}")
    on, off = spans[0]
    print(f"# on {on - start.timestamp():.3f} s after the window's start, "
          f"off {off - end.timestamp():.3f} s after its end, {len(posts)} POSTs")
    demand(0 <= on - start.timestamp() <= 1, "it was enabled within a second of the start, and not before it")
    demand(0 <= off - end.timestamp() <= 1, "it was off within a second of the end, and not before it")
    demand(len(posts) == 2, f"two POSTs were enough: {posts}")
    for post in posts:
        demand(post["expires_us"] / 1e6 <= end.timestamp() + 1.5, "no expiry lies beyond the window's end")
    house.stop()


if __name__ == "__main__":
    run_tests([("a three-minute window of two-minute keys", a_window_from_end_to_end)])
