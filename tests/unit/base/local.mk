# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/base/test-time
tests_unit_base_test_time_SOURCES = tests/unit/base/test-time.c
tests_unit_base_test_time_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_time_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_time_LDADD   = $(UNIT_SUPPORT) $(BASE) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-time
