# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/sim/libsim.a
src_sim_libsim_a_SOURCES = \
	src/sim/asked.c \
	src/sim/calls.c \
	src/sim/clocks.c src/sim/clocks.h \
	src/sim/disk.c src/sim/disk.h \
	src/sim/events.c \
	src/sim/faults.c src/sim/faults.h \
	src/sim/faults_draw.c \
	src/sim/invariants.c src/sim/invariants.h \
	src/sim/invariants_step.c \
	src/sim/judge.c \
	src/sim/machine.c \
	src/sim/network.c src/sim/network.h \
	src/sim/scenario.c src/sim/scenario.h \
	src/sim/site.c src/sim/site.h \
	src/sim/state.h \
	src/sim/strategy.h \
	src/sim/tally.c src/sim/tally.h \
	src/sim/trace.c src/sim/trace.h \
	src/sim/vows.c \
	src/sim/wanted.c \
	src/sim/world.c src/sim/world.h
