# SPDX-License-Identifier: GPL-3.0-or-later
# What people do wrong, and what they are told.
TESTS += tests/clarity/mistakes.sh
EXTRA_DIST += tests/clarity/mistakes.sh
tests/clarity/mistakes.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)

# Faults made real: not part of make check, since they want root and packages.
EXTRA_DIST += tests/clarity/run tests/clarity/faults_cases.sh
check-clarity: all tests/sink/sink$(EXEEXT)
	@$(installed_environment) $(SHELL) $(srcdir)/tests/clarity/run
.PHONY: check-clarity
