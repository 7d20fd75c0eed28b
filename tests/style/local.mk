# SPDX-License-Identifier: GPL-3.0-or-later
dist_check_SCRIPTS += \
	tests/style/test-layers.py \
	tests/style/test-manual.py \
	tests/style/test-packages.sh \
	tests/style/test-text.sh \
	tests/style/test-binaries.sh \
	tests/style/test-units.sh
EXTRA_DIST += tests/style/tap.py tests/style/tap.sh
TESTS += \
	tests/style/test-binaries.sh \
	tests/style/test-layers.py \
	tests/style/test-manual.py \
	tests/style/test-packages.sh \
	tests/style/test-text.sh \
	tests/style/test-units.sh
