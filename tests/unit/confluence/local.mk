# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/confluence/test-confluence
tests_unit_confluence_test_confluence_SOURCES = tests/unit/confluence/test-confluence.c
tests_unit_confluence_test_confluence_CFLAGS  = $(UNIT_CFLAGS) $(JSON_CFLAGS)
tests_unit_confluence_test_confluence_LDFLAGS = $(UNIT_LINK)
tests_unit_confluence_test_confluence_LDADD   = $(CONFLUENCE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/confluence/test-confluence

check_PROGRAMS += tests/unit/confluence/test-http_date
tests_unit_confluence_test_http_date_SOURCES = tests/unit/confluence/test-http_date.c
tests_unit_confluence_test_http_date_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_confluence_test_http_date_LDFLAGS = $(UNIT_LINK)
tests_unit_confluence_test_http_date_LDADD   = $(CONFLUENCE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/confluence/test-http_date

check_PROGRAMS += tests/unit/confluence/test-reader
tests_unit_confluence_test_reader_SOURCES = tests/unit/confluence/test-reader.c
tests_unit_confluence_test_reader_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_confluence_test_reader_LDFLAGS = $(UNIT_LINK)
tests_unit_confluence_test_reader_LDADD   = $(CONFLUENCE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/confluence/test-reader

check_PROGRAMS += tests/unit/confluence/test-verdict
tests_unit_confluence_test_verdict_SOURCES = tests/unit/confluence/test-verdict.c
tests_unit_confluence_test_verdict_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_confluence_test_verdict_LDFLAGS = $(UNIT_LINK)
tests_unit_confluence_test_verdict_LDADD   = $(CONFLUENCE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/confluence/test-verdict
