# SPDX-License-Identifier: GPL-3.0-or-later
#
# Unit tests: one program a module, linked with its layer and what is below, and nothing else.

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_SUPPORT = tests/unit/libunit.a

# allocation.c: makes the n-th allocation of the tested code fail. -u: it is linked in any case, since the
# coverage library, which comes last, allocates too.
UNIT_LINK = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,-u,__wrap_malloc

if HAVE_CMOCKA
check_LIBRARIES += tests/unit/libunit.a
tests_unit_libunit_a_SOURCES = \
	tests/unit/allocation.c tests/unit/allocation.h \
	tests/unit/directory.c tests/unit/directory.h
tests_unit_libunit_a_CFLAGS = $(UNIT_CFLAGS)

include tests/unit/base/local.mk
include tests/unit/calendar/local.mk
include tests/unit/policy/local.mk
include tests/unit/confluence/local.mk
include tests/unit/engine/local.mk
include tests/unit/control/local.mk
include tests/unit/sim/local.mk
include tests/unit/os/local.mk
include tests/unit/host/local.mk
endif
