#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Both packages build from the tree, and the linters of their kinds find nothing.

. "$(dirname "$0")/tap.sh"

output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

version=$(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$build/config.h")

versions_agree() {
    [ "$(sed -n '1s/.*(\(.*\)-.*/\1/p' "$top/packaging/debian/changelog")" = "$version" ] &&
        [ "$(sed -n 's/^Version: *//p' "$top/packaging/rpm/adminkeyd.spec")" = "$version" ] &&
        [ "$(sed -n '1s/^adminkeyd //p' "$top/NEWS")" = "$version" ]
}

# What is printed on stdout are the packages, and they are there.
builds() {
    local kind=$1 name packages
    packages=$("$top/packaging/build-$kind" "$output/$kind" 2>"$output/log") || { tail -n 40 "$output/log"; return 1; }
    [ -n "$packages" ] || return 1
    for name in $packages; do
        [ -s "$name" ] || return 1
    done
}

debug_symbols_are_apart() {
    ls "$output"/deb/adminkeyd-dbgsym_*.deb
}

lintian_is_content() {
    local said
    said=$(lintian --allow-root --pedantic --display-info --fail-on error,warning,info,pedantic \
        "$output"/deb/*.changes 2>&1) || { printf '%s\n' "$said"; return 1; }
}

rpmlint_is_content() {
    local said
    said=$(rpmlint --rpmlintrc "$top/packaging/rpm/rpmlint.toml" --config "$top/packaging/rpm/rpmlint.toml" \
        "$output"/rpm/*.rpm "$top/packaging/rpm/adminkeyd.spec" 2>&1)
    grep -q ' 0 errors, 0 warnings' <<<"$said" || { printf '%s\n' "$said"; return 1; }
}

# In a root of its own, where nothing but the package is: its files are as its scripts then leave them.
rpm_is_installed() {
    local root=$output/root said
    local -a rpm=(rpm --root "$root" --dbpath /var/lib/rpm) # which Debian has elsewhere
    mkdir -p "$root"
    { "${rpm[@]}" --initdb && "${rpm[@]}" --install --nodeps --noscripts "$output"/rpm/adminkeyd-[0-9]*.rpm &&
        systemd-sysusers --root="$root" adminkeyd.conf && systemd-tmpfiles --root="$root" --create adminkeyd.conf; } \
        >"$output/log" 2>&1 || { cat "$output/log"; return 1; }
    said=$("${rpm[@]}" --verify --nodeps adminkeyd) || { printf '%s\n' "$said"; return 1; }
    [ "$("$root/usr/bin/adminkeyctl" --version)" = "adminkeyctl $version" ]
}

check 'the packages, NEWS and configure agree on the version' versions_agree
check_with dpkg-buildpackage 'the Debian package builds' builds deb
check_with dpkg-buildpackage 'its debug symbols are apart' debug_symbols_are_apart
check_with lintian 'lintian finds nothing' lintian_is_content
check_with rpmbuild 'the RPM builds' builds rpm
if [ "$(id -u)" = 0 ]; then
    check_with systemd-sysusers 'the RPM is installed, and its files are as sysusers and tmpfiles have them' rpm_is_installed
else
    skip 'the RPM is installed, and its files are as sysusers and tmpfiles have them' 'only root can install it'
fi
check_with rpmlint 'rpmlint finds nothing' rpmlint_is_content
done_testing
