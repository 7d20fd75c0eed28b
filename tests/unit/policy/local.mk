# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/policy/test-policy
tests_unit_policy_test_policy_SOURCES = tests/unit/policy/test-policy.c tests/unit/policy/zones.c tests/unit/policy/zones.h
tests_unit_policy_test_policy_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_policy_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_policy_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-policy
