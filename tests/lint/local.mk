# SPDX-License-Identifier: GPL-3.0-or-later
lint_tests += tests/lint/layers.sh tests/lint/style.sh \
	tests/lint/man.sh tests/lint/potfiles.sh tests/lint/diag.sh tests/lint/lint_test.sh
TESTS += $(lint_tests)

# After all others, so that it sees what they printed.
check-local: check-TESTS
	@$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/tests/lint/secrets.sh

EXTRA_DIST += $(lint_tests) tests/lint/secrets.sh tests/passwords tests/lint/lint.sh tests/lint/code.awk \
	tests/lint/diag_hintless tests/lint/diag_unused tests/lint/unformatted .clang-format

# The tables, for man.sh.
check_PROGRAMS += tests/lint/tables
tests_lint_tables_SOURCES = tests/lint/tables.c
tests_lint_tables_LDADD = $(config_libs)
