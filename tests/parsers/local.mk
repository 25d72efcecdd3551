# SPDX-License-Identifier: GPL-3.0-or-later
# Parsers of others: not part of make check, since they want packages.
EXTRA_DIST += tests/parsers/run tests/parsers/compare.py \
	tests/parsers/samples.py tests/parsers/with_gmime.py \
	tests/parsers/with_mailparser.js tests/parsers/with_mime_tools.pl \
	tests/parsers/with_python.py

check-parsers: all
	@$(installed_environment) $(SHELL) $(srcdir)/tests/parsers/run
.PHONY: check-parsers
