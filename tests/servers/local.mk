# SPDX-License-Identifier: GPL-3.0-or-later
# Real servers: not part of make check, since they want root and packages.
EXTRA_DIST += tests/servers/run tests/servers/postfix.sh \
	tests/servers/postfix_cases.sh tests/lib/client.sh \
	tests/lib/message.sh tests/lib/pki.sh tests/lib/sandbox.sh \
	tests/lib/tap.sh

check-servers: all
	@$(AM_TESTS_ENVIRONMENT) \
	PACKAGES='$(abs_top_builddir)/tests/packages'; export PACKAGES; \
	$(SHELL) $(srcdir)/tests/servers/run
.PHONY: check-servers
