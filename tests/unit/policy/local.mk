# SPDX-License-Identifier: GPL-3.0-or-later
POLICY_GIVEN = \
	tests/unit/policy/given.c tests/unit/policy/given.h \
	tests/unit/policy/zones.c tests/unit/policy/zones.h

check_PROGRAMS += tests/unit/policy/test-policy
tests_unit_policy_test_policy_SOURCES = tests/unit/policy/test-policy.c $(POLICY_GIVEN)
tests_unit_policy_test_policy_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_policy_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_policy_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-policy

check_PROGRAMS += tests/unit/policy/test-refusals
tests_unit_policy_test_refusals_SOURCES = tests/unit/policy/test-refusals.c $(POLICY_GIVEN)
tests_unit_policy_test_refusals_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_refusals_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_refusals_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-refusals

check_PROGRAMS += tests/unit/policy/test-warn
tests_unit_policy_test_warn_SOURCES = tests/unit/policy/test-warn.c $(POLICY_GIVEN)
tests_unit_policy_test_warn_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_warn_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_warn_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-warn

check_PROGRAMS += tests/unit/policy/test-alertmanager
tests_unit_policy_test_alertmanager_SOURCES = tests/unit/policy/test-alertmanager.c $(POLICY_GIVEN)
tests_unit_policy_test_alertmanager_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_alertmanager_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_alertmanager_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-alertmanager

check_PROGRAMS += tests/unit/policy/test-warn_oracle
tests_unit_policy_test_warn_oracle_SOURCES = tests/unit/policy/test-warn_oracle.c $(POLICY_GIVEN)
tests_unit_policy_test_warn_oracle_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_policy_test_warn_oracle_LDFLAGS = $(UNIT_LINK)
tests_unit_policy_test_warn_oracle_LDADD   = $(UNIT_SUPPORT) $(POLICY) $(CMOCKA_LIBS)
TESTS += tests/unit/policy/test-warn_oracle
