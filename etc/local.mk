# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the system around the programs needs. Files with @directory@ names in them are finished by make, which
# alone knows where bindir and its like end up.

systemdsystemunit_DATA = etc/adminkeyd.service etc/adminkeyd-revoke.service
systemduserunit_DATA = etc/user/adminkeyd.service etc/user/adminkeyd-revoke.service
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = etc/sysusers.d/adminkeyd.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
tmpfiles_DATA = etc/tmpfiles.d/adminkeyd.conf
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = etc/adminkeyd.catalog
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/policy.yaml \
	etc/examples/backup-with-key.service \
	etc/examples/backup-with-key.timer \
	etc/examples/many-workstations.txt \
	etc/examples/tell-admins@.service
varlinkdir = $(datadir)/varlink
dist_varlink_DATA = etc/io.adminkeyd.Control.varlink
dist_doc_DATA = README NEWS

if NOTIFY_RELOAD
notifyreloaddir = $(systemdsystemunitdir)/adminkeyd.service.d
notifyreload_DATA = etc/adminkeyd.service.d/notify-reload.conf
endif
EXTRA_DIST += etc/adminkeyd.service.d/notify-reload.conf

FINISHED = $(systemdsystemunit_DATA) $(systemduserunit_DATA) $(tmpfiles_DATA)

$(FINISHED): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed \
		-e 's|@bindir[@]|$(bindir)|g' \
		-e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' $< >$@.new && mv $@.new $@

EXTRA_DIST += $(FINISHED:=.in)
CLEANFILES += $(FINISHED)

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completions/adminkeyctl.bash
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = etc/completions/_adminkeyctl
