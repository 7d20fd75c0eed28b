#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How the files are written: licence line, format, spelling, and what the tools of each kind say.

. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

sources() {
    tree '*.[ch]' | grep -E '^(src|tests)/'
}

each_has_a_licence_line() {
    local name result=0
    while read -r name; do
        head -n 3 "$name" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || {
            echo "$name: the first lines do not say SPDX-License-Identifier: GPL-3.0-or-later"
            result=1
        }
    done < <(tree '*.c' '*.h' '*.sh' '*.py' '*.am' '*.ac' '*.m4' '*local.mk' '*.service' 'man/*.[1-8]' \
        'etc/*.conf' 'etc/*.varlink' 'bootstrap' '.ci/run' | grep -v '^build-aux/')
    return "$result"
}

headers_are_guarded_and_explained() {
    local name result=0
    while read -r name; do
        [ "$(sed -n '2p;3s/^\(..\).*/\1/p' "$name")" = $'#pragma once\n/*' ] || {
            echo "$name: after the licence line come #pragma once and a block that says what the module is for"
            result=1
        }
    done < <(tree 'src/*.h' 'src/*/*.h')
    return "$result"
}

own_header_comes_first() {
    local name header first result=0
    while read -r name; do
        header=${name#src/} header=${header%.c}.h
        [ -e "src/$header" ] || continue
        first=$(grep -m 1 '^#include' "$name")
        [ "$first" = "#include \"$header\"" ] || {
            echo "$name: the first include is not its own header \"$header\""
            result=1
        }
    done < <(tree 'src/*.c' 'src/*/*.c')
    return "$result"
}

no_goto() {
    ! sources | xargs grep -nE '\bgoto\b[^."*]*;'
}

no_path_of_one_machine() {
    ! tree . | grep -v '^COPYING$' | xargs grep -nIE "(^|[^A-Za-z0-9_.@\$}:/-])/(home|mnt|srv|Users|work)/[a-z]"
}

nothing_outside_the_tree() {
    ! tree . | xargs grep -nIE '\.\./(shared|data|design)\b'
}

formatted() {
    local name result=0
    while read -r name; do
        clang-format --dry-run -Werror "$name" 2>/dev/null || { echo "$name: run clang-format -i on it"; result=1; }
    done < <(sources)
    return "$result"
}

manual_pages() {
    local pages
    pages=$(tree 'man/*.[1-8]')
    # shellcheck disable=SC2086
    # Which other manuals this machine has says nothing about ours.
    ! mandoc -T lint -W style $pages 2>&1 | grep -vE 'referenced manual not found|mandoc\.db'
}

scripts() {
    { echo bootstrap; echo .ci/run; tree '*.sh' | grep -v '^build-aux/'; } | xargs shellcheck -f gcc -x -P SCRIPTDIR
}

python_compiles() {
    tree '*.py' | xargs python3 -c 'import ast, sys
for name in sys.argv[1:]: ast.parse(open(name).read(), name)'
}

spelled() {
    # Tests misspell words on purpose.
    tree . | grep -vE '^(COPYING$|tests/(fuzz|unit|daemon)/|build-aux/)' | xargs codespell --ignore-words-list=te,crate,nd
}

check 'every file has its licence line' each_has_a_licence_line
check 'headers are guarded and say what they are for' headers_are_guarded_and_explained
check 'a source includes its own header first' own_header_comes_first
check 'no goto' no_goto
check 'no path of the machine that it was written on' no_path_of_one_machine
check 'no reference to what lies outside of the tree' nothing_outside_the_tree
check 'python parses' python_compiles
check_with shellcheck 'shellcheck is silent' scripts
check_with codespell 'codespell is silent' spelled
check_with mandoc 'mandoc -T lint is silent' manual_pages
# Versions of clang-format differ in what they make of the same style file; the project's is 14.
case $(clang-format --version 2>/dev/null) in
*'version 14.'*) check 'clang-format 14 would change nothing' formatted ;;
*) skip 'clang-format 14 would change nothing' 'clang-format 14 is not installed' ;;
esac
done_testing
