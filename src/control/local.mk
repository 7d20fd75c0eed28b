# SPDX-License-Identifier: GPL-3.0-or-later
noinst_LIBRARIES += src/control/libcontrol.a
src_control_libcontrol_a_SOURCES = \
	src/control/bouncer.c src/control/bouncer.h \
	src/control/conversation.c src/control/conversation.h \
	src/control/frame.c src/control/frame.h \
	src/control/interface.h \
	src/control/json.c src/control/json.h \
	src/control/limits.h \
	src/control/message.c src/control/message.h \
	src/control/service.c src/control/service.h \
	src/control/source.h \
	src/control/status_json.c src/control/status_json.h \
	src/control/stream.c src/control/stream.h
nodist_src_control_libcontrol_a_SOURCES = src/control/interface.c
src_control_libcontrol_a_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS)

# The interfaces as they are served: the text of their files, name first.
INTERFACES = $(srcdir)/src/control/org.varlink.service.varlink $(srcdir)/etc/io.adminkeyd.Control.varlink
EXTRA_DIST += src/control/org.varlink.service.varlink etc/io.adminkeyd.Control.varlink
BUILT_SOURCES += src/control/interface.c
CLEANFILES += src/control/interface.c

src/control/interface.c: $(INTERFACES) src/control/local.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { \
	echo '/* Made from the .varlink files by src/control/local.mk. */'; \
	echo '#include "control/interface.h"'; \
	echo 'const struct interface interfaces[] = {'; \
	for file in $(INTERFACES); do \
		name=$${file##*/}; \
		echo "{ \"$${name%.varlink}\","; \
		sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' "$$file"; \
		echo '},'; \
	done; \
	echo '{0}, };'; } >$@.new && mv $@.new $@
