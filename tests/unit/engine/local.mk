# SPDX-License-Identifier: GPL-3.0-or-later
ENGINE_WORLD = tests/unit/engine/world.c tests/unit/engine/world.h

check_PROGRAMS += tests/unit/engine/test-engine
tests_unit_engine_test_engine_SOURCES = tests/unit/engine/test-engine.c $(ENGINE_WORLD)
tests_unit_engine_test_engine_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_engine_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_engine_LDADD   = $(UNIT_SUPPORT) $(ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-engine

check_PROGRAMS += tests/unit/engine/test-record
tests_unit_engine_test_record_SOURCES = tests/unit/engine/test-record.c
tests_unit_engine_test_record_CFLAGS  = $(UNIT_CFLAGS) $(JSON_CFLAGS)
tests_unit_engine_test_record_LDFLAGS = $(UNIT_LINK) \
	-Wl,--wrap=json_object_new_object -Wl,--wrap=json_object_new_string \
	-Wl,--wrap=json_object_new_int -Wl,--wrap=json_object_new_boolean \
	-Wl,--wrap=json_object_object_add -Wl,--wrap=json_object_to_json_string_ext \
	-Wl,--wrap=json_tokener_new_ex
tests_unit_engine_test_record_LDADD   = $(UNIT_SUPPORT) $(ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-record

check_PROGRAMS += tests/unit/engine/test-report
tests_unit_engine_test_report_SOURCES = tests/unit/engine/test-report.c
tests_unit_engine_test_report_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_report_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_report_LDADD   = $(UNIT_SUPPORT) $(ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-report
