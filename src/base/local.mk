# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)
src_base_libbase_a_SOURCES = \
	src/base/bytes.c src/base/bytes.h \
	src/base/cleanup.h \
	src/base/error.c src/base/error.h \
	src/base/json_text.c src/base/json_text.h \
	src/base/random.c src/base/random.h \
	src/base/secret.c src/base/secret.h \
	src/base/sha256.c src/base/sha256.h \
	src/base/text.c src/base/text.h \
	src/base/time.c src/base/time.h
