# SPDX-License-Identifier: GPL-3.0-or-later
"""The invariants of exposure, coverage, minutes and rate, held against a practice site's own log."""

GRANTS = ("enabled", "renewed")


def lives(log, account, end):
    """The stretches of true time in which the account's key was live: [(from, until)], in seconds; `end` is now."""
    spans, since, expires = [], None, None
    for entry in log:
        if entry["event"] != "key" or entry["account"] != account:
            continue
        at = entry["at_us"] / 1e6
        if since is not None and expires <= at:
            spans.append((since, expires))
            since = None
        if entry["change"] in GRANTS:
            since = at if since is None else since
            expires = entry["expires_us"] / 1e6
        elif since is not None:
            spans.append((since, at))
            since = None
    if since is not None:
        spans.append((since, min(expires, end)))
    return spans


def overlap(span, window):
    return max(0, min(span[1], window[1]) - max(span[0], window[0]))


def longest_exposure(spans, window):
    """The longest that the key was live at a stretch outside of the window: before its start, or after its end."""
    before = [min(until, window[0]) - since for since, until in spans if since < window[0]]
    after = [until - max(since, window[1]) for since, until in spans if until > window[1]]
    return max(before + after + [0])


def gaps(spans, window):
    """The stretches inside the window without a key."""
    found, at = [], window[0]
    for since, until in sorted(spans):
        if until <= window[0] or since >= window[1]:
            continue
        if since > at:
            found.append((at, since))
        at = max(at, until)
    return found + ([(at, window[1])] if at < window[1] else [])


def longest_gap(spans, window, excuses=()):
    """The longest stretch inside the window without a key, and without an excuse."""
    return max([until - since for since, until in gaps([*spans, *excuses], window)] + [0])


def has_failed(entry):
    return entry["status"] == 0 or entry["status"] >= 400 and (entry["call"], entry["status"]) != ("get", 404)


def retries(log, longest=60):
    """After each call that failed, for how long nobody may try again: a second, doubling in a row."""
    spans, in_a_row = [], 0
    for entry in log:
        if entry["event"] == "call":
            in_a_row = in_a_row + 1 if has_failed(entry) else 0
            if in_a_row:
                spans.append((entry["at_us"] / 1e6, entry["at_us"] / 1e6 + min(2 ** (in_a_row - 1), longest)))
    return spans


def held_back(log, most_a_minute=3):
    """When another POST would be one too many: each counts as a grant until it is known to be none."""
    posts = [entry["at_us"] / 1e6 for entry in log if entry["event"] == "call" and entry["call"] == "post"]
    return [(last, first + 60) for first, last in zip(posts, posts[most_a_minute - 1:]) if last - first < 60]


def bad_minutes(log):
    """I3: POSTs that do not carry 1 to 60 minutes, and renewals that moved the expiry earlier by more than a second."""
    bad = [entry for entry in log if entry["event"] == "call" and entry["call"] == "post" and
           not 1 <= entry.get("minutes", 0) <= 60]
    expires = {}
    for entry in log:
        if entry["event"] != "key":
            continue
        live = expires.get(entry["account"], 0)
        if entry["change"] == "renewed" and entry["expires_us"] < live - 1000000:
            bad.append(entry)
        expires[entry["account"]] = entry["expires_us"] if entry["change"] in GRANTS else 0
    return bad


def crowded(log, most_a_minute=3, most_posts_an_hour=150):
    """I4: grants of which more than three fell into some minute, and POSTs beyond 150 an hour."""
    grants = [entry["at_us"] / 1e6 for entry in log if entry["event"] == "key" and entry["change"] in GRANTS]
    posts = [entry["at_us"] / 1e6 for entry in log if entry["event"] == "call" and entry["call"] == "post"]
    return ([at for first, at in zip(grants, grants[most_a_minute:]) if at - first < 60] +
            [at for first, at in zip(posts, posts[most_posts_an_hour:]) if at - first < 3600])
