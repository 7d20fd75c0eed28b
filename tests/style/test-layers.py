#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of src/ (HACKING, "The house"): who may include whom, and who may name which library.

Reads source text, so that it sees what a linker does not: headers, and calls in files that nobody links.
The last results hold the test against made-up files, each of which must be caught.
"""

import re

import tap

# Each layer with all that it may include.
BELOW = {
    "base": {"base"},
    "calendar": {"base", "calendar"},
    "policy": {"base", "calendar", "policy"},
    "confluence": {"base", "confluence"},
    "engine": {"base", "calendar", "policy", "confluence", "engine"},
    "control": {"base", "calendar", "policy", "confluence", "engine", "control"},
    "os": {"base", "os"},
}
PURE = set(BELOW) - {"os"}
BELOW["host"] = PURE | {"os", "host"}
BELOW["sim"] = PURE | {"os", "sim"}
BELOW["adminkeyd"] = PURE | {"os", "host", "adminkeyd"}
BELOW["adminkeyctl"] = PURE | {"os", "sim", "adminkeyctl"}

# What a pure file may include of the system: headers of plain computation.
PURE_HEADERS = set("assert.h ctype.h errno.h inttypes.h limits.h stdarg.h stdbool.h stddef.h stdint.h stdio.h "
                   "stdlib.h string.h strings.h sys/types.h".split())

# Libraries: the header that names one, and the places that may.
LIBRARIES = {
    "libyaml": (r"yaml\.h", ("policy/",)),
    "json-c": (r"json(-c/.*)?\.h", ("base/json_text", "control/", "adminkeyctl/", "sim/")),
    "libcurl": (r"curl/.*", ("host/",)),
    "libsystemd": (r"systemd/.*", ("host/",)),
}

# Calls that a pure file never makes, though its headers would allow them.
IMPURE_CALLS = re.compile(
    r"\b(clock_gettime|clock_nanosleep|gettimeofday|time|localtime(_r)?|mktime|timegm|tzset|nanosleep|usleep|sleep"
    r"|getrandom|random|rand|arc4random|getenv|setenv|system|popen|f?printf|v?f?puts|putchar|perror|fopen|fread"
    r"|fwrite|open|openat|read|write|close|exit|abort|atexit|signal|raise|syslog|sd_\w+|curl_\w+)\s*\(")
# Calls that ask a clock or the random source, which only os/ makes and host/ may.
CLOCK_CALLS = re.compile(r"\b(clock_gettime|gettimeofday|time|getrandom|random|rand|arc4random)\s*\(")

COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_of(text):
    """The text without comments, strings and include lines; line numbers stay."""
    def blank(match):
        return "\n" * match.group().count("\n") if match.group().startswith("/") else '""'
    return re.sub(r"^\s*#\s*include.*$", "", COMMENT_OR_STRING.sub(blank, text), flags=re.M)


def include_complaints(name, text):
    layer, place = name.split("/")[1], name[len("src/"):]
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        kind, header = match.groups()
        if kind == '"':
            wanted = header.split("/")[0]
            if "/" not in header or wanted not in BELOW:
                yield f'{name}:{number}: "{header}" is not rooted: write "layer/file.h"'
            elif wanted not in BELOW[layer]:
                yield f'{name}:{number}: {layer} may not include {wanted} ("{header}")'
            continue
        for library, (pattern, places) in LIBRARIES.items():
            if re.fullmatch(pattern, header):
                if not place.startswith(places):
                    yield f"{name}:{number}: only {', '.join(places)} may name {library} (<{header}>)"
                break
        else:
            if layer in PURE and header not in PURE_HEADERS:
                yield f"{name}:{number}: {layer} is pure and may not include <{header}>"


def call_complaints(name, text):
    layer = name.split("/")[1]
    if layer in PURE:
        pattern, words = IMPURE_CALLS, "is pure and may not call"
    elif layer not in ("os", "host"):
        pattern, words = CLOCK_CALLS, "gets time and randomness from os, and may not call"
    else:
        return
    for number, line in enumerate(code_of(text).splitlines(), 1):
        for match in pattern.finditer(line):
            before = line[:match.start()].rstrip()
            if not before.endswith((".", "->")):
                yield f"{name}:{number}: {layer} {words} {match.group(1)}()"


def complaints(name, text):
    yield from include_complaints(name, text)
    yield from call_complaints(name, text)


MADE_UP = [
    ("a lower layer that includes a higher one", "src/base/x.c", '#include "engine/engine.h"\n'),
    ("calendar that includes confluence", "src/calendar/x.c", '#include "confluence/verdict.h"\n'),
    ("policy that includes confluence", "src/policy/x.h", '#include "confluence/verdict.h"\n'),
    ("adminkeyctl that includes host", "src/adminkeyctl/x.c", '#include "host/loop.h"\n'),
    ("an include that is not rooted", "src/engine/x.c", '#include "engine.h"\n'),
    ("a pure layer that includes <time.h>", "src/engine/x.c", "#include <time.h>\n"),
    ("engine that names libcurl", "src/engine/x.c", "#include <curl/curl.h>\n"),
    ("control that names libyaml", "src/control/x.c", "#include <yaml.h>\n"),
    ("engine that names json-c itself", "src/engine/record.c", "#include <json-c/json.h>\n"),
    ("adminkeyctl that names libsystemd", "src/adminkeyctl/x.c", "#include <systemd/sd-bus.h>\n"),
    ("a pure layer that reads the clock", "src/calendar/x.c", "void f(void)\n{\n    g = time(NULL);\n}\n"),
    ("a pure layer that prints", "src/engine/x.c", 'void f(void)\n{\n    printf("x");\n}\n'),
    ("a program that reads the clock itself", "src/adminkeyctl/x.c", "a = clock_gettime(CLOCK_REALTIME, &t);\n"),
]
INNOCENT = [
    ("src/engine/x.c", '#include "engine/engine.h"\n#include "calendar/zone.h"\n#include <string.h>\n'),
    ("src/engine/record.c", "#include \"base/json_text.h\"\n"),
    ("src/policy/x.c", '#include <yaml.h>\n/* time(NULL) */ const char *s = "printf(";\n'),
    ("src/control/x.c", "    source->read(context);\n    timeout(1);\n"),
    ("src/os/x.c", "#include <time.h>\nint f(void)\n{\n    return clock_gettime(CLOCK_BOOTTIME, &t);\n}\n"),
]

sources = [name for name in tap.tree() if re.fullmatch(r"src/\w+/.*\.[ch]", name)]
tap.check("there are sources to read", [] if len(sources) > 10 else [f"only {len(sources)}"])
tap.check("every folder of src/ is a layer",
          [f"{name}: no such layer" for name in sources if name.split("/")[1] not in BELOW])
known = [name for name in sources if name.split("/")[1] in BELOW]
for title, judge in (("includes go downward, and libraries are named where they belong", include_complaints),
                     ("nothing pure reaches for the system, and only os and host ask the clock", call_complaints)):
    tap.check(title, (words for name in known for words in judge(name, tap.read(name))))

for title, name, text in MADE_UP:
    tap.check(f"caught: {title}", [] if list(complaints(name, text)) else [f"{name} was let through: {text!r}"])
for name, text in INNOCENT:
    tap.check(f"let through: an innocent {name}", complaints(name, text))
tap.done()
