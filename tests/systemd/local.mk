# SPDX-License-Identifier: GPL-3.0-or-later
# The units, and a boot of them.
TESTS += tests/systemd/units.sh
EXTRA_DIST += tests/systemd/units.sh tests/systemd/run tests/systemd/boot.sh \
	tests/systemd/cases.sh
tests/systemd/units.log: src/mailchute$(EXEEXT)

# Needs root and Debian: not a part of check.
check-systemd: all tests/sink/sink$(EXEEXT)
	MAILCHUTE='$(abs_builddir)/src/mailchute' \
		PACKAGES='$(abs_builddir)/tests/packages' \
		'$(srcdir)/tests/systemd/run'
.PHONY: check-systemd
