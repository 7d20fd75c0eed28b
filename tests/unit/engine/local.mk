# SPDX-License-Identifier: GPL-3.0-or-later
ENGINE_WORLD = tests/unit/engine/world.c tests/unit/engine/world.h

check_PROGRAMS += tests/unit/engine/test-engine
tests_unit_engine_test_engine_SOURCES = tests/unit/engine/test-engine.c $(ENGINE_WORLD)
tests_unit_engine_test_engine_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_engine_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_engine_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-engine

check_PROGRAMS += tests/unit/engine/test-breaker
tests_unit_engine_test_breaker_SOURCES = tests/unit/engine/test-breaker.c
tests_unit_engine_test_breaker_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_breaker_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_breaker_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-breaker

check_PROGRAMS += tests/unit/engine/test-key
tests_unit_engine_test_key_SOURCES = tests/unit/engine/test-key.c
tests_unit_engine_test_key_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_key_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_key_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-key

check_PROGRAMS += tests/unit/engine/test-memory
tests_unit_engine_test_memory_SOURCES = tests/unit/engine/test-memory.c \
	tests/unit/calendar/given.c tests/unit/calendar/given.h
tests_unit_engine_test_memory_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_memory_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_memory_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-memory

check_PROGRAMS += tests/unit/engine/test-record
tests_unit_engine_test_record_SOURCES = tests/unit/engine/test-record.c
tests_unit_engine_test_record_CFLAGS  = $(UNIT_CFLAGS) $(JSON_CFLAGS)
tests_unit_engine_test_record_LDFLAGS = $(UNIT_LINK) \
	-Wl,--wrap=json_object_new_object -Wl,--wrap=json_object_new_string \
	-Wl,--wrap=json_object_new_int -Wl,--wrap=json_object_new_boolean \
	-Wl,--wrap=json_object_object_add -Wl,--wrap=json_object_to_json_string_ext \
	-Wl,--wrap=json_tokener_new_ex
tests_unit_engine_test_record_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-record

check_PROGRAMS += tests/unit/engine/test-renewal
tests_unit_engine_test_renewal_SOURCES = tests/unit/engine/test-renewal.c
tests_unit_engine_test_renewal_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_renewal_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_renewal_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-renewal

check_PROGRAMS += tests/unit/engine/test-report
tests_unit_engine_test_report_SOURCES = tests/unit/engine/test-report.c
tests_unit_engine_test_report_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_report_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_report_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-report

check_PROGRAMS += tests/unit/engine/test-retry
tests_unit_engine_test_retry_SOURCES = tests/unit/engine/test-retry.c
tests_unit_engine_test_retry_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_retry_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_retry_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-retry

check_PROGRAMS += tests/unit/engine/test-site_clock
tests_unit_engine_test_site_clock_SOURCES = tests/unit/engine/test-site_clock.c
tests_unit_engine_test_site_clock_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_site_clock_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_site_clock_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-site_clock

check_PROGRAMS += tests/unit/engine/test-chaos
tests_unit_engine_test_chaos_SOURCES = tests/unit/engine/test-chaos.c $(ENGINE_WORLD)
tests_unit_engine_test_chaos_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_chaos_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_chaos_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-chaos

check_PROGRAMS += tests/unit/engine/test-renewal_windows
tests_unit_engine_test_renewal_windows_SOURCES = tests/unit/engine/test-renewal_windows.c $(ENGINE_WORLD)
tests_unit_engine_test_renewal_windows_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_renewal_windows_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_renewal_windows_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-renewal_windows

check_PROGRAMS += tests/unit/engine/test-ask
tests_unit_engine_test_ask_SOURCES = tests/unit/engine/test-ask.c $(ENGINE_WORLD)
tests_unit_engine_test_ask_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_ask_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_ask_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-ask

check_PROGRAMS += tests/unit/engine/test-limits
tests_unit_engine_test_limits_SOURCES = tests/unit/engine/test-limits.c $(ENGINE_WORLD)
tests_unit_engine_test_limits_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_limits_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_limits_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-limits

check_PROGRAMS += tests/unit/engine/test-away
tests_unit_engine_test_away_SOURCES = tests/unit/engine/test-away.c $(ENGINE_WORLD)
tests_unit_engine_test_away_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_away_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_away_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-away

check_PROGRAMS += tests/unit/engine/test-doubt
tests_unit_engine_test_doubt_SOURCES = tests/unit/engine/test-doubt.c $(ENGINE_WORLD)
tests_unit_engine_test_doubt_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_doubt_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_doubt_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-doubt

check_PROGRAMS += tests/unit/engine/test-tell
tests_unit_engine_test_tell_SOURCES = tests/unit/engine/test-tell.c $(ENGINE_WORLD)
tests_unit_engine_test_tell_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_tell_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_tell_LDADD   = $(ENGINE) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-tell
