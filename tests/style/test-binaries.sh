#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What came out of the build: hardened programs, a small adminkeyctl, layers without state, pure layers that
# call nothing but plain computation.

. "$(dirname "$0")/tap.sh"
cd "$build" || exit 1

# Not the engine with broken rules, which tests alone are linked with.
mapfile -t libraries < <(find src -name 'lib*.a' ! -name libmutants.a | sort)
mapfile -t programs < <(find src/adminkeyd src/adminkeyctl -maxdepth 1 -type f -perm -u+x 2>/dev/null | sort)

# The functions of libc, libyaml and json-c that a pure layer may call. None of them asks the system for
# anything but memory.
plain='__(mem|str|st[pr]n?cpy|v?snprintf|vasprintf|asprintf)\w*_chk|__stack_chk_fail|__ctype_\w+|__errno_location
|__assert_fail|__isoc23_\w+|__isoc99_sscanf
|mem(chr|cmp|cpy|mem|move|pcpy|rchr|set)|(__)?explicit_bzero(_chk)?|raw?memchr
|str(case)?str|str(n?casecmp|n?cmp|n?cpy|n?len|n?dup|n?cat|r?chr|c?spn|pbrk|sep|to(u?l|u?ll|d|u?max)|chrnul)|stpcpy
|v?sn?printf|sscanf|v?asprintf|strerror(_r|name_np|desc_np)?
|(m|c|re)alloc|reallocarray|free|qsort(_r)?|bsearch|l?labs|abs|tolower|toupper|is[a-z]+
|_GLOBAL_OFFSET_TABLE_|yaml_\w+|json_\w+|array_list_\w+'
plain=$(tr -d '\n' <<<"$plain")

is_instrumented() {
    nm "${libraries[@]}" 2>/dev/null | grep -qE '__(asan|gcov|sanitizer)_'
}

# Sections that are written to while the program runs; .data.rel.ro is constant once it is loaded.
no_state() {
    local library result=0
    for library in "${libraries[@]}"; do
        objdump -t "$library" |
            awk 'NF >= 4 && $(NF-2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $(NF-2) !~ /^\.data\.rel\.ro/ &&
                $NF !~ /^\./ { print $NF " in " $(NF-2); found = 1 } END { exit found }' ||
            { echo "... is state that $library keeps outside of its functions"; result=1; }
    done
    return "$result"
}

# What the library leaves to others: undefined symbols that it does not define itself, other layers' aside.
calls_of() {
    comm -23 <(nm -u "$1" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u) \
        <(for library in "${libraries[@]}"; do nm --defined-only "$library" 2>/dev/null; done |
            awk 'NF == 3 { print $3 }' | sort -u)
}

pure_calls() {
    local layer strange result=0
    for layer in base calendar policy confluence engine control; do
        [ -e "src/$layer/lib$layer.a" ] || continue
        strange=$(calls_of "src/$layer/lib$layer.a" | grep -vxE "$plain") || continue
        echo "src/$layer calls ${strange//$'\n'/, }"
        result=1
    done
    return "$result"
}

is_hardened() {
    local program=$1 result=0
    readelf -hW "$program" | grep -q 'Type: *DYN' || { echo 'not position independent (PIE)'; result=1; }
    readelf -lW "$program" | grep -q GNU_RELRO || { echo 'no RELRO'; result=1; }
    readelf -dW "$program" | grep -qE 'BIND_NOW|FLAGS.* NOW' || { echo 'no BIND_NOW'; result=1; }
    readelf -lW "$program" | grep -qE 'GNU_STACK.* RW ' || { echo 'the stack is executable'; result=1; }
    readelf -sW "$program" | grep -q __stack_chk_fail || { echo 'no stack protector'; result=1; }
    readelf -sW "$program" | grep -qE '_chk(@|$| )' || { echo 'no _FORTIFY_SOURCE'; result=1; }
    return "$result"
}

links_none_of() {
    local program=$1
    shift
    ! readelf -dW "$program" | grep NEEDED | grep -E "$(IFS='|'; echo "$*")"
}

if is_instrumented; then
    printf '1..0 # SKIP an instrumented build says nothing of the real one\n'
    exit 0
fi

check 'no layer keeps state outside of its functions' no_state
check 'pure layers call nothing that asks the system' pure_calls
for program in "${programs[@]}"; do
    check "${program##*/} is hardened" is_hardened "$program"
done
[ ! -e src/adminkeyctl/adminkeyctl ] ||
    check 'adminkeyctl links neither libcurl nor libsystemd' links_none_of src/adminkeyctl/adminkeyctl libcurl libsystemd
done_testing
