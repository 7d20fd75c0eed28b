# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/host/libhost.a
src_host_libhost_a_SOURCES = \
	src/host/control_server.c src/host/control_server.h
src_host_libhost_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
