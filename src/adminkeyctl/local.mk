# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += adminkeyctl
adminkeyctl_SOURCES = \
	src/adminkeyctl/arguments.c src/adminkeyctl/arguments.h \
	src/adminkeyctl/calendar.c \
	src/adminkeyctl/check.c \
	src/adminkeyctl/client.c src/adminkeyctl/client.h \
	src/adminkeyctl/daemon_path.c src/adminkeyctl/daemon_path.h \
	src/adminkeyctl/doctor.c src/adminkeyctl/doctor.h \
	src/adminkeyctl/doctor_access.c \
	src/adminkeyctl/doctor_credentials.c \
	src/adminkeyctl/doctor_machine.c \
	src/adminkeyctl/doctor_policy.c \
	src/adminkeyctl/doctor_service.c \
	src/adminkeyctl/doctor_site.c \
	src/adminkeyctl/explain.c \
	src/adminkeyctl/exit_status.h \
	src/adminkeyctl/hours.c src/adminkeyctl/hours.h \
	src/adminkeyctl/is_on.c \
	src/adminkeyctl/main.c \
	src/adminkeyctl/monitor.c src/adminkeyctl/monitor.h \
	src/adminkeyctl/notification.c src/adminkeyctl/notification.h \
	src/adminkeyctl/paint.c src/adminkeyctl/paint.h \
	src/adminkeyctl/picture.c src/adminkeyctl/picture.h \
	src/adminkeyctl/policy_input.c src/adminkeyctl/policy_input.h \
	src/adminkeyctl/progress.c src/adminkeyctl/progress.h \
	src/adminkeyctl/quote.c src/adminkeyctl/quote.h \
	src/adminkeyctl/reload.c \
	src/adminkeyctl/reply_text.h \
	src/adminkeyctl/setup.c \
	src/adminkeyctl/setup_answers.c src/adminkeyctl/setup_answers.h \
	src/adminkeyctl/setup_dialogue.c src/adminkeyctl/setup_dialogue.h \
	src/adminkeyctl/setup_policy.c src/adminkeyctl/setup_policy.h \
	src/adminkeyctl/setup_service.c src/adminkeyctl/setup_service.h \
	src/adminkeyctl/setup_store.c src/adminkeyctl/setup_store.h \
	src/adminkeyctl/setup_test.c src/adminkeyctl/setup_test.h \
	src/adminkeyctl/setup_url.c \
	src/adminkeyctl/setup_verdict.c \
	src/adminkeyctl/simulate.c \
	src/adminkeyctl/status.c \
	src/adminkeyctl/status_text.c src/adminkeyctl/status_text.h \
	src/adminkeyctl/transitions.c src/adminkeyctl/transitions.h \
	src/adminkeyctl/verb.c src/adminkeyctl/verb.h \
	src/adminkeyctl/view.c src/adminkeyctl/view.h \
	src/adminkeyctl/wait.c \
	src/adminkeyctl/watch.c \
	src/adminkeyctl/when.c src/adminkeyctl/when.h
adminkeyctl_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
adminkeyctl_LDADD  = src/sim/libsim.a $(CONTROL) $(OS)
