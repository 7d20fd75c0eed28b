# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the style tests in bash share: results in TAP.

top=${abs_top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck disable=SC2034
build=${abs_top_builddir:-$top}
results=0
failures=0

# check NAME COMMAND...: passed if the command succeeds; what it says is shown if not.
check() {
    local tap_name=$1 tap_said # names that the command's own do not meet
    shift
    results=$((results + 1))
    if tap_said=$("$@" 2>&1); then
        printf 'ok %d - %s\n' "$results" "$tap_name"
    else
        failures=$((failures + 1))
        printf 'not ok %d - %s\n' "$results" "$tap_name"
        printf '%s\n' "$tap_said" | sed 's/^/# /'
    fi
}

skip() {
    results=$((results + 1))
    printf 'ok %d - %s # SKIP %s\n' "$results" "$1" "$2"
}

# check_with TOOL NAME COMMAND...: skipped, by name, where the tool is missing.
check_with() {
    local tool=$1
    shift
    if command -v "$tool" >/dev/null; then
        check "$@"
    else
        skip "$1" "$tool is not installed"
    fi
}

done_testing() {
    printf '1..%d\n' $results
    exit "$((failures > 0))"
}

# The files of the project that match a pattern of git or of find, relative to the top.
tree() {
    if [ -e "$top/.git" ]; then
        git -C "$top" ls-files -co --exclude-standard -- "$@"
    else
        local patterns=() pattern
        for pattern in "$@"; do
            patterns+=(-o -path "./$pattern")
        done
        (cd "$top" && find . -type f \( "${patterns[@]:1}" \) -printf '%P\n')
    fi | sort
}
