# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/unit/host/test-credential
tests_unit_host_test_credential_SOURCES = tests/unit/host/test-credential.c
tests_unit_host_test_credential_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_host_test_credential_LDFLAGS = $(UNIT_LINK)
tests_unit_host_test_credential_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-credential

check_PROGRAMS += tests/unit/host/test-ledger
tests_unit_host_test_ledger_SOURCES = tests/unit/host/test-ledger.c
tests_unit_host_test_ledger_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_host_test_ledger_LDFLAGS = $(UNIT_LINK)
tests_unit_host_test_ledger_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-ledger

check_PROGRAMS += tests/unit/host/test-clock_watch
tests_unit_host_test_clock_watch_SOURCES = tests/unit/host/test-clock_watch.c
tests_unit_host_test_clock_watch_CFLAGS  = $(UNIT_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_host_test_clock_watch_LDFLAGS = $(UNIT_LINK) \
	-Wl,--wrap=timerfd_create -Wl,--wrap=timerfd_settime -Wl,--wrap=read
tests_unit_host_test_clock_watch_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-clock_watch

check_PROGRAMS += tests/unit/host/test-network_watch
tests_unit_host_test_network_watch_SOURCES = tests/unit/host/test-network_watch.c
tests_unit_host_test_network_watch_CFLAGS  = $(UNIT_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_host_test_network_watch_LDFLAGS = $(UNIT_LINK) \
	-Wl,--wrap=socket -Wl,--wrap=bind -Wl,--wrap=recvfrom
tests_unit_host_test_network_watch_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-network_watch

check_PROGRAMS += tests/unit/host/test-logind
tests_unit_host_test_logind_SOURCES = tests/unit/host/test-logind.c
tests_unit_host_test_logind_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_host_test_logind_LDFLAGS = $(UNIT_LINK)
tests_unit_host_test_logind_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-logind

check_PROGRAMS += tests/unit/host/test-unit_job
tests_unit_host_test_unit_job_SOURCES = tests/unit/host/test-unit_job.c
tests_unit_host_test_unit_job_CFLAGS  = $(UNIT_CFLAGS)
tests_unit_host_test_unit_job_LDFLAGS = $(UNIT_LINK)
tests_unit_host_test_unit_job_LDADD   = $(UNIT_SUPPORT) $(HOST) $(CMOCKA_LIBS)
TESTS += tests/unit/host/test-unit_job
