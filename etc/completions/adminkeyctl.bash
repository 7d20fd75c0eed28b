# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Completions of adminkeyctl for bash. What there is to complete, the program itself lists.

# The names of the sites, as far as the daemon tells them to this user.
_adminkeyctl_sites() {
    adminkeyctl "$@" --json status 2>/dev/null | sed -n 's/.*"site":{"site":"\([^"]*\)".*/\1/p'
}

_adminkeyctl() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local list globals command='' takes='' line word user=()

    COMPREPLY=()
    list=$(adminkeyctl --list-commands 2>/dev/null) || return
    list=${list//=/}
    globals=$(sed -n 's/^options //p' <<<"$list")
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        [[ $word == --user ]] && user=(--user)
        [[ -z $command && $word != -* ]] || continue
        line=$(grep "^$word\( \|$\)" <<<"$list") && command=$word && takes=${line#"$word"}
    done
    case $previous in
    --socket | --policy | --token-file | --ca-file | --answers) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current") && return ;;
    --enforce | --test-enable) mapfile -t COMPREPLY < <(compgen -W 'yes no' -- "$current") && return ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$globals ${takes//\[*\]/}" -- "$current")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(sed '/^options /d; s/ .*//' <<<"$list")" -- "$current")
    elif [[ $takes == *SITE* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_adminkeyctl_sites "${user[@]}")" -- "$current")
    elif [[ $takes == *FILE* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}

complete -o filenames -F _adminkeyctl adminkeyctl
