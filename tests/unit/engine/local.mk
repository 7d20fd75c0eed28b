# SPDX-License-Identifier: GPL-3.0-or-later
ENGINE_WORLD = tests/unit/engine/world.c tests/unit/engine/world.h

check_PROGRAMS += tests/unit/engine/test-engine
tests_unit_engine_test_engine_SOURCES = tests/unit/engine/test-engine.c $(ENGINE_WORLD)
tests_unit_engine_test_engine_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_engine_test_engine_LDFLAGS = $(UNIT_LINK)
tests_unit_engine_test_engine_LDADD   = $(UNIT_SUPPORT) $(ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/engine/test-engine
