# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/calendar/libcalendar.a
src_calendar_libcalendar_a_SOURCES = \
	src/calendar/calendar.c src/calendar/calendar.h \
	src/calendar/interval.c src/calendar/interval.h \
	src/calendar/posix_rule.c src/calendar/posix_rule.h \
	src/calendar/set.c src/calendar/set.h \
	src/calendar/window.c src/calendar/window.h \
	src/calendar/zone.c src/calendar/zone.h
