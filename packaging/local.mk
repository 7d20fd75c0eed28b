# SPDX-License-Identifier: GPL-3.0-or-later
EXTRA_DIST += \
	packaging/build-deb \
	packaging/build-rpm \
	packaging/debian/adminkeyd.lintian-overrides \
	packaging/debian/adminkeyd.postrm \
	packaging/debian/adminkeyd.prerm \
	packaging/debian/changelog \
	packaging/debian/control \
	packaging/debian/copyright \
	packaging/debian/rules \
	packaging/debian/source/format \
	packaging/rpm/adminkeyd.spec \
	packaging/rpm/rpmlint.toml \
	packaging/tree.sh
