# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fuzz targets. `make check` replays the corpora in the tree; configured with --enable-fuzzers CC=clang,
# `make fuzz` runs each target on libFuzzer for FUZZ_SECONDS. A target NAME is a file fuzz-NAME.c, a folder
# corpus/NAME and four lines:
#
#     FUZZERS += tests/fuzz/fuzz-NAME
#     tests_fuzz_fuzz_NAME_SOURCES = tests/fuzz/fuzz-NAME.c
#     tests_fuzz_fuzz_NAME_LDADD = $(FUZZ_MAIN) $(the layer that it tests)
#     EXTRA_DIST += tests/fuzz/corpus/NAME

FUZZERS =
FUZZ_SECONDS = 60
FUZZ_FOUND = fuzz-found

if ENABLE_FUZZERS
FUZZ_MAIN = $(FUZZ_CFLAGS)
else
FUZZ_MAIN = tests/fuzz/libreplay.a
check_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
TESTS += $(FUZZERS)
endif
EXTRA_DIST += tests/fuzz/fuzz.h

FUZZERS += tests/fuzz/fuzz-policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz-policy.c tests/unit/policy/zones.c
tests_fuzz_fuzz_policy_LDADD = $(FUZZ_MAIN) $(POLICY)
EXTRA_DIST += tests/fuzz/corpus/policy

FUZZERS += tests/fuzz/fuzz-frame
tests_fuzz_fuzz_frame_SOURCES = tests/fuzz/fuzz-frame.c
tests_fuzz_fuzz_frame_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_fuzz_frame_LDADD = $(FUZZ_MAIN) $(CONTROL)
EXTRA_DIST += tests/fuzz/corpus/frame

FUZZERS += tests/fuzz/fuzz-record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz-record.c
tests_fuzz_fuzz_record_LDADD = $(FUZZ_MAIN) $(ENGINE)
EXTRA_DIST += tests/fuzz/corpus/record

FUZZERS += tests/fuzz/fuzz-reply
tests_fuzz_fuzz_reply_SOURCES = tests/fuzz/fuzz-reply.c
tests_fuzz_fuzz_reply_LDADD = $(FUZZ_MAIN) $(CONFLUENCE)
EXTRA_DIST += tests/fuzz/corpus/reply

FUZZERS += tests/fuzz/fuzz-engine
tests_fuzz_fuzz_engine_SOURCES = tests/fuzz/fuzz-engine.c
tests_fuzz_fuzz_engine_LDADD = $(FUZZ_MAIN) $(SIM)
EXTRA_DIST += tests/fuzz/corpus/engine

check_PROGRAMS += $(FUZZERS)

.PHONY: fuzz
fuzz: $(FUZZERS)
if ENABLE_FUZZERS
	@set -e; for fuzzer in $(FUZZERS); do \
		name=$${fuzzer##*/fuzz-}; \
		$(MKDIR_P) $(FUZZ_FOUND)/$$name; \
		echo "fuzz-$$name: $(FUZZ_SECONDS) s"; \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$(FUZZ_FOUND)/$$name- \
			$(FUZZ_FOUND)/$$name $(srcdir)/tests/fuzz/corpus/$$name; \
	done
else
	@echo "fuzz: configure with --enable-fuzzers CC=clang" >&2; exit 1
endif
