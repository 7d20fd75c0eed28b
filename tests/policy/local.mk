# SPDX-License-Identifier: GPL-3.0-or-later
dist_check_SCRIPTS += tests/policy/test-calendar.py tests/policy/test-explain.py tests/policy/test-simulate.py
TESTS += tests/policy/test-calendar.py tests/policy/test-explain.py tests/policy/test-simulate.py

# The objects of adminkeyctl, with an engine of which a rule is broken.
check_PROGRAMS += tests/policy/adminkeyctl-broken
tests_policy_adminkeyctl_broken_SOURCES  = tests/policy/broken-rule.c
tests_policy_adminkeyctl_broken_CPPFLAGS = $(AM_CPPFLAGS) -DENGINE_MUTANTS
tests_policy_adminkeyctl_broken_LDADD    = $(adminkeyctl_OBJECTS) \
	$(adminkeyctl_LDADD:src/engine/libengine.a=src/engine/libmutants.a)
