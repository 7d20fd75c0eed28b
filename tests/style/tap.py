# SPDX-License-Identifier: GPL-3.0-or-later
"""What the style tests share: the tree's files, and results in TAP."""

import os
import subprocess
import sys
import traceback

TOP = os.environ.get("abs_top_srcdir") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("abs_top_builddir") or TOP

_results = []


def check(name, complaints):
    """One result: passed if there is nothing to complain of."""
    complaints = list(complaints)
    _results.append(not complaints)
    print(f"{'not ok' if complaints else 'ok'} {len(_results)} - {name}")
    for complaint in complaints:
        print(f"# {complaint}")
    sys.stdout.flush()


def skip(name, why):
    _results.append(True)
    print(f"ok {len(_results)} - {name} # SKIP {why}")


def done():
    print(f"1..{len(_results)}")
    sys.exit(0 if all(_results) else 1)


def run(namespace):
    """Each test_... function of a module as one result, named after it; an exception is a failure."""
    for name, function in list(namespace.items()):
        if name.startswith("test_"):
            try:
                function()
                check(name[5:].replace("_", " "), [])
            except Exception:  # pylint: disable=broad-except
                check(name[5:].replace("_", " "), traceback.format_exc().splitlines())
    done()


def tree():
    """The files of the project, relative to its top: those that git knows, or all of an unpacked release."""
    if os.path.exists(os.path.join(TOP, ".git")):
        listing = subprocess.run(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "-z"],
                                 check=True, capture_output=True, text=True).stdout
        names = [name for name in listing.split("\0") if name]
        return sorted(name for name in names if os.path.isfile(os.path.join(TOP, name)))
    names = []
    for folder, _, files in os.walk(TOP):
        names += [os.path.relpath(os.path.join(folder, name), TOP) for name in files]
    return sorted(names)


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8", errors="replace") as file:
        return file.read()
