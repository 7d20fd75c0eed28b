# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/calendar/test-zone
tests_unit_calendar_test_zone_SOURCES = tests/unit/calendar/test-zone.c \
	tests/unit/calendar/given.c tests/unit/calendar/given.h
tests_unit_calendar_test_zone_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_calendar_test_zone_LDFLAGS = $(UNIT_LINK)
tests_unit_calendar_test_zone_LDADD   = $(UNIT_SUPPORT) $(CALENDAR) $(CMOCKA_LIBS)
TESTS += tests/unit/calendar/test-zone

check_PROGRAMS += tests/unit/calendar/test-calendar
tests_unit_calendar_test_calendar_SOURCES = tests/unit/calendar/test-calendar.c \
	tests/unit/calendar/given.c tests/unit/calendar/given.h
tests_unit_calendar_test_calendar_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_calendar_test_calendar_LDFLAGS = $(UNIT_LINK)
tests_unit_calendar_test_calendar_LDADD   = $(UNIT_SUPPORT) $(CALENDAR) $(CMOCKA_LIBS)
TESTS += tests/unit/calendar/test-calendar

check_PROGRAMS += tests/unit/calendar/test-oracle
tests_unit_calendar_test_oracle_SOURCES = tests/unit/calendar/test-oracle.c \
	tests/unit/calendar/given.c tests/unit/calendar/given.h
tests_unit_calendar_test_oracle_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_calendar_test_oracle_LDFLAGS = $(UNIT_LINK)
tests_unit_calendar_test_oracle_LDADD   = $(UNIT_SUPPORT) $(CALENDAR) $(CMOCKA_LIBS)
TESTS += tests/unit/calendar/test-oracle
