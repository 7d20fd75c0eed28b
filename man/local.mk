# SPDX-License-Identifier: GPL-3.0-or-later
dist_man_MANS += \
	man/adminkeyd.8 \
	man/adminkeyctl.1 \
	man/adminkeyd-policy.5 \
	man/adminkeyd-control.7
