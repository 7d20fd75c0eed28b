#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completions know every command and option that the help names.
set -u
top=${abs_top_srcdir:-.}
PATH=${abs_top_builddir:-.}:$PATH
n=0
failed=0

check() { # NAME EXPECTED GOT
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        failed=1
        printf 'not ok %d - %s\n# expected: %s\n# got: %s\n' "$n" "$1" "${2//$'\n'/ }" "${3//$'\n'/ }"
    fi
}

completions() { # WORD...: what would be offered for the last one, sorted
    COMP_WORDS=(adminkeyctl "$@")
    COMP_CWORD=$#
    _adminkeyctl
    printf '%s\n' "${COMPREPLY[@]}" | sort
}

commands() {
    adminkeyctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | sort
}

options() { # [COMMAND]: those that its help names
    adminkeyctl "$@" --help | sed -n 's/^  .*\(--[a-z-]*\).*/\1/p' | sort
}

complete() { :; }
# shellcheck source=etc/completions/adminkeyctl.bash
. "$top/etc/completions/adminkeyctl.bash"

check 'every command' "$(commands)" "$(completions '')"
check 'every global option' "$(options)" "$(completions --)"
for command in $(commands); do
    check "every option of $command" "$({ options; options "$command"; } | sort)" "$(completions "$command" --)"
done
check 'a command by its first letters' wait "$(completions wai)"
check 'a value' 'always auto' "$(completions --color a | tr '\n' ' ' | sed 's/ $//')"
echo "1..$n"
exit $failed
