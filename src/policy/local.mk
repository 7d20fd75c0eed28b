# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/policy/libpolicy.a
src_policy_libpolicy_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
src_policy_libpolicy_a_SOURCES = \
	src/policy/dates.c src/policy/dates.h \
	src/policy/intervals.c src/policy/intervals.h \
	src/policy/keys.c src/policy/keys.h \
	src/policy/outlook.c src/policy/outlook.h \
	src/policy/policy.c src/policy/policy.h \
	src/policy/problem.c src/policy/problem.h \
	src/policy/reader.c src/policy/reader.h \
	src/policy/reading.c src/policy/reading.h \
	src/policy/tree.c src/policy/tree.h \
	src/policy/values.c src/policy/values.h \
	src/policy/warn.c src/policy/warn.h \
	src/policy/warn_excludes.c \
	src/policy/warn_limits.c \
	src/policy/warn_renewals.c \
	src/policy/warn_windows.c
