#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What make install puts where, and what systemd says of the units, in a staging directory.

. "$(dirname "$0")/tap.sh"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

install_to_stage() {
    make -C "$build" -s DESTDIR="$stage" install
}

# Paths below the prefix, as configure was told it.
expected='
bin/adminkeyctl
lib/systemd/catalog/adminkeyd.catalog
lib/systemd/system/adminkeyd-revoke.service
lib/systemd/system/adminkeyd.service
lib/systemd/user/adminkeyd-revoke.service
lib/systemd/user/adminkeyd.service
lib/sysusers.d/adminkeyd.conf
lib/tmpfiles.d/adminkeyd.conf
sbin/adminkeyd
share/bash-completion/completions/adminkeyctl.bash
share/doc/adminkeyd/NEWS
share/doc/adminkeyd/README
share/doc/adminkeyd/examples/backup-with-key.service
share/doc/adminkeyd/examples/backup-with-key.timer
share/doc/adminkeyd/examples/many-workstations.txt
share/doc/adminkeyd/examples/policy.yaml
share/doc/adminkeyd/examples/tell-admins@.service
share/man/man1/adminkeyctl.1
share/man/man5/adminkeyd-policy.5
share/man/man7/adminkeyd-control.7
share/man/man8/adminkeyd.8
share/varlink/io.adminkeyd.Control.varlink
share/zsh/site-functions/_adminkeyctl'

if pkg-config --atleast-version=253 libsystemd; then
    expected+='
lib/systemd/system/adminkeyd.service.d/notify-reload.conf'
fi

installed_as_expected() {
    diff <(sed 1d <<<"$expected" | sort) <(cd "$stage$prefix" && find . -type f -printf '%P\n' | sort)
}

nothing_outside_the_prefix() {
    ! find "$stage" -type f ! -path "$stage$prefix/*" | grep .
}

no_name_left_open() {
    ! grep -rn '@[a-z]*dir@' "$stage"
}

# systemd-analyze wants the programs where the units say: the units are given the staged ones.
units_are_sound() {
    local kind=$1 unit result=0
    mkdir -p "$stage/verify/$kind"
    for unit in "$stage$prefix/lib/systemd/$kind"/*.service; do
        sed -E "s|^(Exec[A-Za-z]+=)$prefix/|\\1$stage$prefix/|; /^Documentation=/d" "$unit" \
            >"$stage/verify/$kind/${unit##*/}"
    done
    for unit in "$stage/verify/$kind"/*.service; do
        XDG_RUNTIME_DIR=$stage systemd-analyze "--$kind" --recursive-errors=no verify "$unit" 2>&1 | grep . && result=1
    done
    return "$result"
}

# The figure goes down as the hardening grows; it may not creep up again.
exposure_is_low() {
    systemd-analyze security --offline=true --threshold=13 "$stage/verify/system/adminkeyd.service" >"$stage/exposure" ||
        { grep -E '✗|Overall' "$stage/exposure"; return 1; }
}

journal_reads_catalog() {
    local root=$stage/journal
    mkdir -p "$root/usr/lib/systemd" "$root/var/lib/systemd/catalog"
    cp -r "$stage$prefix/lib/systemd/catalog" "$root/usr/lib/systemd/"
    journalctl --root="$root" --update-catalog &&
        [ "$(journalctl --root="$root" --list-catalog | wc -l)" = "$(grep -c '^-- ' "$top/etc/adminkeyd.catalog")" ]
}

prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")

check 'make install fills a staging directory' install_to_stage
check 'what is installed is what is expected' installed_as_expected
check 'nothing lands outside of the prefix' nothing_outside_the_prefix
check 'no @directory@ is left in what was installed' no_name_left_open
check_with systemd-analyze 'systemd finds no fault with the system units' units_are_sound system
check_with systemd-analyze 'systemd finds no fault with the user units' units_are_sound user
check_with systemd-analyze 'exposure of the system unit is low' exposure_is_low
check_with journalctl 'the journal reads the catalog' journal_reads_catalog
done_testing
