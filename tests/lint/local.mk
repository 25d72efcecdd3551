# SPDX-License-Identifier: GPL-3.0-or-later
lint_tests += tests/lint/layers.sh tests/lint/style.sh \
	tests/lint/potfiles.sh tests/lint/diag.sh tests/lint/lint_test.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) tests/lint/lint.sh tests/lint/code.awk \
	tests/lint/diag_unused tests/lint/unformatted .clang-format
