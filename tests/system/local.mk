# SPDX-License-Identifier: GPL-3.0-or-later
#
# The package in booted systems: Debian's oldest and newest that it is for, each with a root of its own below
# tests/system/. As root, with mmdebstrap and systemd-nspawn; `make check-system`.

SYSTEM_TESTS = \
	tests/system/test-credentials.py \
	tests/system/test-doctor.py \
	tests/system/test-examples.py \
	tests/system/test-install.py \
	tests/system/test-life.py \
	tests/system/test-network.py \
	tests/system/test-sandbox.py \
	tests/system/test-setup.py \
	tests/system/test-sleep.py \
	tests/system/test-user.py \
	tests/system/test-varlink.py
dist_check_SCRIPTS += $(SYSTEM_TESTS)
TESTS += $(SYSTEM_TESTS)
EXTRA_DIST += tests/system/machine.py tests/system/scenes.py

clean-local: clean-system
clean-system:
	rm -rf tests/system/roots tests/system/packages tests/system/*.lock
.PHONY: clean-system
