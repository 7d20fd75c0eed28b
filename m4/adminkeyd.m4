# SPDX-License-Identifier: GPL-3.0-or-later

# ADMINKEYD_ENABLE(NAME, HELP): a switch that is off by default.
AC_DEFUN([ADMINKEYD_ENABLE], [
  AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [], [enable_$1=no])
  AM_CONDITIONAL([ENABLE_]m4_toupper([$1]), [test "x$enable_$1" = xyes])
])

# ADMINKEYD_REQUIRE(PREFIX, MODULE, DEBIAN, FEDORA): a library that the build needs,
# named with the package that has it where it is missing.
AC_DEFUN([ADMINKEYD_REQUIRE], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is missing: install $3 (Debian) or $4 (Fedora)
    (./bootstrap deps installs all that the build needs)])])
])

# ADMINKEYD_TEST_ONLY(PREFIX, MODULE, DEBIAN, FEDORA): a library that only the tests need.
AC_DEFUN([ADMINKEYD_TEST_ONLY], [
  PKG_CHECK_MODULES([$1], [$2], [have_]m4_tolower([$1])[=yes],
    [have_]m4_tolower([$1])[="no: install $3 (Debian) or $4 (Fedora)"
     AC_MSG_WARN([the tests need $2: install $3 (Debian) or $4 (Fedora)])])
  AM_CONDITIONAL([HAVE_$1], [test "x$have_]m4_tolower([$1])[" = xyes])
])

# ADMINKEYD_APPEND(VARIABLE, FLAGS, LINK?): adds each flag that the compiler knows.
AC_DEFUN([ADMINKEYD_APPEND], [
  m4_foreach_w([flag], [$2], [
    AC_MSG_CHECKING([whether $CC knows flag])
    ac_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror flag"
    m4_if([$3], [link], [AC_LINK_IFELSE], [AC_COMPILE_IFELSE])([AC_LANG_PROGRAM()],
      [AC_MSG_RESULT([yes]); $1="$$1 flag"], [AC_MSG_RESULT([no])])
    CFLAGS=$ac_save_CFLAGS
  ])
])

# ADMINKEYD_FLAGS: warnings, hardening and what the switches ask for.
AC_DEFUN([ADMINKEYD_FLAGS], [
  WARN_CFLAGS= HARDEN_CFLAGS= HARDEN_LDFLAGS= SWITCH_CFLAGS= FUZZ_CFLAGS=
  ADMINKEYD_APPEND([WARN_CFLAGS], [-Wall -Wextra -Wshadow -Wundef -Wformat=2 -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings -Wvla
    -Wimplicit-fallthrough -Wno-missing-field-initializers])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])

  ADMINKEYD_APPEND([HARDEN_CFLAGS], [-fPIE -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -ftrivial-auto-var-init=zero -fno-strict-aliasing], [link])
  ADMINKEYD_APPEND([HARDEN_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed], [link])
  # _FORTIFY_SOURCE needs optimisation, and hides errors from AddressSanitizer.
  AS_CASE([" $CFLAGS "], [*" -O0 "*], [],
    [AS_IF([test "x$enable_sanitizers" != xyes],
           [HARDEN_CFLAGS="$HARDEN_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])

  AS_IF([test "x$enable_sanitizers" = xyes],
    [SWITCH_CFLAGS="$SWITCH_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AS_IF([test "x$enable_coverage" = xyes], [SWITCH_CFLAGS="$SWITCH_CFLAGS --coverage -O0 -U_FORTIFY_SOURCE"])
  AS_IF([test "x$enable_fuzzers" = xyes], [
    ac_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [],
      [AC_MSG_ERROR([--enable-fuzzers needs libFuzzer: configure with CC=clang, and install clang and libclang-rt-dev (Debian) or compiler-rt (Fedora)])])
    CFLAGS=$ac_save_CFLAGS
    SWITCH_CFLAGS="$SWITCH_CFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_CFLAGS="-fsanitize=fuzzer"
  ])
  AC_SUBST([WARN_CFLAGS])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])
  AC_SUBST([SWITCH_CFLAGS])
  AC_SUBST([FUZZ_CFLAGS])
])
