# SPDX-License-Identifier: GPL-3.0-or-later
#
# All but main.c is a library, so that tests can link it.
noinst_LIBRARIES += src/adminkeyd/libadminkeyd.a
src_adminkeyd_libadminkeyd_a_SOURCES = \
	src/adminkeyd/fleet.c src/adminkeyd/fleet.h \
	src/adminkeyd/keeper.c src/adminkeyd/keeper.h \
	src/adminkeyd/machine.c src/adminkeyd/machine.h \
	src/adminkeyd/manager.c src/adminkeyd/manager.h \
	src/adminkeyd/options.c src/adminkeyd/options.h \
	src/adminkeyd/policy_file.c src/adminkeyd/policy_file.h \
	src/adminkeyd/policy_journal.c src/adminkeyd/policy_journal.h \
	src/adminkeyd/revoke.c src/adminkeyd/revoke.h \
	src/adminkeyd/status_line.c src/adminkeyd/status_line.h \
	src/adminkeyd/surroundings.c src/adminkeyd/surroundings.h \
	src/adminkeyd/test_site.c src/adminkeyd/test_site.h \
	src/adminkeyd/test_site_text.c
src_adminkeyd_libadminkeyd_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(SYSTEMD_CFLAGS)

sbin_PROGRAMS += adminkeyd
adminkeyd_SOURCES = src/adminkeyd/main.c
adminkeyd_CFLAGS = $(AM_CFLAGS)
adminkeyd_LDADD = src/adminkeyd/libadminkeyd.a $(HOST)
