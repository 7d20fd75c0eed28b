# SPDX-License-Identifier: GPL-3.0-or-later
#
# The virtual world. `make check-simulation` runs the campaign; tests/replay tells the story of one seed.

check_PROGRAMS += tests/simulation/campaign tests/replay
tests_simulation_campaign_SOURCES = tests/simulation/campaign.c
tests_simulation_campaign_LDADD   = $(SIM)
tests_replay_SOURCES = tests/simulation/replay.c
tests_replay_LDADD   = $(SIM)
