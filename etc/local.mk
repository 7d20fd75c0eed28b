# SPDX-License-Identifier: GPL-3.0-or-later

# The example is documentation: nobody gets a policy without having written it.
dist_doc_DATA = etc/policy.yaml
