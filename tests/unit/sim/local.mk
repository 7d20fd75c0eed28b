# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/sim/test-invariants
tests_unit_sim_test_invariants_SOURCES = tests/unit/sim/test-invariants.c
tests_unit_sim_test_invariants_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_sim_test_invariants_LDFLAGS = $(UNIT_LINK)
tests_unit_sim_test_invariants_LDADD   = $(SIM) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/sim/test-invariants

check_PROGRAMS += tests/unit/sim/test-faults
tests_unit_sim_test_faults_SOURCES = tests/unit/sim/test-faults.c
tests_unit_sim_test_faults_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_sim_test_faults_LDFLAGS = $(UNIT_LINK)
tests_unit_sim_test_faults_LDADD   = $(SIM) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/sim/test-faults

check_PROGRAMS += tests/unit/sim/test-world
tests_unit_sim_test_world_SOURCES = tests/unit/sim/test-world.c
tests_unit_sim_test_world_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_sim_test_world_LDFLAGS = $(UNIT_LINK)
tests_unit_sim_test_world_LDADD   = $(SIM) $(UNIT_SUPPORT) $(CMOCKA_LIBS)
TESTS += tests/unit/sim/test-world
