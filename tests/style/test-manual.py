#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual names what there is, and nothing that is not: held against the tables that the programs work by."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap  # noqa: E402  pylint: disable=wrong-import-position


def page(name):
    """The page as text, one space between words, without the backspaces of bold and underlined letters."""
    text = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", os.path.join(tap.TOP, "man", name)],
                          check=True, capture_output=True, text=True).stdout
    return " ".join(re.sub(r".\x08", "", text).replace("‐", "-").split())


def missing(text, words, what):
    return [f"{what} '{word}' is not in the page" for word in words
            if not re.search(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])", text)]


def rows(source, pattern):
    found = re.findall(pattern, tap.read(source), re.M)
    return found or [f"no rows found in {source}"]


try:
    subprocess.run(["mandoc", "-T", "lint", os.devnull], check=False, capture_output=True)
except FileNotFoundError:
    tap.skip("the manual names what there is", "mandoc is not installed")
    tap.done()

daemon, control = page("adminkeyd.8"), page("adminkeyctl.1")
policy, interface = page("adminkeyd-policy.5"), page("adminkeyd-control.7")

tap.check("every policy key is in adminkeyd-policy(5)",
          missing(policy, rows("src/policy/keys.c", r'^    \{MAP_(?!ON_DEMAND|LIMITS)\w+, "(\w+)"'), "key"))
later = rows("src/policy/keys.c", r'^    \{MAP_(?:SITE|INTERVAL), "(\w+)"[^}]*?\.later = true')
section = policy.split("not supported yet", 2)[-1].split("Limits of a file")[0]
tap.check("what is not supported yet is said to be so", missing(section, later, "key"))

verbs = rows("src/adminkeyctl/verb.c", r'^    \{"([\w-]+)", OPERAND')
options = rows("src/adminkeyctl/verb.c", r'^    \{(?:NULL|"[\w-]+"), "([\w-]+)", (?:0|\'.\'), (?:NULL|"[A-Z]+"), "')
tap.check("every command is in adminkeyctl(1)", missing(control, verbs, "command"))
tap.check("every option is in adminkeyctl(1)", missing(control, ["--" + option for option in options], "option"))
faults = rows("src/sim/faults.c", r'^    \[FAULT_\w+\] = \{"([\w-]+)"')
tap.check("every kind of fault that simulate knows is in adminkeyctl(1)", missing(control, faults, "fault"))
named = [name for name in re.findall(r"^\.It Cm ([\w-]+)", tap.read("man/adminkeyctl.1"), re.M) if name not in faults]
tap.check("adminkeyctl(1) names no command that is not there",
          [f"'{name}' is no command" for name in named if name not in verbs])
statuses = rows("src/adminkeyctl/exit_status.h", r"^    STATUS_\w+ = (\d+)")
listed = re.findall(r"^\.It (\d+)$", tap.read("man/adminkeyctl.1"), re.M)
tap.check("every exit status is in adminkeyctl(1), and no other",
          [] if statuses == listed else [f"the program has {statuses}, the page {listed}"])

options = rows("src/adminkeyd/options.c", r'^    \{"([\w-]+)", (?:NULL|"[A-Z]+"), "')
tap.check("every option is in adminkeyd(8)", missing(daemon, ["--" + option for option in options], "option"))
reports = rows("src/engine/report.c", r'= *\{"([\w-]+)", *"[0-9a-f]{32}"')
ids = rows("src/engine/report.c", r'"([0-9a-f]{32})"')
tap.check("every kind of journal entry, with its id, is in adminkeyd(8)",
          missing(daemon, reports, "entry") + missing(daemon, ids, "id"))
usual = [(name, priority.lower()) for name, priority in
         re.findall(r'= *\{"([\w-]+)", *"[0-9a-f]{32}", *PRIORITY_(\w+)', tap.read("src/engine/report.c"))]
told = re.findall(r"^\.It ([\w-]+) Pq (\w+)$", tap.read("man/adminkeyd.8"), re.M)
tap.check("adminkeyd(8) has each kind of entry once, in order, with its usual priority",
          [] if usual and usual == told else [f"the program has {usual}, the page {told}"])
tap.check("adminkeyd(8) names no id that is not there",
          [f"{found} is no id" for found in re.findall(r"\b[0-9a-f]{32}\b", daemon) if found not in ids])
catalog = re.findall(r"^# ([\w-]+)\n-- ([0-9a-f]{32})$", tap.read("etc/adminkeyd.catalog"), re.M)
tap.check("the journal's catalog has each kind with its id, and no other",
          [] if catalog == list(zip(reports, ids)) else [f"the program has {reports}, the catalog {catalog}"])
# A field that an entry lacks is printed by its name: "until @ADMINKEYD_EXPIRES@". So the texts use the site's
# name, which the engine gives to all that it tells, and nothing else; not where the daemon tells of no site.
substituted = {kind: set(re.findall(r"@(\w+)@", text))
               for kind, text in re.findall(r"^# ([\w-]+)\n(-- .*?)(?=^# |\Z)",
                                            tap.read("etc/adminkeyd.catalog"), re.M | re.S)}
of_no_site = {match.lower().replace("_", "-") for path in tap.tree() if path.startswith("src/adminkeyd/")
              for match in re.findall(r"REPORT_(\w+),\s*NULL,", tap.read(path))}
about_daemon = tap.read("src/engine/report.h").split("/* about the daemon */")[1].split("N_REPORT_KINDS")[0]
of_no_site |= {name.lower().replace("_", "-") for name in re.findall(r"REPORT_(\w+),", about_daemon)}
fields = sorted(set(rows("src/host/journal.c", r'"(ADMINKEYD_\w+)')))
tap.check("every journal field is in adminkeyd(8)", missing(daemon, fields, "field"))
tap.check("the catalog names no field that an entry may lack",
          [f"{kind}: {name}" for kind, names in substituted.items() for name in names
           if name != "ADMINKEYD_SITE" or kind in of_no_site])
tap.check("every verdict is in adminkeyd(8)",
          missing(daemon, rows("src/confluence/verdict.c", r'= *\{"(\w+)",'), "verdict"))

methods = rows("etc/io.adminkeyd.Control.varlink", r"^method (\w+)")
errors = rows("etc/io.adminkeyd.Control.varlink", r"^error (\w+)")
site = re.search(r"type Site \((.*?)\n\)", tap.read("etc/io.adminkeyd.Control.varlink"), re.S).group(1)
tap.check("every method and error is in adminkeyd-control(7)",
          missing(interface, methods, "method") + missing(interface, errors, "error"))
tap.check("every field of a site is in adminkeyd-control(7)",
          missing(interface, re.findall(r"^  (\w+):", site, re.M), "field"))
tap.done()
