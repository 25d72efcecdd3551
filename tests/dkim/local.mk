# SPDX-License-Identifier: GPL-3.0-or-later
# Verifiers of others: not part of make check, since they want packages.
EXTRA_DIST += tests/dkim/run tests/dkim/dkim_cases.sh tests/dkim/dkimpy.py \
	tests/dkim/mail_dkim.pl tests/dkim/messages.py

check-dkim: all tests/sink/sink
	@$(installed_environment) $(SHELL) $(srcdir)/tests/dkim/run
.PHONY: check-dkim
