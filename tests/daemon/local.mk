# SPDX-License-Identifier: GPL-3.0-or-later
dist_check_SCRIPTS += \
	tests/daemon/test-adminkeyctl.py \
	tests/daemon/test-calendar.py \
	tests/daemon/test-chaos.py \
	tests/daemon/test-completions.sh \
	tests/daemon/test-control-server.py \
	tests/daemon/test-daemon.py \
	tests/daemon/test-flood.py \
	tests/daemon/test-network.py \
	tests/daemon/test-setup.py \
	tests/daemon/test-silent-resolver.py \
	tests/daemon/test-sleep.py \
	tests/daemon/test-status.py \
	tests/daemon/test-test-site.py \
	tests/daemon/test-verdicts.py \
	tests/daemon/test-window.py \
	tests/daemon/test-zones.py
EXTRA_DIST += tests/daemon/house.py tests/daemon/private_bus.py tests/daemon/site_truth.py
TESTS += \
	tests/daemon/test-adminkeyctl.py \
	tests/daemon/test-calendar.py \
	tests/daemon/test-chaos.py \
	tests/daemon/test-completions.sh \
	tests/daemon/test-control-server.py \
	tests/daemon/test-daemon.py \
	tests/daemon/test-flood.py \
	tests/daemon/test-network.py \
	tests/daemon/test-setup.py \
	tests/daemon/test-silent-resolver.py \
	tests/daemon/test-sleep.py \
	tests/daemon/test-status.py \
	tests/daemon/test-test-site.py \
	tests/daemon/test-verdicts.py \
	tests/daemon/test-window.py \
	tests/daemon/test-zones.py

check_PROGRAMS += tests/daemon/control-host
tests_daemon_control_host_SOURCES = tests/daemon/control-host.c
tests_daemon_control_host_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(SYSTEMD_CFLAGS)
tests_daemon_control_host_LDADD = $(HOST)

check_PROGRAMS += tests/daemon/mock-logind
tests_daemon_mock_logind_SOURCES = tests/daemon/mock-logind.c
tests_daemon_mock_logind_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_daemon_mock_logind_LDADD = $(BASE) $(SYSTEMD_LIBS)
