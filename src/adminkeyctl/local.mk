# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += adminkeyctl
adminkeyctl_SOURCES = \
	src/adminkeyctl/arguments.c src/adminkeyctl/arguments.h \
	src/adminkeyctl/check.c \
	src/adminkeyctl/client.c src/adminkeyctl/client.h \
	src/adminkeyctl/exit_status.h \
	src/adminkeyctl/is_on.c \
	src/adminkeyctl/main.c \
	src/adminkeyctl/monitor.c src/adminkeyctl/monitor.h \
	src/adminkeyctl/notification.c src/adminkeyctl/notification.h \
	src/adminkeyctl/paint.c src/adminkeyctl/paint.h \
	src/adminkeyctl/reload.c \
	src/adminkeyctl/reply_text.h \
	src/adminkeyctl/status.c \
	src/adminkeyctl/status_text.c src/adminkeyctl/status_text.h \
	src/adminkeyctl/verb.c src/adminkeyctl/verb.h \
	src/adminkeyctl/view.c src/adminkeyctl/view.h \
	src/adminkeyctl/wait.c \
	src/adminkeyctl/watch.c
adminkeyctl_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
adminkeyctl_LDADD  = $(OS) $(CONTROL)
