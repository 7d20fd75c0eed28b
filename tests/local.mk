# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every test speaks TAP. Programs carry no ending, scripts .sh or .py; each folder adds its own to TESTS.

TEST_EXTENSIONS = .sh .py
TAP_DRIVER    = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER    = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
PY_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(BASH)
PY_LOG_COMPILER = $(PYTHON)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;
BASH = bash

include tests/unit/local.mk
include tests/simulation/local.mk
include tests/fuzz/local.mk
include tests/site/local.mk
include tests/daemon/local.mk
include tests/policy/local.mk
include tests/system/local.mk
include tests/bench/local.mk
include tests/style/local.mk

# The tests of one folder: make check-unit, check-daemon ... Each leaves its summary in tests/KIND.log.
TEST_KINDS = unit simulation fuzz site daemon policy system style
CHECK_KINDS = $(TEST_KINDS:%=check-%)
$(CHECK_KINDS): check-%:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter tests/$*/%,$(TESTS))' TEST_SUITE_LOG=tests/$*.log

# Everything, the programs of the tests too, built and not run.
check-programs: all
	$(MAKE) $(AM_MAKEFLAGS) $(check_LIBRARIES) $(check_PROGRAMS)

# The unit tests once more, under valgrind: an error or a leak fails the test. Of what repeats itself from seed to seed,
# a part will do.
check-valgrind:
	ORACLE_QUESTIONS=2000 ORACLE_POLICIES=20 WORLD_SEEDS=200 $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS='$(filter tests/unit/%,$(TESTS))' TEST_SUITE_LOG=tests/valgrind.log \
		LOG_COMPILER='$(VALGRIND)' \
		AM_LOG_FLAGS='-q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99'

# What takes minutes: random worlds and questions by the million, from seeds that nobody has tried yet.
SOAK_SEED = $$(date +%s)
soak: check-programs
	ORACLE_SEED=$(SOAK_SEED)000 ORACLE_QUESTIONS=10000000 tests/unit/calendar/test-oracle
	CAMPAIGN_SEED=$(SOAK_SEED)000 CAMPAIGN_YEARS=20000 tests/simulation/campaign
	CHAOS_SEED=$(SOAK_SEED) CHAOS_SECONDS=640 $(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/daemon/test-chaos.py

# Lines and branches that the tests reach, a line a file.
if ENABLE_COVERAGE
coverage: check
	@command -v gcovr >/dev/null || { echo 'coverage: install gcovr (Debian, Fedora)' >&2; exit 1; }
	gcovr --root $(top_srcdir) --object-directory . --filter '$(abs_top_srcdir)/src/' --print-summary
else
coverage:
	@echo 'coverage: configure with --enable-coverage' >&2; exit 1
endif

.PHONY: $(CHECK_KINDS) check-programs check-valgrind soak coverage
CLEANFILES += $(TEST_KINDS:%=tests/%.log) tests/valgrind.log
