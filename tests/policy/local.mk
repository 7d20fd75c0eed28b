# SPDX-License-Identifier: GPL-3.0-or-later
dist_check_SCRIPTS += tests/policy/test-calendar.py tests/policy/test-explain.py tests/policy/test-simulate.py
TESTS += tests/policy/test-calendar.py tests/policy/test-explain.py tests/policy/test-simulate.py
