# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/os/libos.a
src_os_libos_a_SOURCES = \
	src/os/clock.c src/os/clock.h \
	src/os/descriptor.h \
	src/os/file.c src/os/file.h \
	src/os/locked_memory.c src/os/locked_memory.h \
	src/os/paths.c src/os/paths.h \
	src/os/process.c src/os/process.h \
	src/os/prompt.c src/os/prompt.h \
	src/os/seed.c src/os/seed.h \
	src/os/socket.c src/os/socket.h \
	src/os/terminal.c src/os/terminal.h \
	src/os/user.c src/os/user.h \
	src/os/zone_file.c src/os/zone_file.h
