# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/host/libhost.a
src_host_libhost_a_SOURCES = \
	src/host/clock_watch.c src/host/clock_watch.h \
	src/host/control_server.c src/host/control_server.h \
	src/host/credential.c src/host/credential.h \
	src/host/curl_memory.c src/host/curl_memory.h \
	src/host/journal.c src/host/journal.h \
	src/host/ledger.c src/host/ledger.h \
	src/host/logind.c src/host/logind.h \
	src/host/loop.c src/host/loop.h \
	src/host/network_watch.c src/host/network_watch.h \
	src/host/notify.c src/host/notify.h \
	src/host/session_watch.c src/host/session_watch.h \
	src/host/site_client.c src/host/site_client.h \
	src/host/sleep_lock.c src/host/sleep_lock.h \
	src/host/unit_job.c src/host/unit_job.h \
	src/host/zone_watch.c src/host/zone_watch.h
src_host_libhost_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
