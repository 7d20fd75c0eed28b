# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What build-deb and build-rpm share.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

die() {
    printf '%s: %s\n' "packaging/${0##*/}" "$*" >&2
    exit 1
}

# tree_files: those that belong to the tree, each ended by a NUL; what lies beside them does not.
tree_files() {
    if [ -e "$top/.git" ]; then
        git -C "$top" ls-files -z --cached --others --exclude-standard
    else
        (cd "$top" && find . -path ./build -prune -o -type f -print0)
    fi
}

# tree_copy DIRECTORY: a clean copy of the tree.
tree_copy() {
    mkdir -p "$1"
    tree_files | tar -C "$top" --null --files-from=- -cf - | tar -C "$1" -xf -
}
