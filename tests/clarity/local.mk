# SPDX-License-Identifier: GPL-3.0-or-later
# What people do wrong, and what they are told.
TESTS += tests/clarity/mistakes.sh
EXTRA_DIST += tests/clarity/mistakes.sh
tests/clarity/mistakes.log: src/mailchute$(EXEEXT) tests/sink/sink$(EXEEXT)
