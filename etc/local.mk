# SPDX-License-Identifier: GPL-3.0-or-later

# The example is documentation: nobody gets a policy without having written it.
dist_doc_DATA = etc/policy.yaml

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completions/adminkeyctl.bash
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = etc/completions/_adminkeyctl
