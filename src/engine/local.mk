# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/engine/libengine.a
src_engine_libengine_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
ENGINE_SOURCES = \
	src/engine/ask.c src/engine/ask.h \
	src/engine/away.c \
	src/engine/breaker.c src/engine/breaker.h \
	src/engine/cause.c src/engine/cause.h \
	src/engine/demand.c src/engine/demand.h \
	src/engine/engine.c src/engine/engine.h \
	src/engine/flight.c \
	src/engine/goal.c src/engine/goal.h \
	src/engine/key.c src/engine/key.h \
	src/engine/memory.c \
	src/engine/mutant.h \
	src/engine/plan.c \
	src/engine/record.c src/engine/record.h \
	src/engine/renewal.c src/engine/renewal.h \
	src/engine/renewal_windows.c src/engine/renewal_windows.h \
	src/engine/replies.c \
	src/engine/report.c src/engine/report.h \
	src/engine/retry.c src/engine/retry.h \
	src/engine/site_clock.c src/engine/site_clock.h \
	src/engine/state.h \
	src/engine/status.c src/engine/status.h \
	src/engine/stop.c \
	src/engine/tell.c \
	src/engine/usage.c src/engine/usage.h
src_engine_libengine_a_SOURCES = $(ENGINE_SOURCES)

# The engine with rules that a test can break (mutant.h). Only tests are linked with it, in libengine.a's place.
check_LIBRARIES += src/engine/libmutants.a
src_engine_libmutants_a_CPPFLAGS = $(AM_CPPFLAGS) -DENGINE_MUTANTS
src_engine_libmutants_a_CFLAGS   = $(AM_CFLAGS) $(JSON_CFLAGS)
src_engine_libmutants_a_SOURCES  = $(ENGINE_SOURCES)
