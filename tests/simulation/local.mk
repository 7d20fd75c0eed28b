# SPDX-License-Identifier: GPL-3.0-or-later
#
# The virtual world. `make check-simulation` runs the campaign, and the engine with each rule broken in turn;
# tests/replay tells the story of one seed.

SIMULATION_SEED = tests/simulation/seed.c tests/simulation/seed.h

check_PROGRAMS += tests/simulation/campaign tests/replay
tests_simulation_campaign_SOURCES = tests/simulation/campaign.c $(SIMULATION_SEED)
tests_simulation_campaign_LDADD   = $(SIM)
tests_replay_SOURCES = tests/simulation/replay.c $(SIMULATION_SEED)
tests_replay_LDADD   = $(SIM)
TESTS += tests/simulation/campaign

# The same worlds, and an engine with broken rules in the place of the engine.
check_PROGRAMS += tests/simulation/mutants
tests_simulation_mutants_SOURCES = tests/simulation/mutants.c
tests_simulation_mutants_CPPFLAGS = $(AM_CPPFLAGS) -DENGINE_MUTANTS
tests_simulation_mutants_LDADD   = $(SIM:src/engine/libengine.a=src/engine/libmutants.a)
TESTS += tests/simulation/mutants
