# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/confluence/libconfluence.a
src_confluence_libconfluence_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
src_confluence_libconfluence_a_SOURCES = \
	src/confluence/confluence.c src/confluence/confluence.h \
	src/confluence/http_date.c src/confluence/http_date.h \
	src/confluence/reader.c \
	src/confluence/verdict.c src/confluence/verdict.h
