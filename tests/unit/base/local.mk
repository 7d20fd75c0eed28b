# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/base/test-bytes
tests_unit_base_test_bytes_SOURCES = tests/unit/base/test-bytes.c
tests_unit_base_test_bytes_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_bytes_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_bytes_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-bytes

check_PROGRAMS += tests/unit/base/test-error
tests_unit_base_test_error_SOURCES = tests/unit/base/test-error.c
tests_unit_base_test_error_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_error_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_error_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-error

check_PROGRAMS += tests/unit/base/test-random
tests_unit_base_test_random_SOURCES = tests/unit/base/test-random.c
tests_unit_base_test_random_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_random_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_random_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-random

check_PROGRAMS += tests/unit/base/test-secret
tests_unit_base_test_secret_SOURCES = tests/unit/base/test-secret.c
tests_unit_base_test_secret_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_secret_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_secret_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-secret

check_PROGRAMS += tests/unit/base/test-text
tests_unit_base_test_text_SOURCES = tests/unit/base/test-text.c
tests_unit_base_test_text_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_text_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_text_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-text

check_PROGRAMS += tests/unit/base/test-time
tests_unit_base_test_time_SOURCES = tests/unit/base/test-time.c
tests_unit_base_test_time_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_time_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_time_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-time

check_PROGRAMS += tests/unit/base/test-sha256
tests_unit_base_test_sha256_SOURCES = tests/unit/base/test-sha256.c
tests_unit_base_test_sha256_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_base_test_sha256_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_sha256_LDADD   = $(BASE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-sha256

check_PROGRAMS += tests/unit/base/test-json_text
tests_unit_base_test_json_text_SOURCES = tests/unit/base/test-json_text.c
tests_unit_base_test_json_text_CFLAGS  = $(UNIT_CFLAGS) $(JSON_CFLAGS)
tests_unit_base_test_json_text_LDFLAGS = $(UNIT_LINK)
tests_unit_base_test_json_text_LDADD   = $(UNIT_SUPPORT) $(BASE) $(CMOCKA_LIBS)
TESTS += tests/unit/base/test-json_text
