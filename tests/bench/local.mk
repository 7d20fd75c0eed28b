# SPDX-License-Identifier: GPL-3.0-or-later
#
# Benchmarks: `make bench` runs those in BENCHES one after another and prints their tables. They are no tests:
# a busy machine fails nothing. To add one, put its program or its script into BENCHES.

BENCHES = tests/bench/bench-calendar tests/bench/bench-transitions.py tests/bench/bench-peers
bench_programs = tests/bench/bench-calendar tests/bench/bench-peers tests/bench/calendar-walk

EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/bench-transitions.py
BENCH_SUPPORT = tests/bench/measure.c tests/bench/measure.h tests/bench/policies.c tests/bench/policies.h

tests_bench_bench_calendar_SOURCES = tests/bench/bench-calendar.c $(BENCH_SUPPORT)
tests_bench_bench_calendar_LDADD = $(OS) $(POLICY)

tests_bench_bench_peers_SOURCES = tests/bench/bench-peers.c tests/bench/habits.c tests/bench/habits.h \
	tests/bench/peers.c tests/bench/peers.h $(BENCH_SUPPORT)
tests_bench_bench_peers_LDADD = $(SIM)

tests_bench_calendar_walk_SOURCES = tests/bench/calendar-walk.c
tests_bench_calendar_walk_LDADD = $(OS) $(POLICY)

.PHONY: bench
bench: all $(bench_programs)
	@set -e; $(AM_TESTS_ENVIRONMENT) for bench in $(BENCHES); do \
		case $$bench in \
		*.py) $(PYTHON) $(srcdir)/$$bench ;; \
		*) $$bench ;; \
		esac; \
	done
CLEANFILES += $(bench_programs)
