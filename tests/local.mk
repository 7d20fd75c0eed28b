# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every test speaks TAP. Programs carry no ending, scripts .sh or .py; each folder adds its own to TESTS.

TEST_EXTENSIONS = .sh .py
TAP_DRIVER    = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER    = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
PY_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(BASH)
PY_LOG_COMPILER = $(PYTHON)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE;
BASH = bash

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/site/local.mk
include tests/daemon/local.mk
include tests/style/local.mk
