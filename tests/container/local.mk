# SPDX-License-Identifier: GPL-3.0-or-later
# Containers: not part of make check, since they want root and packages.
EXTRA_DIST += tests/container/run tests/container/cases.sh tests/container/apk \
	tests/container/build.py tests/container/contain.py \
	tests/container/pod.py tests/container/fcgi.py

check-container: all tests/sink/sink
	@$(installed_environment) $(SHELL) $(srcdir)/tests/container/run
.PHONY: check-container
