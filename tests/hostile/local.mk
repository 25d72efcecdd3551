# SPDX-License-Identifier: GPL-3.0-or-later
# Some of it waits for deadlines: not part of make check.
EXTRA_DIST += tests/hostile/hostile.sh

check-hostile:
	@$(MAKE) check TESTS=tests/hostile/hostile.sh
.PHONY: check-hostile
