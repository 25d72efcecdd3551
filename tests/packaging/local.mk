# SPDX-License-Identifier: GPL-3.0-or-later
# What is made for shells, editors and distributions.  The packages themselves
# are built by tests/packaging/run, which wants root and packages.
TESTS += tests/packaging/shells.sh tests/packaging/editors.sh \
	tests/packaging/links.sh tests/packaging/network.sh
EXTRA_DIST += tests/packaging/shells.sh tests/packaging/editors.sh \
	tests/packaging/links.sh tests/packaging/network.sh \
	tests/packaging/tools.sh \
	tests/packaging/complete.bash tests/packaging/complete.zsh \
	tests/packaging/run tests/packaging/debian_chroot \
	tests/packaging/debian_cases.sh

check-packaging: all
	@$(installed_environment) $(SHELL) $(srcdir)/tests/packaging/run
.PHONY: check-packaging
