# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs scenes, each in a boot of its own, a few at once, and tells of each as one result.

A scene is a function of a machine (of the class that it names as `machine`, where it is another); its doc string is
the sentence that it shows, and what it returns, if anything, is a figure to print. Packages and roots are made once
for all files of tests."""

import concurrent.futures
import os
import shutil
import subprocess
import threading
import traceback

import machine
import tap

AT_ONCE = 4
RELEASES = ("bookworm", "trixie")
WHAT_HAPPENED = ("{ journalctl --sync; journalctl --no-pager --grep=adminkeyd --lines=60 || journalctl --no-pager --lines=60; "
                 "systemctl --no-pager --failed; systemctl is-active systemd-journald; } 2>&1")


def prepare(release):
    """The root of that release, with the package built for the oldest that it must run on."""
    folder = os.path.join(machine.BUILD, "tests", "system")
    with machine.alone("package.lock"):
        package = package_for(release, os.path.join(folder, "packages"))
    with machine.alone(f"{release}.lock"):
        return machine.make_root(release, package)


def package_for(release, folder):
    """Built here; a machine that is newer than the release builds it in a root of that release."""
    with open("/etc/os-release", encoding="utf-8") as file:
        here = next((line.split("=")[1].strip().strip('"') for line in file if line.startswith("VERSION_CODENAME=")), "")
    if here in RELEASES and RELEASES.index(here) <= RELEASES.index(release):
        return built(os.path.join(folder, here), machine.build_package)
    return built(os.path.join(folder, release), lambda output: machine.build_package_in(release, output))


def built(output, build):
    """A package is built once a check: again when any file of the tree is younger than it."""
    mark = os.path.join(output, "path")
    try:
        with open(mark, encoding="utf-8") as file:
            package = file.read()
        if os.path.getmtime(mark) > youngest():
            return package
    except FileNotFoundError:
        pass
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    package = build(output)
    with open(mark, "w", encoding="utf-8") as file:
        file.write(package)
    return package


def youngest():
    listed = subprocess.run(["git", "-C", machine.TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=False, capture_output=True, text=True).stdout.split("\0")
    names = [name for name in listed if name] or tap.tree()
    paths = [os.path.join(machine.TOP, name) for name in names if not name.startswith("tests/")]
    return max((os.path.getmtime(path) for path in paths if os.path.exists(path)), default=0)


def play(scene, root):
    """(complaints, figure) of one scene."""
    place = None
    try:
        with getattr(scene, "machine", machine.Machine)(root) as place:
            try:
                return [], scene(place)
            except Exception:  # pylint: disable=broad-except
                lines = traceback.format_exc().splitlines()
                lines += ["what the journal says:", *place.say("sh", "-c", WHAT_HAPPENED).splitlines()]
                return lines, None
    except Exception:  # pylint: disable=broad-except
        return traceback.format_exc().splitlines(), None


def run(scenes, releases=RELEASES):
    """All scenes on all releases."""
    why = machine.why_not()
    if why:
        for scene in scenes:
            tap.skip(scene.__doc__, why)
        tap.done()
    roots, failed = {}, {}

    def make(release):
        try:
            roots[release] = prepare(release)
        except Exception:  # pylint: disable=broad-except
            failed[release] = traceback.format_exc().splitlines()

    makers = [threading.Thread(target=make, args=(release,)) for release in releases]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        played = [(release, scene, pool.submit(play, scene, roots[release]))
                  for release in releases if release in roots
                  for scene in scenes if release in getattr(scene, "releases", RELEASES)]
        for release, complaints in failed.items():
            tap.check(f"{release}: a root with the package installed", complaints)
        for release, scene, result in played:
            complaints, figure = result.result()
            tap.check(f"{release}: {scene.__doc__}", complaints)
            if figure is not None:
                print(f"# {release}: {figure}", flush=True)
    tap.done()
