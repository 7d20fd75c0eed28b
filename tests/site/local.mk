# SPDX-License-Identifier: GPL-3.0-or-later
#
# The practice site: Confluence Cloud's admin-key API as documented, over TLS on loopback, with faults on demand.

if HAVE_MICROHTTPD
noinst_PROGRAMS += tests/site/practice-site
tests_site_practice_site_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(MICROHTTPD_CFLAGS) -pthread
tests_site_practice_site_LDADD = $(CONFLUENCE) $(MICROHTTPD_LIBS) -lpthread
tests_site_practice_site_SOURCES = \
	tests/site/accounts.c tests/site/accounts.h \
	tests/site/console.c tests/site/console.h \
	tests/site/faults.c tests/site/faults.h \
	tests/site/options.c tests/site/options.h \
	tests/site/practice-site.c \
	tests/site/site.h \
	tests/site/story-log.c tests/site/story-log.h \
	tests/site/web.c tests/site/web.h

TESTS += tests/site/test-practice-site.py
endif
EXTRA_DIST += tests/site/make-certificates tests/site/practice_site.py tests/site/story.py \
	tests/site/test-practice-site.py
